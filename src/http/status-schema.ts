import { Type } from 'typebox';

/** The shape of `/api/v1/status`. Counters are since the daemon started; what is not known is absent, or null. */

const count = (description?: string) => Type.Integer(description === undefined ? {} : { description });
const moment = (description: string) => Type.Optional(Type.Integer({ description }));

const fileKind = Type.Object({
  files: count(),
  bytes: count(),
  fromMs: moment('Where the oldest of the files begins; absent where there is none, and of files without a time.'),
});

const storeSchema = Type.Object({
  bytes: count('Of all files.'),
  files: count(),
  series: count(),
  partitions: count('Trees of stacks: one for each container of a workload.'),
  oldestMs: moment('The first single profile.'),
  newestMs: moment('The last one.'),
  fullBecause: Type.Optional(Type.String({ description: 'Why nothing is stored just now.' })),
  fullReason: Type.Optional(Type.Enum(['full', 'read_only'])),
  byKind: Type.Object(
    { meta: fileKind, state: fileKind, head: fileKind, detail: fileKind, roll1h: fileKind, roll1d: fileKind },
    { description: 'By what the files hold (docs/STORAGE.md).' },
  ),
  compactionDueMs: moment('The end of the oldest hour that waits for compaction.'),
  damagedHoursMs: Type.Array(Type.Integer(), { description: 'Hours whose detail is left out.' }),
  treeBytes: Type.Optional(count('Memory of the trees that are written to.')),
});

const ingestSchema = Type.Object({
  queuedJobs: count('Profiles that wait to be decoded.'),
  queuedBytes: count('Of limits.queueBytes.'),
  stored: count(),
  refused: count('Profiles that are none, or cannot be.'),
  dropped: count('Profiles for which the queue had no room.'),
  resets: count(),
  seeds: count(),
  trimmedSamples: count(),
  droppedLabels: Type.Object({ name: count(), values: count() }),
  commits: count(),
  growth: Type.Object({
    workloads: count(),
    processes: count(),
    functions: count(),
    series: count(),
    seriesLeftOut: count(),
    profilesLeftOut: count(),
    floorsLost: count(),
    floorSaveFailures: count(),
  }),
});

const counts = Type.Array(Type.Integer());
const recentSchema = Type.Object(
  { stepMs: count(), time: counts, stored: counts, refused: counts, dropped: counts },
  { description: 'Profiles minute by minute, the last 15 at most; the newest is not over. time is where each begins.' },
);

const lane = Type.Object({ running: count(), waiting: count() });
const queriesSchema = Type.Object({
  lanes: Type.Object({ lists: lane, small: lane, wide: lane }),
  ended: Type.Object(
    { cancelled: count(), timeout: count(), too_large: count(), busy: count() },
    { description: 'Questions without an answer, by what ended them.' },
  ),
  threadsEnded: count(),
});

const limitsSchema = Type.Object(
  {
    targets: count('limits.targets'),
    queueBytes: count('limits.queue'),
    storeBytes: count('storage.maxBytes'),
    minFreeBytes: count('storage.minFree'),
    retentionMs: count('storage.retention: the age at which single profiles are removed.'),
    rollup1hMs: count('storage.rollup1h'),
    rollup1dMs: count('storage.rollup1d'),
    bodyBytes: count('scrape.maxBody'),
    queryBytes: count('http.queryMemory'),
    queryTimeoutMs: count('http.queryTimeout'),
    queriesWaiting: count('http.maxQueries'),
  },
  { description: 'The bounds of the configuration that are met first.' },
);

export const statusSchema = Type.Object({
  version: Type.String(),
  node: Type.String({ description: 'The version of Node.js.' }),
  startedMs: Type.Integer(),
  ready: Type.Boolean(),
  reasons: Type.Array(Type.String(), { description: 'Why it is not ready.' }),
  problems: Type.Array(Type.Object({ what: Type.String(), hint: Type.String() })),
  pauses: Type.Array(Type.Object({ namespace: Type.Optional(Type.String()), workload: Type.Optional(Type.String()) }), {
    description: 'What is not scraped by order; an absent part means all of them.',
  }),
  lease: Type.Object({
    role: Type.Enum(['alone', 'holder', 'standby'], { description: 'alone: no Lease is used.' }),
    lease: Type.String({ description: 'NAMESPACE/NAME; empty where none is used.' }),
    holder: Type.String({ description: 'Who scrapes; empty while nobody is known to.' }),
    detail: Type.String(),
  }),
  targets: Type.Record(Type.String(), Type.Integer(), {
    description: 'Active ones by health (up, down, unknown), the others by state (unresolved, held, candidate).',
  }),
  targetsOverLimit: count('Sources beyond limits.targets.'),
  failuresForgotten: count('Failed scrapes that /api/v1/scrapes no longer tells of.'),
  growth: Type.Object({
    enabled: Type.Boolean(),
    bucketMs: Type.Integer(),
    evaluatedMs: moment('The end of the last bucket that was judged.'),
    workloads: count(),
  }),
  ingest: Type.Union([ingestSchema, Type.Null()]),
  recent: recentSchema,
  store: Type.Union([storeSchema, Type.Null()]),
  queries: queriesSchema,
  limits: limitsSchema,
});
