import { type Static, Type } from 'typebox';
import { FlameherdError } from '../../model/errors.ts';
import { parseSelector } from '../../model/matcher.ts';
import { parseProfileType, profileTypeAliases } from '../../model/profile-type.ts';
import type { Matcher, Selector } from '../../model/selector.ts';
import { parseTime } from '../../model/time.ts';
import type { TimeWindow, UnixMs } from '../../model/units.ts';
import { isPlainView, type View } from '../../model/view.ts';
import { type MergeFormat, type MergeQuestion, mergeFormats } from '../../query/engine.ts';
import { responses } from '../answer-schemas.ts';
import { answerWith } from '../ask.ts';
import { bounds, defaultWindowMs, sizes } from '../bounds.ts';
import type { HttpApp, HttpContext } from '../context.ts';
import { limitParameter, parameters, queryParameter, text, timeParameter, windowParameters } from '../parameters.ts';
import { readRoot, rootParameter } from '../root-parameter.ts';
import { readView, viewParameters } from '../view-parameters.ts';
import { readWindow } from '../window.ts';

const shapeParameters = {
  ...windowParameters,
  format: Type.Optional(
    Type.Enum([...mergeFormats], {
      default: 'pprof',
      description:
        'pprof opens in go tool pprof, pgo is for go build -pgo, speedscope for speedscope.app; callgraph needs function.',
    }),
  ),
  aggregate: Type.Optional(
    Type.Enum(['avg', 'last', 'peak'], {
      description:
        'How gauges come together over time: the average (default), what stood at the end, or the moment of the largest total. Sums ignore it.',
    }),
  ),
  ...viewParameters,
  function: Type.Optional(
    text(
      'format=callgraph: the function whose callers and callees are asked for, by its whole name.',
      bounds.functionLength,
    ),
  ),
  ...rootParameter,
  at: timeParameter('What stood at this moment: aggregate=last of a window that ends there'),
  max_nodes: limitParameter(sizes.flameNodes, 'format=flamegraph: nodes kept, largest first; the rest is folded.'),
  limit: limitParameter(
    sizes.topRows,
    'format=top: rows kept, in markdown ten at most; callgraph: callers and callees kept.',
  ),
  sort: Type.Optional(
    Type.Enum(['self', 'total'], { default: 'self', description: 'format=top and markdown: by which.' }),
  ),
};
const mergeParameters = parameters({ query: queryParameter, ...shapeParameters });
const shortParameters = parameters(shapeParameters);
const shortPath = Type.Object({
  namespace: text('The namespace.'),
  workload: text('The name of the workload.'),
  alias: text('A profile type or its alias, such as cpu or heap.'),
});

type ShapeQuery = Static<typeof shortParameters>;

/** `/api/v1/merge` and its short form for typing, `/pprof/{namespace}/{workload}/{alias}`. */
export function mergeRoutes(app: HttpApp, context: HttpContext): void {
  const { deps } = context;
  app.get(
    '/api/v1/merge',
    {
      schema: {
        tags: ['query'],
        summary: 'One profile, merged over the window and all matching processes',
        querystring: mergeParameters,
        response: responses.merge,
      },
    },
    (request, reply) => {
      const { query } = request;
      return answerWith(context, request, reply, mergeQuestion(parseSelector(query.query), query, deps.now()));
    },
  );
  app.get(
    '/pprof/:namespace/:workload/:alias',
    {
      schema: {
        tags: ['query'],
        summary: 'Short form of merge, for typing: go tool pprof http://HOST/pprof/shop/checkout/cpu?seconds=3600',
        params: shortPath,
        querystring: shortParameters,
        response: responses.merge,
      },
    },
    (request, reply) => {
      const { params, query } = request;
      return answerWith(context, request, reply, mergeQuestion(shortSelector(params), query, deps.now()));
    },
  );
}

function mergeQuestion(selector: Selector, query: ShapeQuery, nowMs: UnixMs): MergeQuestion {
  const format = query.format ?? 'pprof';
  return {
    kind: 'merge',
    selector,
    window: query.at === undefined ? readWindow(query, nowMs) : windowUntil(query, query.at, nowMs),
    aggregation: query.at === undefined ? (query.aggregate ?? 'avg') : 'last',
    format,
    maxNodes: query.max_nodes ?? sizes.flameNodes.default,
    limit: query.limit ?? sizes.topRows.default,
    sort: query.sort ?? 'self',
    view: readMergeView(format, query),
    ...readFunction(format, query.function),
    ...readRoot(format, query.root),
  };
}

/** The function of a call graph, which no other format has. */
function readFunction(format: MergeFormat, given: string | undefined): Pick<MergeQuestion, 'functionName'> {
  if ((format === 'callgraph') === (given !== undefined)) return given === undefined ? {} : { functionName: given };
  throw new FlameherdError(
    'bad_parameter',
    given === undefined ? 'function: required by format=callgraph' : `function: format=${format} is of all functions`,
    { hint: 'format=callgraph&function=NAME answers callers and callees of one function; format=top lists names' },
  );
}

/** `at=T` is the end of the window; what would say something else of the end or the aggregation is refused. */
function windowUntil(query: ShapeQuery, at: string, nowMs: UnixMs): TimeWindow {
  for (const other of ['from', 'to', 'start', 'end', 'seconds'] as const) {
    if (query[other] !== undefined) throw notWithAt(other);
  }
  if (query.aggregate !== undefined && query.aggregate !== 'last') throw notWithAt(`aggregate=${query.aggregate}`);
  const toMs = parseTime('at', at, nowMs);
  return { fromMs: Math.max(0, toMs - defaultWindowMs), toMs };
}

function notWithAt(other: string): FlameherdError {
  return new FlameherdError('bad_parameter', `at: cannot be given together with ${other}`, {
    hint: 'at=T asks what stood at T; for a window give from and to',
  });
}

/** The compiler wants what ran, whole. */
function readMergeView(format: MergeFormat, query: ShapeQuery): View {
  const view = readView(query);
  if (format !== 'pgo' || isPlainView(view)) return view;
  throw new FlameherdError('bad_parameter', 'format: pgo takes no filters and has no granularity', {
    hint: 'select by labels in query instead, or take format=pprof',
  });
}

function shortSelector({ namespace, workload, alias }: Static<typeof shortPath>): Selector {
  const type = parseProfileType(alias);
  if (!type) {
    throw new FlameherdError('not_found', `${JSON.stringify(alias)} is no profile type`, {
      hint: `use one of ${Object.keys(profileTypeAliases).join(', ')}, or name:sample:unit:period:unit`,
    });
  }
  return { type, matchers: [equals('namespace', namespace), equals('workload', workload)] };
}

function equals(name: string, value: string): Matcher {
  return { name, operator: '=', value };
}
