import { type DurationMs, day, type UnixMs } from '../../../model/units.ts';
import type { Statements } from '../files/statements.ts';
import { bucketsPerBlock } from './block.ts';
import type { BlockRows } from './block-rows.ts';
import type { EventRows } from './events.ts';
import { nextGeneration } from './names.ts';
import { Packer } from './packer.ts';

/** What one step does at most: some milliseconds each. */
const most = { floors: 500, blocks: 200, packed: 8, events: 10, names: 500 } as const;
/** A floor that names a function is at most a day newer than what is noted of the function. */
const nameMarginMs = 2 * day;

type Job = () => { readonly done: number; readonly most: number };

/** Forgets and packs, in steps. Works inside a transaction of its caller. */
export class Pruner {
  readonly #sql: Statements;
  readonly #events: EventRows;
  readonly #blocks: BlockRows;
  readonly #packer: Packer;

  constructor(sql: Statements, events: EventRows, blocks: BlockRows) {
    this.#sql = sql;
    this.#events = events;
    this.#blocks = blocks;
    this.#packer = new Packer(sql, blocks);
  }

  /** True when there is more to do. */
  step(olderThanMs: UnixMs, eventsOlderThanMs: UnixMs): boolean {
    const floors = this.#bucketLengths().flatMap((bucketMs): Job[] => [
      () => ({ done: this.#removeOpen(bucketMs, olderThanMs), most: most.floors }),
      () => ({ done: this.#removeBlocks(bucketMs, olderThanMs), most: most.blocks }),
      () => ({ done: this.#packer.pack(bucketMs, most.packed), most: 1 }),
    ]);
    const rest: Job[] = [
      () => ({ done: this.#removeEvents(eventsOlderThanMs), most: most.events }),
      () => ({ done: this.#removeNames(olderThanMs), most: most.names }),
    ];
    return [...floors, ...rest].some((job) => {
      const { done, most } = job();
      return done >= most;
    });
  }

  #bucketLengths(): number[] {
    const next = `SELECT min(bucket_ms) FROM (SELECT min(bucket_ms) AS bucket_ms FROM floor_open WHERE bucket_ms > ?
      UNION ALL SELECT min(bucket_ms) FROM floor_block WHERE bucket_ms > ?)`;
    const lengths: number[] = [];
    for (;;) {
      const after = lengths.at(-1) ?? 0;
      const found = this.#sql.values<number | null>(next).get(after, after);
      if (found === null || found === undefined) return lengths;
      lengths.push(found);
    }
  }

  #removeOpen(bucketMs: DurationMs, olderThanMs: UnixMs): number {
    return this.#sql
      .rows(
        `DELETE FROM floor_open WHERE (bucket_ms, bucket, process, origin) IN
           (SELECT bucket_ms, bucket, process, origin FROM floor_open WHERE bucket_ms = ? AND bucket < ? LIMIT ?)`,
      )
      .run(bucketMs, Math.floor(olderThanMs / bucketMs), most.floors).changes;
  }

  #removeBlocks(bucketMs: DurationMs, olderThanMs: UnixMs): number {
    return this.#blocks.removeBefore(bucketMs, Math.floor(olderThanMs / (bucketsPerBlock * bucketMs)), most.blocks);
  }

  #removeEvents(resolvedBeforeMs: UnixMs): number {
    const ids = this.#sql
      .values<string>('SELECT id FROM growth_event WHERE resolved_ms < ? LIMIT ?')
      .all(resolvedBeforeMs, most.events);
    for (const id of ids) this.#events.remove(id);
    return ids.length;
  }

  #removeNames(olderThanMs: UnixMs): number {
    const remove = (table: string, where: string, ...values: readonly unknown[]): number =>
      this.#sql
        .rows(`DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${where} LIMIT ${most.names})`)
        .run(...values).changes;
    const removed = [
      remove('growth_process', 'to_ms <= ?', olderThanMs),
      remove('growth_evaluation', 'workload NOT IN (SELECT workload FROM growth_process)'),
      remove('growth_function', 'seen_ms <= ?', olderThanMs - nameMarginMs),
      remove(
        'growth_workload',
        `id NOT IN (SELECT workload FROM growth_process UNION SELECT workload FROM growth_evaluation
           UNION SELECT workload FROM growth_event)`,
      ),
    ];
    if (removed.some((count) => count > 0)) nextGeneration(this.#sql);
    return Math.max(...removed);
  }
}
