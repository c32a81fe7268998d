import { Type } from 'typebox';

/** The shapes of what is shown of profiles, merged or compared, and of what such answers say of themselves. */

export const numbers = Type.Array(Type.Number());

export const metaSchema = Type.Object(
  {
    profiles: Type.Integer(),
    processes: Type.Integer(),
    observedSeconds: Type.Number({ description: 'Time in which at least one selected process was observed.' }),
    profiledSeconds: Type.Number({ description: 'Time that profiles cover, summed over processes.' }),
    processSeconds: Type.Number({ description: 'Observed time, summed over processes.' }),
    from: Type.String({ format: 'date-time' }),
    fromMs: Type.Integer(),
    to: Type.String({ format: 'date-time' }),
    toMs: Type.Integer(),
    profiledShare: Type.Optional(
      Type.Number({ description: 'Sums in a merge: the part of process-time that was profiled, 0 to 1.' }),
    ),
    resolution: Type.String({ description: 'detail, 1h or 1d.' }),
    aggregation: Type.Union([Type.String({ description: 'sum, rate, avg, last or peak.' }), Type.Null()]),
    foldedShare: Type.Number({
      description: 'The share of the total in nodes that were folded away; with root: of what is under it.',
    }),
    trimmed: Type.Integer({ description: 'Samples folded into (other) when they were stored.' }),
    warnings: Type.Array(Type.String()),
    partial: Type.Boolean(),
    rootTotal: Type.Optional(Type.Number({ description: 'With root: the total of the whole, of which shares are.' })),
    hint: Type.Optional(Type.String({ description: 'For an empty window: what exists nearby.' })),
  },
  { description: 'What the answer was made of.' },
);

export const flamegraphSchema = Type.Object(
  {
    unit: Type.String(),
    names: Type.Array(Type.String()),
    name: Type.Array(Type.Integer(), { description: 'Index into names.' }),
    parent: Type.Array(Type.Integer(), { description: '-1 for the root.' }),
    self: numbers,
    total: numbers,
    meta: metaSchema,
  },
  { description: 'format=flamegraph: columns by node, in preorder.' },
);

export const topSchema = Type.Object(
  {
    unit: Type.String(),
    rows: Type.Array(
      Type.Object({ function: Type.String(), file: Type.String(), self: Type.Number(), total: Type.Number() }),
    ),
    total: Type.Number(),
    meta: metaSchema,
  },
  { description: 'format=top.' },
);

export const speedscopeSchema = Type.Object(
  { $schema: Type.String(), shared: Type.Unknown(), profiles: Type.Array(Type.Unknown()) },
  { description: 'format=speedscope: a file for https://www.speedscope.app.' },
);

const edges = Type.Array(Type.Object({ function: Type.String(), file: Type.String(), value: Type.Number() }));

export const callgraphSchema = Type.Object(
  {
    unit: Type.String(),
    function: Type.String(),
    file: Type.String(),
    self: Type.Number(),
    total: Type.Number(),
    callers: edges,
    callees: edges,
    profileTotal: Type.Number({ description: 'Of all functions.' }),
    meta: metaSchema,
  },
  { description: 'format=callgraph: one function, what called it and what it called, largest first.' },
);

const sideMeta = Type.Object({ ...metaSchema.properties }, { description: 'Of the base: what that side was made of.' });
const rolledOut = Type.Object({
  revision: Type.String(),
  image: Type.String(),
  imageDigest: Type.String(),
  version: Type.String(),
  firstSeen: Type.String(),
  lastSeen: Type.String(),
  firstSeenMs: Type.Integer(),
  lastSeenMs: Type.Integer(),
});
const diffMeta = Type.Object({
  ...metaSchema.properties,
  base: sideMeta,
  normalize: Type.String({ description: 'share, process or none.' }),
  factor: Type.Number({
    description: 'What a value of the compared side is multiplied by before it is subtracted from.',
  }),
  baseFactor: Type.Number({ description: 'What a value of the base is multiplied by.' }),
  rootBaseTotal: Type.Optional(Type.Number({ description: 'With root: the total of the whole base.' })),
  changeUnit: Type.String({ description: 'The unit of changes and spreads.' }),
  rollout: Type.Optional(
    Type.Object(
      { compare: rolledOut, base: rolledOut, notes: Type.Array(Type.String()) },
      { description: 'rollout=latest: the two revisions, and which rule chose the windows.' },
    ),
  ),
});

export const diffFlamegraphSchema = Type.Object(
  { ...flamegraphSchema.properties, baseSelf: numbers, baseTotal: numbers, meta: diffMeta },
  { description: 'format=flamegraph: columns by node, in preorder; raw values of both sides.' },
);

const spread = Type.Union([Type.Number(), Type.Null()], {
  description: 'A change up to this size may be chance (99 %); null where scrapes are too few to tell.',
});

export const diffTopSchema = Type.Object(
  {
    unit: Type.String(),
    rows: Type.Array(
      Type.Object({
        function: Type.String(),
        file: Type.String(),
        self: Type.Number(),
        total: Type.Number(),
        baseSelf: Type.Number(),
        baseTotal: Type.Number(),
        selfChange: Type.Number({ description: 'factor · self − baseFactor · baseSelf.' }),
        totalChange: Type.Number(),
        selfSpread: spread,
        totalSpread: spread,
        unsure: Type.Boolean({ description: 'The change is within what scrapes differ by anyway.' }),
      }),
    ),
    total: Type.Number(),
    baseTotal: Type.Number(),
    meta: diffMeta,
  },
  { description: 'format=top.' },
);
