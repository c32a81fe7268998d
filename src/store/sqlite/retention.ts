import { type Bytes, type DurationMs, day, type UnixMs } from '../../model/units.ts';

/** What is removed together: a file of roll-ups, or one of detail with the heads of its hours, or the heads of an hour. */
export interface HeldUnit {
  readonly kind: HeldKind;
  readonly fromMs: UnixMs;
  readonly toMs: UnixMs;
  readonly bytes: Bytes;
  /** Of detail: roll-ups could still be made of some of its hours, and are not yet. */
  readonly isAwaited: boolean;
}

/** In the order in which the byte cap takes them. */
export const heldKinds = ['detail', 'roll1h', 'roll1d'] as const;
export type HeldKind = (typeof heldKinds)[number];

export interface RetentionLimits {
  readonly nowMs: UnixMs;
  /** What ended before is removed for its age; undefined: nothing is. */
  readonly oldestMs: Readonly<Record<HeldKind, UnixMs>> | undefined;
  readonly totalBytes: Bytes;
  readonly maxBytes: Bytes;
}

/** Detail waits at most this long past its age for its roll-ups. */
const mostPatienceMs: DurationMs = day;

/**
 * What to remove: what is past its age, then as much as brings `totalBytes` under `maxBytes`: the oldest detail, then the
 * oldest hours, then the oldest days. The cap never takes the newest of a kind, nor what now is in, as it is being written.
 * Roll-ups of what finer data is left of are never taken: they could not be made anew when that changes.
 */
export function unitsToRemove<Unit extends HeldUnit>(held: readonly Unit[], limits: RetentionLimits): Unit[] {
  const kinds = heldKinds.map((kind) => held.filter((unit) => unit.kind === kind).sort((a, b) => a.fromMs - b.fromMs));
  const removed = new Set<Unit>();
  let bytes = limits.totalBytes;
  for (const judge of [pastAge, overCap]) {
    let finerFromMs = Infinity;
    for (const units of kinds) {
      for (const unit of units) {
        if (removed.has(unit)) continue;
        if (unit.toMs > finerFromMs) break;
        const verdict = judge(unit, units, limits, bytes);
        if (verdict === 'stop') break;
        if (verdict === 'keep') continue;
        removed.add(unit);
        bytes -= unit.bytes;
      }
      finerFromMs = Math.min(finerFromMs, ...units.filter((unit) => !removed.has(unit)).map(({ fromMs }) => fromMs));
    }
  }
  return [...removed];
}

type Verdict = 'remove' | 'keep' | 'stop';

function pastAge(unit: HeldUnit, _units: readonly HeldUnit[], { oldestMs }: RetentionLimits): Verdict {
  if (!oldestMs || unit.toMs > oldestMs[unit.kind]) return 'stop';
  return unit.isAwaited && unit.toMs > oldestMs[unit.kind] - mostPatienceMs ? 'stop' : 'remove';
}

function overCap(
  unit: HeldUnit,
  units: readonly HeldUnit[],
  { nowMs, maxBytes }: RetentionLimits,
  bytes: Bytes,
): Verdict {
  if (bytes <= maxBytes || unit === units.at(-1)) return 'stop';
  return unit.fromMs <= nowMs && nowMs < unit.toMs ? 'keep' : 'remove';
}
