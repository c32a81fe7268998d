import type { Workload } from '../../../model/growth.ts';
import type { DurationMs, UnixMs } from '../../../model/units.ts';
import type { FloorProcess, FloorQuery, FunctionFloor, ProcessFloors } from '../../growth-store.ts';
import { ByteReader } from '../encoding/bytes.ts';
import type { Connection } from '../files/database.ts';
import type { Statements } from '../files/statements.ts';
import { bucketsPerBlock } from './block.ts';
import type { BlockRows } from './block-rows.ts';
import { type FloorColumns, mergeColumns } from './floor-columns.ts';
import { originCodes } from './floor-writer.ts';
import type { FunctionNames } from './names.ts';
import { readOpenFloor } from './open-floor.ts';

interface ProcessRow extends Workload, FloorProcess {
  readonly row: number;
  readonly fromMs: UnixMs;
  readonly toMs: UnixMs;
}

/** A process as it is told, with what is being read of it. */
interface Reading {
  readonly workload: Workload;
  readonly process: FloorProcess;
  readonly byBucket: Map<number, FloorColumns>;
  /** Of the bucket before: functions seldom change from one to the next. */
  listed: Listed;
}

/** Where the functions of some columns lie, in the order in which they are told. */
interface Listed {
  readonly functions: readonly number[];
  readonly order: readonly { readonly at: number; readonly id: string; readonly name: string }[];
}

interface OpenRow {
  readonly origin: number;
  readonly data: Uint8Array;
}

/** Floors by the block: a block of all processes that are asked for is in memory, as columns. */
export class FloorReader {
  readonly #connection: Connection;
  readonly #sql: Statements;
  readonly #blocks: BlockRows;
  readonly #names: FunctionNames;

  constructor(connection: Connection, sql: Statements, blocks: BlockRows, names: FunctionNames) {
    this.#connection = connection;
    this.#sql = sql;
    this.#blocks = blocks;
    this.#names = names;
  }

  *floors(query: FloorQuery): Generator<ProcessFloors> {
    const { bucketMs } = query;
    const rows = this.#processes(query);
    const oldestMs = rows.reduce((least, { fromMs }) => Math.min(least, fromMs), Number.POSITIVE_INFINITY);
    const newestMs = rows.reduce((most, { toMs }) => Math.max(most, toMs), Number.NEGATIVE_INFINITY);
    const from = Math.max(query.from, Math.floor(oldestMs / bucketMs));
    const to = Math.min(query.to, Math.ceil(newestMs / bucketMs));
    for (let block = Math.floor(from / bucketsPerBlock); block * bucketsPerBlock < to; block++) {
      const [startMs, endMs] = [block, block + 1].map((at) => at * bucketsPerBlock * bucketMs) as [UnixMs, UnixMs];
      const active = rows.filter(({ fromMs, toMs }) => fromMs < endMs && toMs > startMs);
      if (active.length > 0) yield* this.#block(active, block, { ...query, from, to });
    }
  }

  workloads({ bucketMs, from, to }: Omit<FloorQuery, 'workload'>): Workload[] {
    return this.#sql
      .rows<Workload>(
        `SELECT namespace, kind AS workloadKind, workload, container FROM growth_workload WHERE id IN
           (SELECT workload FROM growth_process WHERE to_ms > ? AND from_ms < ?)
         ORDER BY namespace, kind, workload, container`,
      )
      .all(from * bucketMs, to * bucketMs);
  }

  /** By process id, then by workload: the order within a bucket. */
  #processes({ bucketMs, workload, from, to }: FloorQuery): ProcessRow[] {
    const of = workload ? 'AND namespace = ? AND kind = ? AND w.workload = ? AND container = ?' : '';
    const { namespace = '', workloadKind = '', workload: name = '', container = '' } = workload ?? {};
    const rows = this.#sql
      .rows<ProcessRow & { startedMs: UnixMs | null }>(
        `SELECT p.id AS row, p.identity AS id, slot, pod, revision, started_ms AS startedMs, from_ms AS fromMs,
           to_ms AS toMs, namespace, kind AS workloadKind, w.workload, container
         FROM growth_workload w JOIN growth_process p ON p.workload = w.id
         WHERE to_ms > ? AND from_ms < ? ${of}
         ORDER BY namespace, kind, w.workload, container`,
      )
      .all(from * bucketMs, to * bucketMs, ...(workload ? [namespace, workloadKind, name, container] : []));
    return rows.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  }

  *#block(rows: readonly ProcessRow[], block: number, query: FloorQuery): Generator<ProcessFloors> {
    const first = Math.max(query.from, block * bucketsPerBlock);
    const end = Math.min(query.to, (block + 1) * bucketsPerBlock);
    // Packing moves floors from one table to the other: both are read as of one moment.
    const readings = this.#connection.transaction(() => this.#read(rows, block, first, end, query))();
    for (let bucket = first; bucket < end; bucket++) {
      for (const reading of readings) {
        const { workload, process } = reading;
        const columns = reading.byBucket.get(bucket);
        if (!columns) continue;
        const { heap, goroutines } = columns;
        yield { workload, process, bucket, heap, goroutines, functions: this.#functions(reading, columns) };
      }
    }
  }

  #read(
    rows: readonly ProcessRow[],
    block: number,
    first: number,
    end: number,
    { bucketMs, origin }: FloorQuery,
  ): Reading[] {
    const open = this.#sql.rows<OpenRow>(
      'SELECT origin, data FROM floor_open WHERE bucket_ms = ? AND bucket = ? AND process = ?',
    );
    const openFrom = this.#firstOpen(bucketMs, first);
    const origins = origin === undefined ? Object.values(originCodes) : [originCodes[origin]];
    return rows.map((row) => {
      const byBucket = new Map<number, FloorColumns>();
      const add = (bucket: number, columns: FloorColumns): void => {
        const known = byBucket.get(bucket);
        byBucket.set(bucket, known ? mergeColumns(known, columns) : columns);
      };
      for (const code of origins) {
        const packed = this.#blocks.read({ bucketMs, block, process: row.row, origin: code }) ?? [];
        for (const [at, columns] of packed) add(block * bucketsPerBlock + at, columns);
      }
      for (let bucket = openFrom; bucket < end; bucket++) {
        const found = open.all(bucketMs, bucket, row.row).filter((found) => origins.includes(found.origin));
        for (const { data } of found) add(bucket, readOpenFloor(new ByteReader(data)));
      }
      const { namespace, workloadKind, workload, container, id, slot, pod, revision, startedMs } = row;
      return {
        workload: { namespace, workloadKind, workload, container },
        process: { id, slot, pod, revision, startedMs: startedMs ?? undefined },
        byBucket,
        listed: { functions: [], order: [] },
      };
    });
  }

  /** The first bucket from `first` on that has floors which are not packed. */
  #firstOpen(bucketMs: DurationMs, first: number): number {
    const sql = 'SELECT min(bucket) FROM floor_open WHERE bucket_ms = ? AND bucket >= ?';
    return this.#sql.values<number | null>(sql).get(bucketMs, first) ?? Number.POSITIVE_INFINITY;
  }

  #functions(reading: Reading, { functions, bytes, objects, allocBytes }: FloorColumns): FunctionFloor[] {
    const known = reading.listed.functions;
    const isKnown = known.length === functions.length && functions.every((row, at) => row === known[at]);
    if (!isKnown) reading.listed = { functions, order: this.#order(functions) };
    return reading.listed.order.map(({ at, id, name }) => ({
      id,
      name,
      bytes: bytes[at] as number,
      objects: objects[at] as number,
      allocBytes: allocBytes[at] as number,
    }));
  }

  #order(functions: readonly number[]): Listed['order'] {
    const named = functions.map((row, at) => ({ at, ...this.#names.name(row) }));
    return named.sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
