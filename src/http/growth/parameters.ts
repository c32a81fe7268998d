import { type Static, Type } from 'typebox';
import type { WorkloadFilter } from '../../growth/contract.ts';
import { FlameherdError } from '../../model/errors.ts';
import { growthTiers } from '../../model/growth.ts';
import { formatTime, parseTime } from '../../model/time.ts';
import { day, type TimeWindow, type UnixMs } from '../../model/units.ts';
import { bounds, sizes } from '../bounds.ts';
import { cursorParameter, limitParameter, parameters, timeParameter } from '../parameters.ts';

/** Events of that time before are shown unless it is said otherwise. */
const defaultEventsMs = 7 * day;

/** Alerts link by their labels, which may be empty. */
const labelParameter = (what: string) =>
  Type.Optional(Type.String({ maxLength: bounds.labelValueLength, description: `${what}; empty: any.` }));

export const workloadParameters = {
  namespace: labelParameter('Only this namespace'),
  workload: labelParameter('Only workloads of this name'),
  workload_kind: labelParameter('Only Deployment, StatefulSet, …'),
  container: labelParameter('Only this container'),
};

const sinceParameter = Type.Optional(
  Type.String({
    maxLength: 64,
    description: 'As alerts link: another name of from; what their templates give where nothing is known is ignored.',
  }),
);

export const growthParameters = parameters({
  ...workloadParameters,
  tier: Type.Optional(
    Type.Enum([...growthTiers], {
      description: 'Only findings of at least this tier: suspected has the likely ones too.',
    }),
  ),
  at: timeParameter('The verdicts as they would have been at a moment, by the floors stored of then, imports included'),
  from: timeParameter('Events that were open from then on (default: 7 days before to)'),
  to: timeParameter('Events that were open before then (default: at, else now)'),
  since: sinceParameter,
  limit: limitParameter(sizes.growth, 'Verdicts, and events, on a page.'),
  cursor: cursorParameter,
});
export type GrowthQuery = Static<typeof growthParameters>;

export const backtestParameters = parameters({
  ...workloadParameters,
  from: timeParameter('Where the window begins (default: 7 days before its end)'),
  to: timeParameter('Where it ends (default: now)'),
});

export function filterOf(query: Static<typeof workloadQuery>): WorkloadFilter {
  const { namespace, workload, workload_kind: workloadKind, container } = query;
  return {
    namespace: namespace || undefined,
    workload: workload || undefined,
    workloadKind: workloadKind || undefined,
    container: container || undefined,
  };
}
const workloadQuery = Type.Object(workloadParameters);

/** Throws `bad_time` for a moment that is still to come. */
export function readAt({ at }: Pick<GrowthQuery, 'at'>, nowMs: UnixMs): UnixMs | undefined {
  if (at === undefined) return undefined;
  const atMs = parseTime('at', at, nowMs);
  refuseFuture('at', atMs, nowMs);
  return atMs;
}

export function refuseFuture(parameter: string, ms: UnixMs, nowMs: UnixMs): void {
  if (ms <= nowMs) return;
  throw new FlameherdError('bad_time', `${parameter}: ${formatTime(ms)} is in the future; it is ${formatTime(nowMs)}`, {
    hint: 'growth is judged by what was profiled until now',
  });
}

/** The window of events: `[from, to)`, by default the week before `endMs`. */
export function readEventWindow(
  query: Pick<GrowthQuery, 'from' | 'to' | 'since'>,
  endMs: UnixMs,
  nowMs: UnixMs,
): TimeWindow {
  const since = readSince(query.since, nowMs);
  if (query.from !== undefined && since !== undefined) {
    throw new FlameherdError('bad_parameter', 'from: cannot be given together with since', {
      hint: 'leave one of them out',
    });
  }
  const toMs = query.to === undefined ? endMs : parseTime('to', query.to, nowMs);
  const fromMs =
    query.from === undefined
      ? Math.min(since ?? Infinity, Math.max(0, toMs - defaultEventsMs))
      : parseTime('from', query.from, nowMs);
  if (fromMs < toMs) return { fromMs, toMs };
  throw new FlameherdError('bad_time', `from: ${formatTime(fromMs)} is not before to: ${formatTime(toMs)}`, {
    hint: 'the window is [from, to): to is not included, and is now when it is not given',
  });
}

/** Undefined for what the template of an alert gives where its query finds nothing: empty, 0, NaN or an infinity. */
export function readSince(since: string | undefined, nowMs: UnixMs): UnixMs | undefined {
  if (since === undefined || /^(|0|NaN|[+-]?Inf)$/i.test(since)) return undefined;
  return parseTime('since', since, nowMs);
}
