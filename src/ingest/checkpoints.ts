import type { SeriesIdentity } from '../model/series.ts';
import type { UnixMs } from '../model/units.ts';
import { PairMap } from '../profile/pair-map.ts';
import type { ProfileWriter } from '../store/profile-store.ts';
import type { Checkpoint, StateStore } from '../store/state-store.ts';
import { addIncreases, type Counters, noCounters } from './counters.ts';
import type { DroppedId } from './label-keys.ts';
import { columnOf, valueAt } from './value-columns.ts';

/**
 * In a checkpoint written before its own profile is stored, types of this name hold the values to go by if the profile
 * never was.
 */
const beforePrefix = 'before:';

/** The counters after the profile of this stamp. */
export function checkpointOf(
  series: SeriesIdentity,
  stampMs: UnixMs,
  leftOut: ReadonlySet<DroppedId>,
  { types, high, low, values }: Counters,
): Checkpoint {
  return { series, stampMs, leftOut: [...leftOut], types, hashHigh: high, hashLow: low, values };
}

/** Counting begins at 0 after this stamp. */
export function emptyCheckpoint(
  series: SeriesIdentity,
  stampMs: UnixMs,
  leftOut: ReadonlySet<DroppedId>,
  types: readonly string[],
): Checkpoint {
  return checkpointOf(series, stampMs, leftOut, noCounters(types));
}

/** The counters after the profile of this stamp, and those before it, by which to go if it is not in the store. */
export function checkpointAround(
  series: SeriesIdentity,
  stampMs: UnixMs,
  leftOut: ReadonlySet<DroppedId>,
  after: Counters,
  before: Counters | undefined,
): Checkpoint {
  if (!before) return checkpointOf(series, stampMs, leftOut, after);
  const slots = new PairMap();
  slots.reset(after.high.length + before.high.length);
  const high = [...after.high];
  const low = [...after.low];
  for (const [slot, a] of high.entries()) slots.set(a, low[slot] ?? 0, slot);
  const slotOfBefore = Array.from(before.high, (a, slot) => {
    const b = before.low[slot] ?? 0;
    const found = slots.get(a, b);
    if (found >= 0) return found;
    low.push(b);
    return high.push(a) - 1;
  });
  const widen = (values: Counters['values'], slotOf: (row: number) => number): Checkpoint['values'] =>
    values.map((column) => {
      const wide = high.map(() => 0n);
      for (let row = 0; row < column.length; row++) wide[slotOf(row)] = valueAt(column, row);
      return columnOf(wide);
    });
  return {
    series,
    stampMs,
    leftOut: [...leftOut],
    types: [...after.types, ...before.types.map((type) => beforePrefix + type)],
    hashHigh: Int32Array.from(high),
    hashLow: Int32Array.from(low),
    values: [...widen(after.values, (row) => row), ...widen(before.values, (row) => slotOfBefore[row] ?? row)],
  };
}

export interface RebuiltCounters {
  readonly counters: Counters;
  readonly leftOut: ReadonlySet<DroppedId>;
  readonly lastMs: UnixMs;
  readonly checkpointMs: UnixMs;
}

/**
 * The state of a series from what outlived the process: its checkpoint, and the increases stored since. Undefined when
 * there is none, or when retention may have removed some of those increases: then the series seeds again.
 */
export function rebuildCounters(
  series: SeriesIdentity,
  from: {
    readonly writer: ProfileWriter;
    readonly state: StateStore;
    readonly removedUntilMs: UnixMs;
    readonly maxStacks: number;
  },
): RebuiltCounters | undefined {
  const saved = from.state.loadCheckpoint(series);
  if (!saved) return undefined;
  const newestMs = from.writer.newest(series)?.stampMs ?? Number.NEGATIVE_INFINITY;
  if (saved.stampMs < from.removedUntilMs && newestMs > saved.stampMs) return undefined;
  const { checkpoint, isBefore } = applicable(saved, newestMs);
  const since = from.writer.increasesSince(series, saved.stampMs);
  const isEmpty = checkpoint.hashHigh.length === 0 || isBefore;
  const startedMs = series.process.startedMs ?? saved.stampMs;
  const lastMs = isEmpty && newestMs > Number.NEGATIVE_INFINITY ? newestMs : isEmpty ? startedMs : saved.stampMs;
  const counters = addIncreases(checkpoint, since, from.maxStacks);
  const leftOut = new Set(saved.leftOut as readonly DroppedId[]);
  if (!isBefore) return { counters, leftOut, lastMs: Math.max(newestMs, lastMs), checkpointMs: saved.stampMs };
  // The profile this was written for never was stored: what comes next must not be taken for it.
  const checkpointMs = newestMs > Number.NEGATIVE_INFINITY ? newestMs : saved.stampMs - 1;
  from.state.saveCheckpoints([checkpointOf(series, checkpointMs, leftOut, counters)]);
  return { counters, leftOut, lastMs, checkpointMs };
}

/** The types of a checkpoint that count: those before its own profile when that is not in the store. */
function applicable(saved: Checkpoint, newestMs: UnixMs): { checkpoint: Checkpoint; isBefore: boolean } {
  const hasBefore = saved.types.some((type) => type.startsWith(beforePrefix));
  const isBefore = hasBefore && newestMs < saved.stampMs;
  const chosen = [...saved.types.entries()].filter(([, type]) => type.startsWith(beforePrefix) === isBefore);
  return {
    isBefore,
    checkpoint: {
      ...saved,
      types: chosen.map(([, type]) => (isBefore ? type.slice(beforePrefix.length) : type)),
      values: chosen.map(([index]) => saved.values[index] ?? new Float64Array(0)),
    },
  };
}
