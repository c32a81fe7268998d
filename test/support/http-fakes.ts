import { join } from 'node:path';
import { type TestContext } from 'node:test';
import type { GrowthQueries } from '../../src/growth/contract.ts';
import { accessCheck } from '../../src/http/access.ts';
import { apiApp } from '../../src/http/apps.ts';
import type { HttpApp } from '../../src/http/context.ts';
import type { HttpDeps, HttpOptions, StatusAnswer } from '../../src/http/deps.ts';
import { type HttpServer, httpContext, startHttp } from '../../src/http/server.ts';
import type { IngestJob, IngestOutcome } from '../../src/ingest/messages.ts';
import type { PauseScope } from '../../src/model/pause.ts';
import type { SnapRequest } from '../../src/model/snap.ts';
import type { TargetState, TargetStatus } from '../../src/model/target.ts';
import type { Answer, Question } from '../../src/query/engine.ts';

/** 2026-03-01T12:00:00Z: the time in every test. */
export const nowMs = Date.UTC(2026, 2, 1, 12);
export const minute = 60_000;

/** A gzip header, enough to look like a pprof. */
export const pprofBytes = Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2, 3, 4);

export const pprofAnswer: Answer = {
  kind: 'answer',
  contentType: 'application/octet-stream',
  body: pprofBytes,
  fileName: 'checkout-cpu.pb.gz',
};

export function jsonAnswer(value: unknown): Answer {
  return { kind: 'answer', contentType: 'application/json', body: Buffer.from(JSON.stringify(value)) };
}

/** Nothing is judged, and nothing was found. */
export const noGrowth: GrowthQueries = {
  verdicts: () => [],
  verdictsAt: async () => [],
  backtest: async (_, window) => ({ window, bucketMs: 10 * minute, events: [], verdicts: [], evaluations: 0 }),
  events: () => [],
  event: () => undefined,
  eventProfile: () => undefined,
  functionName: () => undefined,
  status: { enabled: false, bucketMs: 10 * minute, evaluatedMs: undefined, workloads: 0 },
};

/** A daemon that has just begun. */
export const idleStatus: StatusAnswer = {
  version: '0.1.0',
  node: 'v24.0.0',
  startedMs: nowMs,
  ready: true,
  reasons: [],
  problems: [],
  pauses: [{ namespace: undefined, workload: undefined }],
  lease: { role: 'alone', lease: '', holder: '', detail: 'no Lease is used' },
  targets: { up: 1 },
  targetsOverLimit: 0,
  failuresForgotten: 0,
  growth: noGrowth.status,
  ingest: null,
  recent: { stepMs: minute, time: [], stored: [], refused: [], dropped: [] },
  store: null,
  queries: {
    lanes: {
      lists: { running: 0, waiting: 0 },
      small: { running: 0, waiting: 0 },
      wide: { running: 0, waiting: 0 },
    },
    ended: { cancelled: 0, timeout: 0, too_large: 0, busy: 0 },
    threadsEnded: 0,
  },
  limits: {
    targets: 1,
    queueBytes: 1,
    storeBytes: 1,
    minFreeBytes: 1,
    retentionMs: 1,
    rollup1hMs: 1,
    rollup1dMs: 1,
    bodyBytes: 1,
    queryBytes: 1,
    queryTimeoutMs: 1,
    queriesWaiting: 1,
  },
};

/** What the fakes were asked for. */
export interface Asked {
  readonly questions: Question[];
  readonly signals: (AbortSignal | undefined)[];
  readonly jobs: IngestJob[];
  readonly pauses: PauseScope[];
  readonly snaps: SnapRequest[];
  readonly logged: string[];
}

export interface Script extends Partial<HttpDeps> {
  readonly answer?: (question: Question, signal?: AbortSignal) => Answer | Promise<Answer>;
  readonly outcome?: IngestOutcome;
}

/** Dependencies that answer from a script and write down what they were asked. */
export function fakeDeps({ answer, outcome, ...rest }: Script = {}): { deps: HttpDeps; asked: Asked } {
  const asked: Asked = { questions: [], signals: [], jobs: [], pauses: [], snaps: [], logged: [] };
  const same = (a: PauseScope) => (b: PauseScope) => a.namespace === b.namespace && a.workload === b.workload;
  const deps: HttpDeps = {
    query: {
      ask: async (question, signal) => {
        asked.questions.push(question);
        asked.signals.push(signal);
        return answer ? answer(question, signal) : pprofAnswer;
      },
    },
    ingest: {
      submit: async (job) => {
        asked.jobs.push(job);
        return outcome ?? stored;
      },
    },
    targets: () => [],
    asked: () => [],
    explain: async (subject) => ({
      subject: JSON.stringify(subject),
      verdict: 'scraped',
      because: 'the pod opts in',
      rules: [],
      nearMisses: [],
      hint: undefined,
      sources: [],
    }),
    snap: async (request) => {
      asked.snaps.push(request);
      const labels = { namespace: request.namespace, pod: request.pod };
      return { bytes: pprofBytes, id: 'p-1', labels, transport: 'direct', transportReason: "the pod's own address" };
    },
    pause: (scope) => void (asked.pauses.some(same(scope)) || asked.pauses.push(scope)),
    resume: (scope) => {
      const at = asked.pauses.findIndex(same(scope));
      if (at >= 0) asked.pauses.splice(at, 1);
      return at >= 0;
    },
    pauses: () => asked.pauses,
    growth: noGrowth,
    sidecars: () => ({ enabled: false, pods: [], breakers: [] }),
    status: () => idleStatus,
    ready: () => ({ ready: true, reasons: [] }),
    metrics: async () => ({
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      body: 'flameherd_build_info 1\n',
    }),
    selfProfiler: { cpu: async () => pprofBytes, heap: async () => pprofBytes },
    detailHorizonMs: 7 * 24 * 60 * minute,
    now: () => nowMs,
    log: { warn: (message) => asked.logged.push(message), error: (message) => asked.logged.push(message) },
    ...rest,
  };
  return { deps, asked };
}

export const stored: IngestOutcome = {
  kind: 'stored',
  id: 'p-1',
  duplicate: false,
  samples: 3,
  trimmed: 0,
  profiledMs: 0,
  warnings: [],
  skewMs: undefined,
};

export function fakeOptions(overrides: Partial<HttpOptions> = {}): HttpOptions {
  return {
    listen: { host: '127.0.0.1', port: 0 },
    opsListen: undefined,
    externalUrl: undefined,
    authenticator: undefined,
    allowUnauthenticated: false,
    metricsAuth: false,
    limits: { bodyBytes: 64 * 1024, queryTimeoutMs: 30_000 },
    pagesDir: join(import.meta.dirname, '../fixtures/pages'),
    ...overrides,
  };
}

/** The API without a socket, closed with the test. */
export async function injected(
  t: TestContext,
  script: Script = {},
  options: Partial<HttpOptions> = {},
): Promise<{ app: HttpApp; asked: Asked }> {
  const { deps, asked } = fakeDeps(script);
  const { signal } = new AbortController();
  const whole = fakeOptions(options);
  const context = httpContext(deps, whole, { draining: signal, shutdown: signal });
  const app = await apiApp(context, accessCheck(whole.authenticator, context.door));
  t.after(() => app.close());
  return { app, asked };
}

/** The API on a socket of its own, closed with the test. */
export async function started(
  t: TestContext,
  script: Script = {},
  options: Partial<HttpOptions> = {},
): Promise<{ server: HttpServer; asked: Asked }> {
  const { deps, asked } = fakeDeps(script);
  const server = await startHttp(deps, fakeOptions(options));
  t.after(() => server.close(0));
  return { server, asked };
}

/** A promise and what settles it. */
export function gate<Value = void>(): { opened: Promise<Value>; open: (value: Value) => void } {
  const { promise, resolve } = Promise.withResolvers<Value>();
  return { opened: promise, open: resolve };
}

export function targetStatus(
  name: string,
  health: TargetStatus['health'] = 'up',
  state: TargetState = { kind: 'active' },
): TargetStatus {
  return {
    target: {
      source: `uid-${name}/c/6060`,
      discoverer: 'kubernetes',
      labels: { namespace: 'shop', workload: name.replace(/-\d+$/, ''), pod: name },
      process: { id: `uid-${name}/c`, slot: `shop/${name}/app`, startedMs: undefined },
      specs: [],
      transport: 'auto',
      state,
      warnings: [],
      terminating: false,
      pod: { namespace: 'shop', name, uid: `uid-${name}` },
      hostNetwork: false,
    },
    health,
    transport: 'direct',
    transportReason: 'the pod answers',
    scrapes: [
      {
        kind: 'heap',
        url: `http://10.0.0.1:6060/debug/pprof/heap`,
        health,
        lastError: health === 'down' ? 'connection refused' : '',
        lastScrapeMs: nowMs - minute,
        nextScrapeMs: undefined,
        durationMs: 12,
        bytes: 4096,
        samples: 10,
        seconds: undefined,
        intervalMs: minute,
        warnings: health === 'up' ? ['the label "id" is left out'] : [],
      },
    ],
  };
}
