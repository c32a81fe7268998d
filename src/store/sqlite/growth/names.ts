import type { Workload } from '../../../model/growth.ts';
import { type DurationMs, day, type UnixMs } from '../../../model/units.ts';
import type { FloorProcess } from '../../growth-store.ts';
import type { Statements } from '../files/statements.ts';

interface KnownProcess {
  readonly row: number;
  readonly process: FloorProcess;
  readonly fromMs: UnixMs;
  readonly toMs: UnixMs;
}

interface KnownFunction {
  readonly row: number;
  readonly seenMs: UnixMs;
}

/** Beyond so many names, they are looked up anew. */
const mostKnown = 200_000;
/** How often `seen_ms` is brought up to date; prune leaves twice that. */
export const seenEveryMs: DurationMs = day;

/**
 * Row ids of workloads, processes and functions, given when they are first seen. What is known holds for as long as nobody
 * forgot rows: `refresh` at the beginning of a transaction sees to that, `clear` after one that failed.
 */
export class GrowthNames {
  readonly #sql: Statements;
  readonly #workloads = new Map<string, number>();
  readonly #processes = new Map<string, KnownProcess>();
  readonly #functions = new Map<string, KnownFunction>();
  #generation = '';

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  refresh(): void {
    const generation = readGeneration(this.#sql);
    const size = this.#workloads.size + this.#processes.size + this.#functions.size;
    if (generation !== this.#generation || size > mostKnown) this.clear();
    this.#generation = generation;
  }

  clear(): void {
    this.#workloads.clear();
    this.#processes.clear();
    this.#functions.clear();
  }

  workload(workload: Workload): number {
    const { namespace, workloadKind, workload: name, container } = workload;
    const key = JSON.stringify([namespace, workloadKind, name, container]);
    const known = this.#workloads.get(key);
    if (known !== undefined) return known;
    const row = this.#added(
      `INSERT INTO growth_workload (namespace, kind, workload, container) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET kind = excluded.kind RETURNING id`,
      namespace,
      workloadKind,
      name,
      container,
    );
    this.#workloads.set(key, row);
    return row;
  }

  /** A process that has floors in the window. */
  process(workload: number, process: FloorProcess, fromMs: UnixMs, toMs: UnixMs): number {
    const key = `${workload} ${process.id}`;
    const known = this.#processes.get(key);
    if (known && known.fromMs <= fromMs && known.toMs >= toMs && isSame(known.process, process)) return known.row;
    const { id, slot, pod, revision, startedMs } = process;
    const row = this.#added(
      `INSERT INTO growth_process (workload, identity, slot, pod, revision, started_ms, from_ms, to_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET slot = excluded.slot, pod = excluded.pod, revision = excluded.revision,
         started_ms = excluded.started_ms, from_ms = min(from_ms, excluded.from_ms), to_ms = max(to_ms, excluded.to_ms)
       RETURNING id`,
      workload,
      id,
      slot,
      pod,
      revision,
      startedMs ?? null,
      fromMs,
      toMs,
    );
    // At least this is stored: the row may reach further, which costs one more update.
    const isLonger = known !== undefined && isSame(known.process, process);
    this.#processes.set(key, {
      row,
      process,
      fromMs: isLonger ? Math.min(known.fromMs, fromMs) : fromMs,
      toMs: isLonger ? Math.max(known.toMs, toMs) : toMs,
    });
    return row;
  }

  function(id: string, name: string, atMs: UnixMs): number {
    const known = this.#functions.get(id);
    if (known && known.seenMs + seenEveryMs > atMs) return known.row;
    const row = this.#added(
      `INSERT INTO growth_function (identity, name, seen_ms) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET seen_ms = max(seen_ms, excluded.seen_ms) RETURNING id`,
      id,
      name,
      atMs,
    );
    this.#functions.set(id, { row, seenMs: atMs });
    return row;
  }

  #added(sql: string, ...values: readonly unknown[]): number {
    return this.#sql.values<number>(sql).get(...values) as number;
  }
}

/** Names of functions by row id; an id never comes to mean another function. */
export class FunctionNames {
  readonly #sql: Statements;
  readonly #known = new Map<number, { readonly id: string; readonly name: string }>();

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  name(row: number): { readonly id: string; readonly name: string } {
    const known = this.#known.get(row);
    if (known) return known;
    const found = this.#sql
      .rows<{ id: string; name: string }>('SELECT identity AS id, name FROM growth_function WHERE id = ?')
      .get(row);
    if (!found) throw new Error(`state.db: floors name function ${row}, which is not there`);
    if (this.#known.size > mostKnown) this.#known.clear();
    this.#known.set(row, found);
    return found;
  }
}

const generationName = 'growth_generation';

function readGeneration(sql: Statements): string {
  return sql.values<string>('SELECT value FROM setting WHERE name = ?').get(generationName) ?? '0';
}

/** Says, in the transaction that forgets names, that row ids kept elsewhere may be gone. */
export function nextGeneration(sql: Statements): void {
  const next = String(Number(readGeneration(sql)) + 1);
  sql
    .rows('INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
    .run(generationName, next);
}

function isSame(a: FloorProcess, b: FloorProcess): boolean {
  return a.slot === b.slot && a.pod === b.pod && a.revision === b.revision && a.startedMs === b.startedMs;
}
