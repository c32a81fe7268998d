import { Type } from 'typebox';

/** The shape of `/api/v1/scrapes`: what a selection was made of, scrape by scrape, in columns. */

const integers = (description: string) => Type.Array(Type.Integer(), { description });
const moment = (description: string) => Type.Union([Type.Integer(), Type.Null()], { description });

const storedSchema = Type.Object(
  {
    time: integers('Unix ms: when it was answered; profiles of a window, such as CPU: when they began.'),
    interval: integers('ms until the next one was to come.'),
    span: integers('ms that the profile covers; 0 for one that only seeds, or holds gauges only.'),
    trimmed: integers('Samples folded into (other) when it was stored.'),
    late: integers('ms by which it came after its beat, where that is more than a quarter of the interval; else 0.'),
  },
  { description: 'Profiles that were stored, in order of time.' },
);

const failedSchema = Type.Object(
  {
    time: integers('Unix ms: when it had failed.'),
    failure: integers('Index into failures.'),
  },
  { description: 'Scrapes that brought nothing, in order of time, as far as the collector remembers them.' },
);

const missingSchema = Type.Object(
  {
    from: integers('Unix ms: the first beat that nothing came of.'),
    to: integers('Unix ms: the scrape after the gap, or the end of the process or of the window.'),
    scrapes: integers('How many should have been between them.'),
  },
  { description: 'Gaps in which the process ran and a scrape should have been, and nothing is known of one.' },
);

export const scrapedProcessSchema = Type.Object({
  process: Type.String(),
  labels: Type.Record(Type.String(), Type.String()),
  startedMs: moment('When the process started; null: not known.'),
  endedMs: moment('When it was over; null: it runs, or nothing is known of its end.'),
  running: Type.Boolean({ description: 'It is a target of this collector now.' }),
  stored: storedSchema,
  failed: failedSchema,
  failuresFromMs: Type.Integer({ description: 'Failures before are forgotten, and are gaps in missing.' }),
  missing: missingSchema,
});

export const scrapesSchema = Type.Object({
  kind: Type.String({ description: 'The kind of profile that query selects: cpu, heap, …' }),
  processes: Type.Array(scrapedProcessSchema, { description: 'Those of which most was counted first.' }),
  processesLeftOut: Type.Integer({ description: 'Further processes, beyond limit.' }),
  failures: Type.Array(
    Type.Object({
      reason: Type.String({ description: 'As flameherd_scrape_failures_total counts it: timeout, refused, …' }),
      message: Type.String(),
    }),
    { description: 'What failed scrapes have by index, each once.' },
  ),
  scrapesFromMs: Type.Integer({
    description:
      'Stored profiles are listed from here on: the beginning of the window, or later where it has too many.',
  }),
  meta: Type.Object({
    from: Type.String({ format: 'date-time' }),
    fromMs: Type.Integer(),
    to: Type.String({ format: 'date-time' }),
    toMs: Type.Integer(),
    warnings: Type.Array(Type.String()),
    hint: Type.Optional(Type.String({ description: 'For an empty window: what exists nearby.' })),
  }),
});
