import { type Static, Type } from 'typebox';
import { FlameherdError } from '../../model/errors.ts';
import { parseSelector } from '../../model/matcher.ts';
import type { Selector } from '../../model/selector.ts';
import { parseTime } from '../../model/time.ts';
import type { TimeWindow, UnixMs } from '../../model/units.ts';
import {
  type DiffFormat,
  type DiffQuestion,
  defaultNormalization,
  diffFormats,
  mergeFormats,
  normalizations,
} from '../../query/engine.ts';
import { responses } from '../answer-schemas.ts';
import { answerWith } from '../ask.ts';
import { sizes } from '../bounds.ts';
import type { HttpApp, HttpContext } from '../context.ts';
import { limitParameter, parameters, queryParameter, text, timeParameter, windowParameters } from '../parameters.ts';
import { readRoot, rootParameter } from '../root-parameter.ts';
import { readView, viewParameters } from '../view-parameters.ts';
import { readWindow } from '../window.ts';

const diffParameters = parameters({
  query: queryParameter,
  ...windowParameters,
  base_query: Type.Optional(text('What to compare with; of the same profile type. Default: query.')),
  base_from: timeParameter('Where the window of the base begins. Default: see base_to'),
  base_to: timeParameter(
    'Where it ends. Given one of the two, it is as long as the window; given none, it is the same as the window with a base_query, else the time just before it',
  ),
  rollout: Type.Optional(
    Type.Enum(['latest'], {
      description:
        'The latest revision of the workload that query selects against the one before, over the time both ran; without base_query, base_from, base_to.',
    }),
  ),
  normalize: Type.Optional(
    Type.Enum([...normalizations], {
      description:
        'How the sides are made comparable: shares of their totals (default), per process and second (default of rollout), or none.',
    }),
  ),
  format: Type.Optional(Type.Enum([...mergeFormats], { default: 'pprof', description: `${diffFormats.join(', ')}.` })),
  aggregate: Type.Optional(
    Type.Enum(['avg', 'last', 'peak'], { default: 'avg', description: 'How gauges come together over time.' }),
  ),
  ...viewParameters,
  ...rootParameter,
  max_nodes: limitParameter(sizes.flameNodes, 'format=flamegraph: nodes kept, largest of either side first.'),
  limit: limitParameter(sizes.topRows, 'format=top: rows kept; markdown has five at most.'),
  sort: Type.Optional(
    Type.Enum(['self', 'total'], { default: 'self', description: 'format=top and markdown: by the change of which.' }),
  ),
});

type DiffQuery = Static<typeof diffParameters>;

/** `/api/v1/diff`: what changed, compare minus base. */
export function diffRoutes(app: HttpApp, context: HttpContext): void {
  app.get(
    '/api/v1/diff',
    {
      schema: {
        tags: ['query'],
        summary: 'What changed: compare minus base, of two windows, two selections, or two revisions',
        querystring: diffParameters,
        response: responses.diff,
      },
    },
    (request, reply) => answerWith(context, request, reply, diffQuestion(request.query, context.deps.now())),
  );
}

function diffQuestion(query: DiffQuery, nowMs: UnixMs): DiffQuestion {
  const compare = { selector: parseSelector(query.query), window: readWindow(query, nowMs) };
  const base = query.rollout === undefined ? readBase(query, compare, nowMs) : onlyRollout(query, query.rollout);
  return {
    kind: 'diff',
    compare,
    base,
    normalize: query.normalize ?? defaultNormalization(base),
    aggregation: query.aggregate ?? 'avg',
    format: supportedFormat(query.format ?? 'pprof'),
    maxNodes: query.max_nodes ?? sizes.flameNodes.default,
    limit: query.limit ?? sizes.topRows.default,
    sort: query.sort ?? 'self',
    view: readView(query),
    ...readRoot(query.format ?? 'pprof', query.root),
  };
}

function readBase(query: DiffQuery, compare: DiffQuestion['compare'], nowMs: UnixMs): DiffQuestion['compare'] {
  return {
    selector: query.base_query === undefined ? compare.selector : parseBaseQuery(query.base_query),
    window: readBaseWindow(query, compare.window, nowMs),
  };
}

/** Errors name the parameter that they are about. */
function parseBaseQuery(given: string): Selector {
  try {
    return parseSelector(given);
  } catch (error) {
    if (!(error instanceof FlameherdError)) throw error;
    throw new FlameherdError(error.code, error.message.replace(/^query:/, 'base_query:'), { hint: error.hint });
  }
}

function readBaseWindow(query: DiffQuery, { fromMs, toMs }: TimeWindow, nowMs: UnixMs): TimeWindow {
  const lengthMs = toMs - fromMs;
  const since = query.base_from === undefined ? undefined : parseTime('base_from', query.base_from, nowMs);
  const until = query.base_to === undefined ? undefined : parseTime('base_to', query.base_to, nowMs);
  if (since === undefined && until === undefined) {
    return query.base_query === undefined ? { fromMs: Math.max(0, fromMs - lengthMs), toMs: fromMs } : { fromMs, toMs };
  }
  const baseToMs = until ?? Math.min(nowMs, (since ?? 0) + lengthMs);
  const base = { fromMs: since ?? Math.max(0, baseToMs - lengthMs), toMs: baseToMs };
  if (base.fromMs < base.toMs) return base;
  throw new FlameherdError(
    'bad_time',
    `base_from: ${query.base_from ?? ''} is not before base_to: ${query.base_to ?? 'now'}`,
    {
      hint: 'the window of the base is [base_from, base_to)',
    },
  );
}

function onlyRollout(query: DiffQuery, rollout: 'latest'): { rollout: 'latest' } {
  for (const other of ['base_query', 'base_from', 'base_to'] as const) {
    if (query[other] === undefined) continue;
    throw new FlameherdError('bad_parameter', `rollout: cannot be given together with ${other}`, {
      hint: 'rollout=latest finds the base by itself; for one of your own leave it out',
    });
  }
  return { rollout };
}

function supportedFormat(format: NonNullable<DiffQuery['format']>): DiffFormat {
  const supported = diffFormats.find((known) => known === format);
  if (supported !== undefined) return supported;
  throw new FlameherdError('unsupported_format', `format: a diff has no ${format}; it has ${diffFormats.join(', ')}`, {
    hint: 'format=pprof opens in go tool pprof; the two sides by themselves come from /api/v1/merge in every format',
  });
}
