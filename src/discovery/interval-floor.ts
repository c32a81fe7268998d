import { formatDuration } from '../model/duration.ts';
import type { ScrapeSpec, TransportChoice } from '../model/target.ts';
import { type DurationMs, minute } from '../model/units.ts';

/** By an ephemeral sidecar each profile is a process that is started in the pod by way of the API server. */
const floors: Readonly<Partial<Record<TransportChoice, DurationMs>>> = { ephemeral: minute };

/** The same kinds, none more often than the named transport bears, and a warning when one was slowed down. */
export function slowedDown(
  specs: readonly ScrapeSpec[],
  transport: TransportChoice,
): { readonly specs: readonly ScrapeSpec[]; readonly warning: string | undefined } {
  const floorMs = floors[transport];
  const slow = specs.filter(({ intervalMs }) => floorMs !== undefined && intervalMs < floorMs);
  if (floorMs === undefined || slow.length === 0) return { specs, warning: undefined };
  const kinds = slow.map(({ kind, intervalMs }) => `${kind} every ${formatDuration(intervalMs)}`).join(', ');
  return {
    specs: specs.map((spec) => ({ ...spec, intervalMs: Math.max(spec.intervalMs, floorMs) })),
    warning: `transport ${transport} fetches a kind every ${formatDuration(floorMs)} at most: used that instead of ${kinds}`,
  };
}
