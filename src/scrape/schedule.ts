import { createHash } from 'node:crypto';
import type { ScrapeSpec } from '../model/target.ts';
import { type DurationMs, second, type UnixMs } from '../model/units.ts';

/**
 * When a kind of a source is due: at `phaseMs` past every multiple of `intervalMs` since the Unix epoch.
 *
 * The phase depends on nothing but the names of the collector and the source, so a restarted collector goes on in step, a
 * thousand sources stay spread over the interval, and two collectors do not ask one process at the same moment (the idea
 * is Prometheus's `scrape/target.go` offset).
 */
export interface Schedule {
  readonly intervalMs: DurationMs;
  /** In [0, intervalMs). */
  readonly phaseMs: DurationMs;
}

/**
 * The gap between one kind's slot and the next of the same source: a snapshot is usually over by then, and all of them tell of
 * about the same moment. One that takes longer holds up the next.
 */
export const slotGapMs: DurationMs = 250;

/** `slotMs` is the kind's place after the source's own phase, from `kindSlots`. */
export function pinnedSchedule(
  collectorId: string,
  source: string,
  intervalMs: DurationMs,
  slotMs: DurationMs = 0,
): Schedule {
  if (!(intervalMs > 0)) throw new RangeError(`interval must be above 0 ms, got ${intervalMs}`);
  const digest = createHash('sha1').update(`${collectorId}\n${source}`).digest();
  return { intervalMs, phaseMs: (digest.readUIntBE(0, 6) + slotMs) % intervalMs };
}

/** The first due moment strictly after `now`. A scrape that ran late therefore skips a beat; it never catches up. */
export function nextDue({ intervalMs, phaseMs }: Schedule, now: UnixMs): UnixMs {
  const beat = Math.floor((now - phaseMs) / intervalMs) + 1;
  return beat * intervalMs + phaseMs;
}

/**
 * Where each kind stands after the phase of its source:
 *
 *     phase ── cpu, 10 s ──┬─ heap ──┬─ goroutine ─┬─ block …
 *          0          10.25 s   10.5 s        10.75 s
 *
 * Profiles with seconds come first, for they hold the source that long; then the snapshots, in the order of `snapshotOrder`
 * and after it by name. All slots fit into the shortest interval; what does not fit moves closer together.
 */
export function kindSlots(specs: readonly ScrapeSpec[]): ReadonlyMap<string, DurationMs> {
  const slots = new Map<string, DurationMs>();
  let at = 0;
  for (const spec of [...specs].sort(bySlot)) {
    slots.set(spec.kind, at);
    at += (spec.seconds ?? 0) * second + slotGapMs;
  }
  const shortest = Math.min(...specs.map((spec) => spec.intervalMs));
  if (at <= shortest) return slots;
  return new Map([...slots].map(([kind, slot]) => [kind, Math.floor((slot * shortest) / at)]));
}

const snapshotOrder = ['heap', 'goroutine', 'block', 'mutex', 'threadcreate', 'goroutineleak'];

function bySlot(a: ScrapeSpec, b: ScrapeSpec): number {
  return slotRank(a) - slotRank(b) || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0);
}

function slotRank({ kind, seconds }: ScrapeSpec): number {
  if (kind === 'cpu') return -2;
  if (seconds !== undefined) return -1;
  const known = snapshotOrder.indexOf(kind);
  return known < 0 ? snapshotOrder.length : known;
}

/**
 * Whether a process takes part in a round of CPU profiling when only `sample` of a workload's `count` processes do: each
 * round takes the next ones of the ring, so that every process has its turn. `rank` is its place among them.
 */
export function hasTurn(rank: number, count: number, sample: number, round: number): boolean {
  if (count <= sample) return true;
  const first = (((round * sample) % count) + count) % count;
  return (rank - first + count) % count < sample;
}
