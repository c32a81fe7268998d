import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GrowthStatus, WorkloadFilter } from '../../growth/contract.ts';
import { FlameherdError } from '../../model/errors.ts';
import type { GrowthVerdict } from '../../model/growth.ts';
import { highestTier } from '../../model/growth-words.ts';
import type { TimeWindow, UnixMs } from '../../model/units.ts';
import { whileWanted } from '../ask.ts';
import { bounds, sizes } from '../bounds.ts';
import type { HttpContext } from '../context.ts';
import { moment } from '../json.ts';
import type { Seen } from '../seen.ts';
import { type EventAnswer, eventAnswer, openEvents, verdictAnswer, windowAnswer } from './answers.ts';
import { whyNoVerdict } from './hint.ts';
import { decodeCursor, encodeCursor, eventPage, hasTier, verdictPage } from './paging.ts';
import { filterOf, type GrowthQuery, readAt, readEventWindow } from './parameters.ts';

/** What `/api/v1/growth` answers, and the page `/growth` draws. */
export async function growthAnswer(
  context: HttpContext,
  request: Pick<FastifyRequest, 'scope'>,
  reply: FastifyReply,
  query: GrowthQuery,
) {
  const { now } = context.deps;
  const seen = context.seenBy(request);
  const { growth } = seen;
  const nowMs = now();
  const { status } = growth;
  const filter = filterOf(query);
  const atMs = readAt(query, nowMs);
  const window = readEventWindow(query, atMs === undefined ? nowMs : atMs + 1, nowMs);
  const cursor = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const limit = query.limit ?? sizes.growth.default;

  const all =
    atMs === undefined
      ? growth.verdicts(filter)
      : await whileWanted(context, reply, (signal) => growth.verdictsAt(filter, atMs, signal));
  const wanted = all.filter((verdict) => hasTier(verdict, query.tier));
  const verdicts = cursor?.verdicts === null ? nothing : verdictPage(wanted, cursor?.verdicts, limit);
  const likelyOnly = query.tier === 'likely' ? { tier: query.tier } : {};
  const events =
    cursor?.events === null
      ? nothing
      : eventPage(growth, filter, { ...likelyOnly, window, before: cursor?.events, limit });
  const open = verdicts.items.length === 0 ? new Map<string, string>() : openEvents(eventsAt(growth, filter, atMs));
  return {
    verdicts: verdicts.items.map((verdict) => verdictAnswer(verdict, open, status)),
    events: events.items.map((event) => eventAnswer(event, true, nowMs, status)),
    nextCursor: encodeCursor({ verdicts: verdicts.next, events: events.next }),
    meta: {
      enabled: status.enabled,
      bucketMs: status.bucketMs,
      ...moment('evaluated', status.evaluatedMs),
      ...moment('at', atMs),
      ...windowAnswer(window),
      workloads: wanted.length,
      tiers: countTiers(wanted),
      warnings: status.enabled ? [] : [offWarning],
      ...hintOf(seen, filter, atMs, all),
    },
  };
}
export type GrowthAnswer = Awaited<ReturnType<typeof growthAnswer>>;

/** Said wherever nothing is judged. */
export const offWarning = 'growth.enabled is false: nothing is judged';
const nothing = { items: [], next: null };

/** Throws `not_found` with the events that there are. */
export function storedEvent(context: HttpContext, request: Pick<FastifyRequest, 'scope'>, id: string): EventAnswer {
  const { growth } = context.seenBy(request);
  const event = growth.event(id);
  if (event) return eventAnswer(event, true, context.deps.now(), growth.status);
  const newest = growth.events({ limit: 3 }).map((known) => known.id);
  throw new FlameherdError('not_found', `${JSON.stringify(id)}: no such event of growth`, {
    hint:
      newest.length === 0
        ? 'there is none yet; /api/v1/growth says what is judged, and why nothing is found'
        : `ended events are forgotten after growth.retention; the newest are ${newest.join(', ')}`,
  });
}

export function windowMeta({ enabled, bucketMs }: GrowthStatus, window: TimeWindow) {
  return { enabled, bucketMs, ...windowAnswer(window) };
}

function eventsAt(
  growth: Seen['growth'],
  { namespace, workload, container }: WorkloadFilter,
  atMs: UnixMs | undefined,
) {
  const moment = atMs === undefined ? { isOpen: true } : { window: { fromMs: atMs, toMs: atMs + 1 } };
  return growth.events({ namespace, workload, container, ...moment, limit: bounds.openEvents });
}

function countTiers(verdicts: readonly GrowthVerdict[]) {
  const counts = { likely: 0, suspected: 0, none: 0, skipped: 0 };
  for (const verdict of verdicts)
    counts[verdict.skipped === undefined ? (highestTier(verdict) ?? 'none') : 'skipped']++;
  return counts;
}

function hintOf(
  { growth, targets }: Pick<Seen, 'growth' | 'targets'>,
  filter: WorkloadFilter,
  atMs: UnixMs | undefined,
  verdicts: readonly GrowthVerdict[],
): { readonly hint?: string } {
  if (verdicts.length > 0) return {};
  const judged = growth.verdicts({}).map(({ workload }) => workload);
  const scraped = targets().flatMap(({ target: { labels } }) => {
    const { namespace, workload } = labels;
    return namespace !== undefined && workload !== undefined ? [{ namespace, workload }] : [];
  });
  return { hint: whyNoVerdict({ status: growth.status, filter, atMs, judged, scraped }) };
}
