import type { Connection, Statement } from './database.ts';

/** The prepared statements of a connection, each made when it is first needed. */
export class Statements {
  readonly #connection: Connection;
  readonly #prepared = new Map<string, Statement>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Rows as objects by column name. */
  rows<Row>(sql: string): Statement<Row> {
    return this.#prepare(sql) as Statement<Row>;
  }

  /** The first column of each row. */
  values<Value>(sql: string): Statement<Value> {
    return this.#prepare(sql, true) as Statement<Value>;
  }

  #prepare(sql: string, pluck = false): Statement {
    const known = this.#prepared.get(sql);
    if (known) return known;
    const statement = this.#connection.prepare(sql);
    if (pluck) statement.pluck();
    this.#prepared.set(sql, statement);
    return statement;
  }
}
