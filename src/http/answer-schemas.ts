import { type TSchema, Type } from 'typebox';
import {
  callgraphSchema,
  diffFlamegraphSchema,
  diffTopSchema,
  flamegraphSchema,
  metaSchema,
  numbers,
  speedscopeSchema,
  topSchema,
} from './view-schemas.ts';

/** The shapes of all other answers, for the OpenAPI document; the engine's own answers are passed on as they are. */

const labels = Type.Record(Type.String(), Type.String());
const time = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);
const timeMs = Type.Union([Type.Integer(), Type.Null()]);

const pointsSchema = Type.Array(numbers, { description: '[tMs, value, observedSeconds]; t is the left edge.' });
const rangePoints = {
  points: pointsSchema,
  selfPoints: Type.Optional(
    Type.Array(numbers, {
      description: 'With function: what it took itself, in the same steps; points are its total.',
    }),
  ),
};

export const rangeSchema = Type.Object({
  unit: Type.String(),
  aggregation: Type.Union([Type.String(), Type.Null()], {
    description: 'avg for gauges, rate for sums; null where nothing is found.',
  }),
  estimated: Type.Boolean({ description: 'Rates are estimated from the time that was profiled.' }),
  stepMs: Type.Integer(),
  function: Type.Optional(Type.String({ description: 'The function that was asked for.' })),
  series: Type.Array(Type.Object({ labels, ...rangePoints })),
  other: Type.Union([Type.Object({ series: Type.Integer(), ...rangePoints }), Type.Null()], {
    description: 'What is beyond limit; series + other = total.',
  }),
  meta: metaSchema,
});

const nextCursor = Type.Union([Type.String(), Type.Null()], { description: 'null on the last page.' });
const sampleTypeSchema = Type.Object({ type: Type.String(), unit: Type.String(), temporality: Type.String() });
const listMeta = Type.Object({
  from: Type.String({ format: 'date-time' }),
  fromMs: Type.Integer(),
  to: Type.String({ format: 'date-time' }),
  toMs: Type.Integer(),
  warnings: Type.Array(Type.String()),
  hint: Type.Optional(Type.String()),
});

/** A page of a list, under its name. */
function listSchema<Name extends string, Entry extends TSchema, Beside extends Record<string, TSchema> = {}>(
  name: Name,
  entry: Entry,
  beside?: Beside,
) {
  const list = { [name]: Type.Array(entry) } as Record<Name, ReturnType<typeof Type.Array<Entry>>>;
  return Type.Object({ ...list, ...(beside as Beside), nextCursor, meta: listMeta });
}

/** Lists of what there is, by the kind of the question. */
export const listSchemas = {
  'profile-types': listSchema(
    'profileTypes',
    Type.Object({
      type: Type.String({ description: 'name:sample:unit:period:unit.' }),
      alias: Type.Union([Type.String(), Type.Null()]),
      kind: Type.String(),
      sampleType: Type.String(),
      unit: Type.String(),
      temporality: Type.String(),
      series: Type.Integer(),
    }),
  ),
  labels: listSchema('labels', Type.String(), {
    sampleLabels: Type.Array(Type.String(), {
      description: 'Those on this page that are pprof labels; tag_NAME where series have a label NAME.',
    }),
  }),
  'label-values': listSchema('values', Type.String(), {
    sampleLabel: Type.Boolean({ description: 'It is a pprof label, not one of series.' }),
  }),
  series: listSchema(
    'series',
    Type.Object({
      labels,
      kind: Type.String(),
      process: Type.String({ description: 'Empty where only sums over series without pod and node are left.' }),
      sampleTypes: Type.Array(sampleTypeSchema),
      first: Type.String({ format: 'date-time' }),
      firstMs: Type.Integer(),
      last: Type.String({ format: 'date-time' }),
      lastMs: Type.Integer(),
    }),
  ),
  profiles: listSchema(
    'profiles',
    Type.Object({
      id: Type.String(),
      labels,
      kind: Type.String(),
      process: Type.String(),
      time: Type.String({ format: 'date-time' }),
      timeMs: Type.Integer(),
      intervalMs: Type.Integer(),
      spanMs: Type.Integer(),
      sampleTypes: Type.Array(
        Type.Object({
          type: Type.String(),
          unit: Type.String(),
          temporality: Type.String(),
          total: Type.Integer({ description: 'int64, with all its digits.' }),
        }),
      ),
    }),
  ),
};

export const explanationSchema = Type.Object({
  subject: Type.String(),
  verdict: Type.String(),
  because: Type.String(),
  rules: Type.Array(Type.Object({ rule: Type.String(), verdict: Type.String(), detail: Type.String() })),
  nearMisses: Type.Array(Type.String()),
  hint: Type.Optional(Type.String()),
  sources: Type.Array(Type.String()),
});

export const targetsSchema = Type.Object({
  targets: Type.Array(
    Type.Object({
      source: Type.String(),
      discoverer: Type.String(),
      labels,
      health: Type.String({ description: 'unknown, up or down.' }),
      state: Type.String({ description: 'active, unresolved, held or candidate.' }),
      reason: Type.String({ description: 'Why it is not active; empty when it is.' }),
      transport: Type.Union([Type.String(), Type.Null()]),
      transportReason: Type.String(),
      terminating: Type.Boolean(),
      warnings: Type.Array(Type.String()),
      scrapes: Type.Array(
        Type.Object({
          kind: Type.String(),
          url: Type.String(),
          health: Type.String(),
          lastError: Type.String({ description: 'Empty when the last scrape was good.' }),
          lastScrape: time,
          lastScrapeMs: timeMs,
          nextScrape: time,
          nextScrapeMs: timeMs,
          durationMs: Type.Union([Type.Number(), Type.Null()]),
          bytes: Type.Union([Type.Integer(), Type.Null()]),
          samples: Type.Union([Type.Integer(), Type.Null()]),
          seconds: Type.Union([Type.Number(), Type.Null()]),
          intervalMs: Type.Integer(),
        }),
      ),
    }),
  ),
  counts: Type.Record(Type.String(), Type.Integer(), {
    description: 'Matching targets by health (active ones) and by state (the others), over all pages.',
  }),
  nextCursor,
});

export const uploadedSchema = Type.Object({
  id: Type.String(),
  duplicate: Type.Boolean({ description: 'The series has this very profile at this time already.' }),
  samples: Type.Integer(),
  trimmed: Type.Integer(),
  warnings: Type.Array(Type.String()),
});

export const pausesSchema = Type.Object({
  pauses: Type.Array(
    Type.Object({
      namespace: Type.Optional(Type.String()),
      workload: Type.Optional(Type.String()),
    }),
    { description: 'An absent part means all of them.' },
  ),
});

export const sidecarsSchema = Type.Object({
  enabled: Type.Boolean({ description: 'Whether this daemon may add any.' }),
  pods: Type.Array(
    Type.Object({
      namespace: Type.String(),
      pod: Type.String(),
      uid: Type.String(),
      node: Type.String(),
      attempts: Type.Integer({ description: 'How many the pod ever got; none is ever removed from its spec.' }),
      maxAttempts: Type.Integer(),
      sidecars: Type.Array(
        Type.Object({
          name: Type.String(),
          image: Type.String(),
          state: Type.String({ description: 'waiting, running or ended.' }),
          reason: Type.String({ description: 'Why it waits, as the kubelet says it.' }),
          since: time,
          sinceMs: timeMs,
          by: Type.String({ description: 'The collector that put it there: HOST/ID.' }),
        }),
      ),
    }),
  ),
  breakers: Type.Array(
    Type.Object({
      scope: Type.String({ description: 'image, namespace or pod.' }),
      key: Type.String(),
      reason: Type.String(),
      since: time,
      sinceMs: timeMs,
      until: time,
      untilMs: timeMs,
    }),
    { description: 'What is left alone for a while because sidecars failed there.' },
  ),
});

export const problemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'As in docs/errors.md.' }),
    detail: Type.String(),
    hint: Type.Optional(Type.String()),
  },
  { description: 'RFC 9457. Where a pprof is asked for, the same as text/plain with X-Go-Pprof: 1.' },
);

const problemResponse = {
  description: 'An error.',
  content: { 'application/problem+json': { schema: problemSchema } },
};
/** Where `wantsPprof` holds: go tool pprof prints text only. */
const pprofProblemResponse = {
  description: 'An error. As text where a pprof is asked for, with X-Go-Pprof: 1.',
  content: { ...problemResponse.content, 'text/plain': { schema: Type.String() } },
};
const pprofSchema = Type.Unsafe<Uint8Array>({ type: 'string', format: 'binary', description: 'A gzipped pprof.' });
const textSchema = Type.String();

function ok(content: Record<string, { schema: TSchema }>, description: string, problem = problemResponse) {
  return { 200: { description, content }, '4xx': problem, '5xx': problem };
}

/** Answers of a route, by media type. */
export const responses = {
  json: (schema: TSchema, description = 'The answer.') => ok({ 'application/json': { schema } }, description),
  pprof: ok({ 'application/octet-stream': { schema: pprofSchema } }, 'A profile.', pprofProblemResponse),
  snap: ok({ 'application/octet-stream': { schema: pprofSchema } }, 'The profile that was taken.'),
  merge: ok(
    {
      'application/octet-stream': { schema: pprofSchema },
      'application/json': { schema: Type.Union([flamegraphSchema, topSchema, callgraphSchema, speedscopeSchema]) },
      'text/plain': { schema: textSchema },
      'text/markdown': { schema: textSchema },
    },
    'The merged profile, by format.',
    pprofProblemResponse,
  ),
  diff: ok(
    {
      'application/octet-stream': { schema: pprofSchema },
      'application/json': { schema: Type.Union([diffFlamegraphSchema, diffTopSchema]) },
      'text/plain': { schema: textSchema },
      'text/markdown': { schema: textSchema },
    },
    'What changed, by format.',
    pprofProblemResponse,
  ),
  text: ok({ 'text/plain': { schema: textSchema } }, 'Text.'),
  pageOrJson: (schema: TSchema) =>
    ok({ 'text/html': { schema: textSchema }, 'application/json': { schema } }, 'A page, or the same as JSON.'),
  html: ok({ 'text/html': { schema: textSchema } }, 'A page.'),
  pprofIndex: ok({ 'text/html': { schema: textSchema } }, 'A page.', pprofProblemResponse),
};
