import { Type } from 'typebox';

/** The shape of `/api/v1/rollouts`. */

const time = Type.String({ format: 'date-time' });
const known = Type.Union([Type.String(), Type.Null()], { description: 'null: not known.' });

export const revisionSchema = Type.Object({
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

export const rolloutSchema = Type.Object({
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

export const rolloutsSchema = Type.Object({
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
