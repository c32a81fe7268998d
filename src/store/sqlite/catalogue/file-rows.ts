import { hour as hourMs, type UnixMs } from '../../../model/units.ts';
import { headFileName, type UnixHour } from '../files/data-dir.ts';
import type { Statements } from '../files/statements.ts';

/** Life of a head: open → sealed (written no more) → compacted (its chunks count, the file goes). Any may be removed. */
export type FileState = 'open' | 'sealed' | 'compacted' | 'removed';
export type FileKind = 'head' | 'detail' | 'roll1h' | 'roll1d';

export interface FileRow {
  readonly id: number;
  readonly name: string;
  readonly kind: FileKind;
  readonly fromMs: UnixMs;
  readonly toMs: UnixMs;
  readonly state: FileState;
  readonly generation: number;
}

const columns = 'id, name, kind, from_ms AS fromMs, to_ms AS toMs, state, generation';

/** The list of files in `meta.db`. */
export class FileRows {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  /** All but those that are being removed, oldest first, generation by generation. */
  all(): FileRow[] {
    return this.#sql
      .rows<FileRow>(`SELECT ${columns} FROM file WHERE state <> 'removed' ORDER BY from_ms, generation, id`)
      .all();
  }

  /** All of a kind, oldest first, generation by generation. */
  ofKind(kind: FileKind): FileRow[] {
    return this.#sql.rows<FileRow>(`SELECT ${columns} FROM file WHERE kind = ? ORDER BY from_ms, generation`).all(kind);
  }

  inState(state: FileState): FileRow[] {
    return this.#sql.rows<FileRow>(`SELECT ${columns} FROM file WHERE state = ? ORDER BY from_ms`).all(state);
  }

  /** The number of the newest head of an hour; 0 when there is none. */
  lastGeneration(hour: UnixHour): number {
    return (
      this.#sql
        .values<number | null>(`SELECT max(generation) FROM file WHERE kind = 'head' AND from_ms = ?`)
        .get(hour * hourMs) ?? 0
    );
  }

  addHead(hour: UnixHour, generation: number): FileRow {
    const row = { name: headFileName(hour, generation), fromMs: hour * hourMs, toMs: (hour + 1) * hourMs, generation };
    const { lastInsertRowid } = this.#sql
      .rows(`INSERT INTO file (name, kind, from_ms, to_ms, state, generation) VALUES (?, 'head', ?, ?, 'open', ?)`)
      .run(row.name, row.fromMs, row.toMs, generation);
    return { id: Number(lastInsertRowid), kind: 'head', state: 'open', ...row };
  }

  setState(id: number, state: FileState): void {
    this.#sql.rows('UPDATE file SET state = ? WHERE id = ?').run(state, id);
  }

  forget(id: number): void {
    this.#sql.rows('DELETE FROM file WHERE id = ?').run(id);
  }
}
