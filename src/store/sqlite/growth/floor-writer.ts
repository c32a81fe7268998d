import type { DurationMs } from '../../../model/units.ts';
import type { FloorOrigin, FunctionFloor, ProcessFloors } from '../../growth-store.ts';
import { ByteReader, ByteWriter } from '../encoding/bytes.ts';
import type { Statements } from '../files/statements.ts';
import { type FloorColumns, mergeColumns } from './floor-columns.ts';
import type { GrowthNames } from './names.ts';
import { openFormat, readOpenFloor, writeOpenFloor } from './open-floor.ts';

export const originCodes: Readonly<Record<FloorOrigin, number>> = { live: 0, import: 1 };

const findSql = 'SELECT data FROM floor_open WHERE bucket_ms = ? AND bucket = ? AND process = ? AND origin = ?';
const saveSql = `INSERT INTO floor_open (bucket_ms, bucket, process, origin, format, data) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET format = excluded.format, data = excluded.data`;

/** Writes floors of buckets that may still change. Works inside a transaction of its caller. */
export class FloorWriter {
  readonly #sql: Statements;
  readonly #names: GrowthNames;
  readonly #writer = new ByteWriter();

  constructor(sql: Statements, names: GrowthNames) {
    this.#sql = sql;
    this.#names = names;
  }

  save(bucketMs: DurationMs, origin: FloorOrigin, floors: readonly ProcessFloors[]): void {
    const find = this.#sql.values<Uint8Array>(findSql);
    const save = this.#sql.rows(saveSql);
    const code = originCodes[origin];
    for (const floor of floors) {
      const { workload, process, bucket } = floor;
      const fromMs = bucket * bucketMs;
      const row = this.#names.process(this.#names.workload(workload), process, fromMs, fromMs + bucketMs);
      const given = this.#columnsOf(floor, fromMs);
      const stored = find.get(bucketMs, bucket, row, code);
      this.#writer.reset();
      writeOpenFloor(this.#writer, stored ? mergeColumns(readOpenFloor(new ByteReader(stored)), given) : given);
      save.run(bucketMs, bucket, row, code, openFormat, this.#writer.bytes());
    }
  }

  #columnsOf({ process, heap, goroutines, functions }: ProcessFloors, atMs: number): FloorColumns {
    const rows = functions.map(({ id, name }) => this.#names.function(id, name, atMs));
    const order = rows.map((_, at) => at).sort((a, b) => (rows[a] as number) - (rows[b] as number));
    const columns = {
      heap,
      goroutines,
      functions: order.map((at) => rows[at] as number),
      bytes: order.map((at) => (functions[at] as FunctionFloor).bytes),
      objects: order.map((at) => (functions[at] as FunctionFloor).objects),
      allocBytes: order.map((at) => (functions[at] as FunctionFloor).allocBytes),
    };
    const twice = columns.functions.findIndex((row, at) => row === columns.functions[at - 1]);
    if (twice < 0) return columns;
    throw new Error(`floors of process ${process.id} name ${functions[order[twice] as number]?.name} twice`);
  }
}
