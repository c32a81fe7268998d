import { Type } from 'typebox';
import { durationForm, parseDuration } from '../../model/duration.ts';
import { FlameherdError } from '../../model/errors.ts';
import { parseSelector } from '../../model/matcher.ts';
import { isLabelName } from '../../model/selector.ts';
import { type DurationMs, second } from '../../model/units.ts';
import { rangeSchema, responses } from '../answer-schemas.ts';
import { answerWith } from '../ask.ts';
import { bounds, sizes } from '../bounds.ts';
import type { HttpApp, HttpContext } from '../context.ts';
import { limitParameter, parameters, queryParameter, text, windowParameters } from '../parameters.ts';
import type { Seen } from '../seen.ts';
import { readWindow } from '../window.ts';

const maxGroupLabels = 8;

/** Leaves the choice to the engine. */
const defaultStepMs: DurationMs = 0;

const rangeParameters = parameters({
  query: queryParameter,
  ...windowParameters,
  step: Type.Optional(
    text(`Width of a point: ${durationForm}, or seconds; whole seconds. Default: what suits the window.`, 32),
  ),
  group_by: Type.Optional(
    text(
      'Labels by which totals are split, joined by commas: workload,revision. Labels of series, and pprof labels: endpoint, or tag_NAME where series have a label NAME.',
      512,
    ),
  ),
  limit: limitParameter(sizes.rangeSeries, 'Groups kept, largest first; the rest is other.'),
  function: Type.Optional(
    text(
      'A function by its name, or by its id as metrics and growth have it: its total (points) and its self (selfPoints) instead of the whole. serve.func is all closures of serve, serve.func2 one of them. Not together with pprof labels.',
      bounds.functionLength,
    ),
  ),
});

export function queryRangeRoutes(app: HttpApp, context: HttpContext): void {
  app.get(
    '/api/v1/query_range',
    {
      schema: {
        tags: ['query'],
        summary: 'Totals over time: sums per second, gauges averaged',
        querystring: rangeParameters,
        response: responses.json(rangeSchema),
      },
    },
    (request, reply) => {
      const { query } = request;
      const selector = parseSelector(query.query);
      const window = readWindow(query, context.deps.now());
      return answerWith(context, request, reply, {
        kind: 'range',
        selector,
        window,
        stepMs: query.step === undefined ? defaultStepMs : readStep(query.step),
        groupBy: query.group_by === undefined ? [] : readGroupBy(query.group_by),
        limit: query.limit ?? sizes.rangeSeries.default,
        ...(query.function === undefined
          ? {}
          : { functionName: nameOfFunction(context.seenBy(request), query.function) }),
      });
    },
  );
}

/** Links of metrics and alerts carry ids, which are safe in URLs as names are not. */
function nameOfFunction({ growth }: Pick<Seen, 'growth'>, given: string): string {
  return /^[0-9a-f]{16}$/.test(given) ? (growth.functionName(given) ?? given) : given;
}

/** The engine says whether it suits the window. */
function readStep(step: string): DurationMs {
  const stepMs = /^\d{1,9}$/.test(step) ? Number(step) * second : parseDuration(step);
  if (stepMs !== undefined && stepMs >= second) return stepMs;
  throw new FlameherdError('bad_parameter', `step: ${JSON.stringify(step)}; allowed is ${durationForm}, at least 1s`);
}

function readGroupBy(text: string): string[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  const bad = names.find((name) => !isLabelName(name));
  if (bad !== undefined) {
    throw new FlameherdError('bad_parameter', `group_by: ${JSON.stringify(bad)} is no label name`, {
      hint: 'label names joined by commas, such as workload,revision; /api/v1/labels lists them',
    });
  }
  if (names.length > maxGroupLabels) {
    throw new FlameherdError('bad_parameter', `group_by: ${names.length} labels; allowed are ${maxGroupLabels}`);
  }
  return names;
}
