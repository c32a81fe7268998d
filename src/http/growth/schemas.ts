import { type TSchema, Type } from 'typebox';
import { growthSignals, growthTiers } from '../../model/growth.ts';

/** The shapes of growth's answers. */

const orNull = <Schema extends TSchema>(schema: Schema, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description });
const time = Type.String({ format: 'date-time' });

/** A moment under two names, as `moment` writes it. */
function momentSchema<const Name extends string>(name: Name, description?: string): MomentSchema<Name> {
  return { [name]: orNull(time, description), [`${name}Ms`]: orNull(Type.Integer()) } as MomentSchema<Name>;
}
type MomentSchema<Name extends string> = Record<Name, ReturnType<typeof orNull<typeof time>>> &
  Record<`${Name}Ms`, ReturnType<typeof orNull<Type.TInteger>>>;

const windowSchema = Type.Object({ from: time, fromMs: Type.Integer(), to: time, toMs: Type.Integer() });

const workloadProperties = {
  namespace: Type.String(),
  workloadKind: Type.String(),
  workload: Type.String(),
  container: Type.String(),
};

const gateSchema = Type.Object({
  name: Type.String({ description: 'As docs/ALERTING.md lists them.' }),
  passed: Type.Boolean(),
  text: Type.String({ description: 'What was measured and what is needed: 0.9 MiB of 32 MiB.' }),
  value: orNull(Type.Number()),
  needed: orNull(Type.Number()),
});

const functionSchema = Type.Object({
  function: Type.String({
    description: 'As two builds are compared; empty: the whole, where no function grows by itself.',
  }),
  functionId: Type.String({ description: '16 hex digits, the same over builds; query_range takes it as function.' }),
  perSecond: Type.Number({
    description: 'In slopeUnit, over the growing processes; allocations: how much the rate rose.',
  }),
  level: Type.Number({ description: 'What it holds now, in unit; allocations: the rate now.' }),
  link: orNull(Type.String(), 'It over time.'),
  page: orNull(Type.String(), 'The same as a page, with its flame graph.'),
});

const tierSchema = orNull(Type.Enum([...growthTiers]), 'null: nothing is found.');

export const signalSchema = Type.Object({
  signal: Type.Enum([...growthSignals]),
  tier: tierSchema,
  unit: Type.String({ description: 'Of levels and rises: bytes, count, or bytes/s.' }),
  slopeUnit: Type.String(),
  ...momentSchema('since', 'When it was found.'),
  ...momentSchema('start', 'Where the growth begins, as far as it can be seen.'),
  perSecond: orNull(Type.Number(), 'The slope of the process that grows fastest.'),
  low: orNull(Type.Number(), 'Of its 95 % interval.'),
  high: orNull(Type.Number()),
  rise: orNull(Type.Number()),
  baseline: orNull(
    Type.Object({
      kind: Type.Enum(['none', 'earlier', 'yesterday', 'plateau', 'revision']),
      level: orNull(Type.Number()),
      revision: orNull(Type.String()),
      text: Type.String({ description: 'The same in words.' }),
    }),
  ),
  likelyBecause: orNull(Type.Enum(['ramp', 'days', 'recurrence'])),
  functions: Type.Array(functionSchema, { description: 'At most five, the fastest first.' }),
  pods: Type.Array(Type.String(), { description: 'Those that grow …' }),
  judged: Type.Integer({ description: '… of so many that are old enough.' }),
  whyNot: orNull(Type.String(), 'The first gate that was not passed: why nothing, or nothing more, is found.'),
  gates: Type.Array(gateSchema),
  eventId: orNull(Type.String(), 'Of the event that is open.'),
  links: Type.Object({
    diff: orNull(Type.String(), 'The last of it against what was before, as markdown.'),
    pprof: orNull(Type.String(), 'The same for go tool pprof.'),
    profiles: Type.String(),
    event: orNull(Type.String()),
    diffPage: orNull(Type.String(), 'The page of the diff.'),
    explorePage: orNull(Type.String(), 'The page of its profiles over time.'),
    eventPage: orNull(Type.String()),
  }),
});

export const verdictSchema = Type.Object({
  ...workloadProperties,
  at: time,
  atMs: Type.Integer({ description: 'The end of the bucket that was judged last.' }),
  tier: orNull(Type.Enum([...growthTiers]), 'The highest of its signals.'),
  skipped: orNull(Type.String(), 'Why it is not judged; it has no signals then.'),
  processes: Type.Integer(),
  signals: Type.Array(signalSchema),
  links: Type.Object({ page: Type.String() }),
});

export const eventSchema = Type.Object({
  id: Type.String(),
  ...workloadProperties,
  signal: Type.Enum([...growthSignals]),
  tier: Type.Enum([...growthTiers], { description: 'The highest it reached.' }),
  state: Type.Enum(['open', 'resolved']),
  ...momentSchema('opened'),
  ...momentSchema('likely', 'When it became likely.'),
  ...momentSchema('resolved'),
  revision: orNull(Type.String(), 'The one that grows.'),
  verdict: Type.Omit(signalSchema, ['eventId', 'links'], { description: 'As of the last time it was found.' }),
  profiles: orNull(
    Type.Object({ base: orNull(windowSchema), compare: windowSchema }),
    'The windows of the merged profiles that are kept with it.',
  ),
  stored: Type.Boolean({ description: 'It has a page; what a back-test finds may have none.' }),
  links: Type.Object({
    event: orNull(Type.String()),
    page: orNull(Type.String()),
    workload: Type.String({ description: 'The page of the workload.' }),
    diff: Type.String(),
    pprof: Type.String(),
    diffPage: Type.String({ description: 'The page of the diff.' }),
    explorePage: Type.String({ description: 'The page of its profiles over time.' }),
    profiles: Type.String(),
    baseProfile: orNull(Type.String(), 'Kept with the event, for as long as it: a gzipped pprof.'),
    compareProfile: orNull(Type.String()),
  }),
});

const metaProperties = {
  enabled: Type.Boolean({ description: 'growth.enabled: whether anything is judged.' }),
  bucketMs: Type.Integer(),
  from: time,
  fromMs: Type.Integer(),
  to: time,
  toMs: Type.Integer({ description: 'Events are those that were open in [from, to).' }),
  warnings: Type.Array(Type.String()),
  hint: Type.Optional(Type.String({ description: 'Where nothing is found: why, and what there is.' })),
};

export const growthSchema = Type.Object({
  verdicts: Type.Array(verdictSchema, { description: 'Findings first, then by workload.' }),
  events: Type.Array(eventSchema, { description: 'Newest first.' }),
  nextCursor: orNull(Type.String(), 'null on the last page.'),
  meta: Type.Object({
    ...metaProperties,
    ...momentSchema('evaluated', 'The end of the bucket that was judged last.'),
    ...momentSchema('at', 'The moment that was asked for.'),
    workloads: Type.Integer({ description: 'Verdicts over all pages.' }),
    tiers: Type.Object({
      likely: Type.Integer(),
      suspected: Type.Integer(),
      none: Type.Integer(),
      skipped: Type.Integer(),
    }),
  }),
});

export const backtestSchema = Type.Object({
  events: Type.Array(eventSchema, { description: 'In the order in which they would have been opened.' }),
  verdicts: Type.Array(verdictSchema, { description: 'As of the end.' }),
  meta: Type.Object({ ...metaProperties, evaluations: Type.Integer() }),
});
