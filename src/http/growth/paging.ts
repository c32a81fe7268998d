import type { GrowthQueries, WorkloadFilter } from '../../growth/contract.ts';
import {
  type GrowthEvent,
  type GrowthTier,
  type GrowthVerdict,
  growthTiers,
  type Workload,
} from '../../model/growth.ts';
import { highestTier } from '../../model/growth-words.ts';
import { foreignCursor } from '../parameters.ts';

/** Where a page ends in the two lists of an answer; null: that list is over. */
export interface Cursor {
  readonly verdicts: string | null;
  readonly events: string | null;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Of the last item, when there are more. */
  readonly next: string | null;
}

export function encodeCursor(cursor: Cursor): string | null {
  if (cursor.verdicts === null && cursor.events === null) return null;
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

/** Throws `bad_parameter`. */
export function decodeCursor(text: string): Cursor {
  try {
    const { verdicts, events } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Partial<Cursor>;
    if (isPlace(verdicts) && isPlace(events)) return { verdicts, events };
  } catch {
    // Anything may be given.
  }
  throw foreignCursor(text);
}

function isPlace(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

/** Findings first: what is likely, suspected, neither, not judged; then by workload. `after` is the place of the last one before. */
export function verdictPage(
  verdicts: readonly GrowthVerdict[],
  after: string | undefined,
  limit: number,
): Page<GrowthVerdict> {
  const rest = verdicts
    .map((verdict) => ({ verdict, key: sortKey(verdict) }))
    .filter(({ key }) => after === undefined || key > after)
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return {
    items: rest.slice(0, limit).map(({ verdict }) => verdict),
    next: rest.length > limit ? (rest[limit - 1]?.key ?? null) : null,
  };
}

function sortKey(verdict: GrowthVerdict): string {
  const tier = highestTier(verdict);
  const rank = verdict.skipped !== undefined ? 3 : tier === undefined ? 2 : tier === 'suspected' ? 1 : 0;
  const { namespace, workloadKind, workload, container } = verdict.workload;
  return JSON.stringify([rank, namespace, workload, workloadKind, container]);
}

/** Whether a workload is among those that are asked for. */
export function isMeant(filter: WorkloadFilter, workload: Workload): boolean {
  return (['namespace', 'workloadKind', 'workload', 'container'] as const).every(
    (name) => filter[name] === undefined || filter[name] === workload[name],
  );
}

export function hasTier(verdict: GrowthVerdict, tier: GrowthTier | undefined): boolean {
  if (tier === undefined) return true;
  const found = highestTier(verdict);
  return found !== undefined && growthTiers.indexOf(found) >= growthTiers.indexOf(tier);
}

type EventQuery = Parameters<GrowthQueries['events']>[0];

/** Newest first. The store knows no kinds of workloads, so pages are read until one is full. */
export function eventPage(
  growth: Pick<GrowthQueries, 'events'>,
  filter: WorkloadFilter,
  query: Omit<EventQuery, 'namespace' | 'workload' | 'container'>,
): Page<GrowthEvent> {
  const { namespace, workload, container } = filter;
  const found: GrowthEvent[] = [];
  const pageSize = query.limit + 1;
  for (let before = query.before; ; ) {
    const read = growth.events({ ...query, namespace, workload, container, before, limit: pageSize });
    found.push(...read.filter((event) => isMeant(filter, event.workload)));
    before = read.at(-1)?.id;
    if (found.length > query.limit) break;
    if (read.length < pageSize) return { items: found, next: null };
  }
  const items = found.slice(0, query.limit);
  return { items, next: items.at(-1)?.id ?? null };
}
