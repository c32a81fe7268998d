import { join } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { partitionKey, seriesKey } from '../../src/model/series.ts';
import type { TimeWindow } from '../../src/model/units.ts';
import type { ValueColumn } from '../../src/profile/profile.ts';
import type { AppendOutcome, ProfileRecord, ProfileWriter } from '../../src/store/profile-store.ts';
import { StackInterner } from '../../src/store/sqlite/dictionary/stack-interner.ts';
import { cpuNowMs } from './gunzip.ts';

/** The gauge or the sum that is merged of each kind: which column of its rows. */
const askedColumn = { cpu: 1, heap: 3 } as const;

/**
 * The obvious layout, to compare with: a row for each sample, clustered by what is asked for (layout R of the storage
 * measurements). Its dictionary is ours, for fairness. It keeps no series, and knows nothing of standing.
 */
export class RowStore implements Disposable {
  readonly #database: Database.Database;
  readonly #insert: Database.Statement;
  readonly #partitions = new Map<string, { readonly id: number; readonly interner: StackInterner }>();
  readonly #series = new Map<string, number>();
  readonly #kinds = new Map<string, number>();
  appendCpuMs = 0;

  constructor(dataDir: string) {
    this.#database = new Database(join(dataDir, 'rows.db'));
    this.#database.pragma('journal_mode = WAL');
    this.#database.pragma('synchronous = normal');
    this.#database.exec(`
      CREATE TABLE sample (
        part INTEGER NOT NULL, kind INTEGER NOT NULL, ts INTEGER NOT NULL, series INTEGER NOT NULL, stack INTEGER NOT NULL,
        v0 INTEGER, v1 INTEGER, v2 INTEGER, v3 INTEGER,
        PRIMARY KEY (part, kind, ts, series, stack)
      ) WITHOUT ROWID;
      CREATE TABLE dictionary (id INTEGER PRIMARY KEY, part INTEGER NOT NULL, data BLOB NOT NULL);
    `);
    this.#insert = this.#database.prepare('INSERT OR REPLACE INTO sample VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  }

  /** What a pipeline needs of a writer. */
  get writer(): ProfileWriter {
    const none = (): undefined => undefined;
    const empty = new Int32Array(0);
    const nothing = { latestMs: undefined, types: [], hashHigh: empty, hashLow: empty, values: [] };
    return {
      append: (records: readonly ProfileRecord[]) => this.append(records),
      newest: none,
      lastLook: none,
      endProcess: none,
      increasesSince: () => nothing,
    } as unknown as ProfileWriter;
  }

  append(records: readonly ProfileRecord[]): AppendOutcome[] {
    const before = cpuNowMs();
    const outcomes = this.#database.transaction(() => records.map((record) => this.#appendOne(record)))();
    this.appendCpuMs += cpuNowMs() - before;
    return outcomes;
  }

  /** Stack by stack what was counted in a window, of one partition or of all. Returns the number of rows. */
  merge(kind: keyof typeof askedColumn, { fromMs, toMs }: TimeWindow, workload?: string): number {
    const parts = [...this.#partitions].filter(([key]) => workload === undefined || key.includes(`"${workload}"`));
    const statement = this.#database
      .prepare(
        `SELECT stack, sum(v${askedColumn[kind]}) FROM sample WHERE part = ? AND kind = ? AND ts >= ? AND ts < ? GROUP BY stack`,
      )
      .raw();
    return parts.reduce((rows, [, { id }]) => {
      return rows + statement.all(id, numberOf(this.#kinds, kind), fromMs, toMs).length;
    }, 0);
  }

  checkpoint(): void {
    this.#database.pragma('wal_checkpoint(TRUNCATE)');
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #appendOne({ series, stampMs, stacks, values }: ProfileRecord): AppendOutcome {
    const partition = this.#partition(partitionKey(series.labels));
    const kind = numberOf(this.#kinds, series.kind);
    const seriesId = numberOf(this.#series, seriesKey(series));
    const [c0, c1, c2, c3] = values;
    for (let row = 0; row < stacks.count; row++) {
      const v0 = valueAt(c0, row);
      const v1 = valueAt(c1, row);
      const v2 = valueAt(c2, row);
      const v3 = valueAt(c3, row);
      if (!v0 && !v1 && !v2 && !v3) continue;
      const [high, low] = [stacks.hashHigh[row] ?? 0, stacks.hashLow[row] ?? 0];
      const known = partition.interner.find(high, low);
      const stack = known >= 0 ? known : partition.interner.add(high, low, stacks.describe(row));
      this.#insert.run(partition.id, kind, stampMs, seriesId, stack, v0, v1, v2, v3);
    }
    this.#saveSegment(partition);
    return { kind: 'stored', id: `${seriesId}-${stampMs}` };
  }

  #partition(key: string): { readonly id: number; readonly interner: StackInterner } {
    const known = this.#partitions.get(key) ?? { id: this.#partitions.size, interner: new StackInterner() };
    this.#partitions.set(key, known);
    return known;
  }

  #saveSegment({ id, interner }: { readonly id: number; readonly interner: StackInterner }): void {
    const segment = interner.takeSegment();
    if (!segment) return;
    const data = zstdCompressSync(segment, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
    this.#database.prepare('INSERT INTO dictionary (part, data) VALUES (?, ?)').run(id, data);
  }
}

function valueAt(column: ValueColumn | undefined, row: number): number | null {
  return column === undefined ? null : Number(column[row]);
}

function numberOf(known: Map<string, number>, key: string): number {
  const number = known.get(key) ?? known.size;
  known.set(key, number);
  return number;
}
