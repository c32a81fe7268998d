import type { StatusAnswer, StoreStatus } from '../../../src/ui/api/answers.ts';

const lane = { running: 0, waiting: 0 };
const noFile = { files: 0, bytes: 0 };

export const noFiles: StoreStatus['byKind'] = {
  meta: noFile,
  state: noFile,
  head: noFile,
  detail: noFile,
  roll1h: noFile,
  roll1d: noFile,
};

/** The status of a daemon that is well, and has nothing to tell. */
export const well: StatusAnswer = {
  version: '1',
  node: 'v24',
  startedMs: 0,
  ready: true,
  reasons: [],
  problems: [],
  pauses: [],
  lease: { role: 'alone', lease: '', holder: '', detail: 'no Lease is used' },
  targets: {},
  targetsOverLimit: 0,
  failuresForgotten: 0,
  growth: { enabled: true, bucketMs: 600_000, workloads: 0 },
  ingest: null,
  recent: { stepMs: 60_000, time: [], stored: [], refused: [], dropped: [] },
  store: null,
  queries: {
    lanes: { lists: lane, small: lane, wide: lane },
    ended: { cancelled: 0, timeout: 0, too_large: 0, busy: 0 },
    threadsEnded: 0,
  },
  limits: {
    targets: 10_000,
    queueBytes: 128,
    storeBytes: 1000,
    minFreeBytes: 10,
    retentionMs: 7,
    rollup1hMs: 35,
    rollup1dMs: 400,
    bodyBytes: 1,
    queryBytes: 1,
    queryTimeoutMs: 1,
    queriesWaiting: 8,
  },
};
