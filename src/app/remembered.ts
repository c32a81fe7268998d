import { randomUUID } from 'node:crypto';
import { hour, type UnixMs } from '../model/units.ts';
import { openSqliteReader } from '../store/sqlite/reader.ts';
import type { StateStore } from '../store/state-store.ts';

/** Made once and kept: it pins this collector's schedule, so that restarts neither shift nor bunch the load. */
export function collectorId(state: StateStore): string {
  const known = state.get('collector-id');
  if (known) return known;
  const made = randomUUID();
  state.set('collector-id', made);
  return made;
}

/** Processes that the store saw in the last hour: after a restart they wait for their phase instead of all being asked at once. */
export async function knownProcesses(dataDir: string, nowMs: UnixMs): Promise<ReadonlySet<string>> {
  await using reader = openSqliteReader({ dataDir });
  const recent = reader.series([], { fromMs: nowMs - hour, toMs: nowMs + hour });
  return new Set(recent.map(({ processId }) => processId));
}
