import { Type } from 'typebox';
import { responses } from '../answer-schemas.ts';
import { answerWith } from '../ask.ts';
import { bounds } from '../bounds.ts';
import type { HttpApp, HttpContext } from '../context.ts';
import { parameters, text, timeParameter } from '../parameters.ts';
import { readWindow } from '../window.ts';

const rolloutsParameters = parameters({
  namespace: text('The namespace of the workload.', bounds.labelValueLength),
  workload: text('The name of the workload.', bounds.labelValueLength),
  workload_kind: Type.Optional(
    text('Deployment, StatefulSet, … Default: each kind that has a workload of the name.', bounds.labelValueLength),
  ),
  from: timeParameter('Where the window begins (default: with the first profile that is stored)'),
  to: timeParameter('Where the window ends, itself not included (default: now)'),
});

const time = Type.String({ format: 'date-time' });
const known = Type.Union([Type.String(), Type.Null()], { description: 'null: not known.' });

const revisionSchema = Type.Object({
  workloadKind: known,
  revision: known,
  version: known,
  images: Type.Array(
    Type.Object({
      container: known,
      image: Type.Union([Type.String(), Type.Null()], { description: 'The tag.' }),
      imageDigest: Type.Union([Type.String(), Type.Null()], {
        description: 'sha256:…; known for as long as single profiles are held.',
      }),
    }),
  ),
  firstSeen: time,
  firstSeenMs: Type.Integer(),
  lastSeen: time,
  lastSeenMs: Type.Integer(),
  processes: Type.Integer({ description: 'All that were observed in the window.' }),
  liveProcesses: Type.Integer({ description: 'Those that still ran at its end.' }),
  processSeconds: Type.Integer({ description: 'Observed time, summed over processes.' }),
  current: Type.Boolean({ description: 'The newest that runs; where none does, the one that was seen last.' }),
});

const rolloutSchema = Type.Object({
  workloadKind: known,
  compare: Type.Union([Type.String(), Type.Null()], { description: 'The revision that came.' }),
  base: Type.Union([Type.String(), Type.Null()], { description: 'The one that ran most just before it.' }),
  compareFirstSeen: time,
  compareFirstSeenMs: Type.Integer(),
  compareLastSeen: time,
  compareLastSeenMs: Type.Integer(),
  baseLastSeen: time,
  baseLastSeenMs: Type.Integer(),
  overlaps: Type.Array(
    Type.Object({
      from: time,
      fromMs: Type.Integer(),
      to: time,
      toMs: Type.Integer(),
      compareProcessSeconds: Type.Integer(),
      baseProcessSeconds: Type.Integer(),
    }),
    { description: 'When both ran.' },
  ),
  overlapsLeftOut: Type.Integer({ description: 'Later overlaps that are not listed.' }),
});

const rolloutsSchema = Type.Object({
  namespace: Type.String(),
  workload: Type.String(),
  revisions: Type.Array(revisionSchema, { description: 'By kind of workload, newest first.' }),
  rollouts: Type.Array(rolloutSchema, { description: 'By kind of workload, newest first; an undo is one, too.' }),
  meta: Type.Object({
    from: time,
    fromMs: Type.Integer(),
    to: time,
    toMs: Type.Integer(),
    resolution: Type.String({ description: 'detail, 1h or 1d.' }),
    warnings: Type.Array(Type.String()),
    hint: Type.Optional(Type.String({ description: 'For a workload that is not known: what is.' })),
  }),
});

/** What was rolled out when: the revisions of a workload, and the times in which two of them ran side by side. */
export function rolloutRoutes(app: HttpApp, context: HttpContext): void {
  app.get(
    '/api/v1/rollouts',
    {
      schema: {
        tags: ['catalogue'],
        summary: 'The revisions of a workload, and the roll-outs between them',
        querystring: rolloutsParameters,
        response: responses.json(rolloutsSchema),
      },
    },
    ({ query }, reply) => {
      const { namespace, workload, workload_kind: workloadKind, from, to } = query;
      const isWhole = from === undefined && to === undefined;
      // The engine begins with what is stored.
      const bounded = from === undefined ? { ...query, from: '0' } : query;
      const window = isWhole ? undefined : readWindow(bounded, context.deps.now());
      return answerWith(context, reply, { kind: 'rollouts', namespace, workload, workloadKind, window });
    },
  );
}
