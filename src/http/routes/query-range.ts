import { Type } from '@fastify/type-provider-typebox';
import { durationForm, parseDuration } from '../../model/duration.ts';
import { FlameherdError } from '../../model/errors.ts';
import { parseSelector } from '../../model/matcher.ts';
import { type DurationMs, day, hour, minute, second, type TimeWindow } from '../../model/units.ts';
import { rangeSchema, responses } from '../answer-schemas.ts';
import { answerWith } from '../ask.ts';
import { sizes } from '../bounds.ts';
import type { HttpApp, HttpContext } from '../context.ts';
import { limitParameter, parameters, queryParameter, text, windowParameters } from '../parameters.ts';
import { readWindow } from '../window.ts';

const labelName = /^[A-Za-z_][A-Za-z0-9_.\-/]*$/;
const maxGroupLabels = 8;

/** Steps that a person would choose, for when none is given. */
const niceSteps: readonly DurationMs[] = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
];
const shortestDefaultStepMs: DurationMs = 15 * second;

const rangeParameters = parameters({
  query: queryParameter,
  ...windowParameters,
  step: Type.Optional(
    text(`Width of a point: ${durationForm}, or seconds; at least 1s. Default: about 250 points.`, 32),
  ),
  group_by: Type.Optional(text('Labels by which totals are split, joined by commas: workload,revision.', 512)),
  limit: limitParameter(sizes.rangeSeries, 'Groups kept, largest first; the rest is other.'),
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
    ({ query }, reply) => {
      const selector = parseSelector(query.query);
      const window = readWindow(query, context.deps.now());
      return answerWith(context, reply, {
        kind: 'range',
        selector,
        window,
        stepMs: query.step === undefined ? defaultStep(window) : readStep(query.step, window),
        groupBy: query.group_by === undefined ? [] : readGroupBy(query.group_by),
        limit: query.limit ?? sizes.rangeSeries.default,
      });
    },
  );
}

/** The smallest nice step with at most 250 points. */
export function defaultStep({ fromMs, toMs }: TimeWindow): DurationMs {
  const least = Math.max(shortestDefaultStepMs, (toMs - fromMs) / sizes.rangePoints.default);
  return niceSteps.find((step) => step >= least) ?? Math.ceil(least / day) * day;
}

function readStep(step: string, { fromMs, toMs }: TimeWindow): DurationMs {
  const stepMs = /^\d{1,9}$/.test(step) ? Number(step) * second : parseDuration(step);
  if (stepMs === undefined || stepMs < second) {
    throw new FlameherdError('bad_parameter', `step: ${JSON.stringify(step)}; allowed is ${durationForm}, at least 1s`);
  }
  const points = Math.ceil((toMs - fromMs) / stepMs);
  if (points > sizes.rangePoints.max) {
    throw new FlameherdError(
      'bad_parameter',
      `step: ${step} makes ${points} points of this window; allowed are ${sizes.rangePoints.max}`,
      {
        hint: 'give a longer step, or leave it out',
      },
    );
  }
  return stepMs;
}

function readGroupBy(text: string): string[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  const bad = names.find((name) => !labelName.test(name));
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
