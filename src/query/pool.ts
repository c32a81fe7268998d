import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { formatByteSize } from '../model/byte-size.ts';
import { formatDuration } from '../model/duration.ts';
import { type ErrorCode, FlameherdError } from '../model/errors.ts';
import { type Bytes, type DurationMs, minute } from '../model/units.ts';
import type { DamagedHour } from '../store/profile-store.ts';
import type { Answer, QueryEngine, Question } from './engine.ts';
import type { QueryWorkerData } from './worker-data.ts';

export interface QueryPoolOptions extends QueryWorkerData {
  /** Threads for merges and ranges: two, so that one huge question does not hold up the next. */
  readonly threads?: number;
  /** Questions that wait for a thread; one more is `busy`. */
  readonly maxQueued?: number;
  /** From the question to its answer, waiting included; then it is stopped with `query_timeout`. */
  readonly timeoutMs?: DurationMs;
  /** JavaScript heap of one thread; a question that needs more is `query_too_large`. */
  readonly maxHeapBytes?: Bytes;
  /** Told of a thread that died with nothing asked of it; another takes its place. */
  readonly onFault: (error: Error) => void;
  /** Told of hours that a thread found damaged; several threads may find the same. */
  readonly onDamage?: (damage: readonly DamagedHour[]) => void;
  /** For tests: another worker entry. */
  readonly workerUrl?: URL;
}

export const queryPoolDefaults = {
  threads: 2,
  maxQueued: 64,
  timeoutMs: minute,
  maxHeapBytes: 1024 ** 3,
} as const;

/**
 * A thread begins with its first question and is let go after this time without one: a collector that nobody asks starts
 * faster and keeps 40 MB for others.
 */
const idleThreadMs: DurationMs = 10 * minute;

/** Runs from source and built alike. */
const workerEntry = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

/**
 * Answers in worker threads. Lists have a thread of their own, so they answer at once whatever is being merged. Aborting
 * stops the work by ending its thread, and rejects with the signal's reason.
 */
export function startQueryPool(options: QueryPoolOptions): QueryEngine {
  const settings = { ...queryPoolDefaults, ...options };
  const heavy = startThreads(settings, settings.threads);
  const light = startThreads(settings, 1);
  return {
    async ask(question, signal) {
      const { damage, ...answer } = await askPool(isLight(question) ? light : heavy, question, signal, settings);
      if (damage) settings.onDamage?.(damage);
      return answer;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([heavy.destroy(), light.destroy()]);
    },
  };
}

type Settings = QueryPoolOptions & Required<Pick<QueryPoolOptions, keyof typeof queryPoolDefaults>>;

function startThreads(settings: Settings, maxThreads: number): Piscina<Question, Answer> {
  const { dataDir, maxCachedNodes, maxQueued, maxHeapBytes, workerUrl = workerEntry } = settings;
  const workerData: QueryWorkerData = { dataDir, maxCachedNodes };
  const pool = new Piscina<Question, Answer>({
    filename: fileURLToPath(workerUrl),
    name: 'ask',
    minThreads: 0,
    maxThreads,
    idleTimeout: idleThreadMs,
    maxQueue: maxQueued,
    // A thread that sleeps in Atomics.wait could not be profiled by our own /debug/pprof.
    atomics: 'disabled',
    resourceLimits: { maxOldGenerationSizeMb: Math.ceil(maxHeapBytes / 1024 ** 2) },
    workerData,
  });
  pool.on('error', settings.onFault);
  return pool;
}

/** What reads series only, or a single profile. */
function isLight({ kind }: Question): boolean {
  return kind !== 'merge' && kind !== 'range';
}

async function askPool(
  pool: Piscina<Question, Answer>,
  question: Question,
  signal: AbortSignal | undefined,
  { maxQueued, timeoutMs, maxHeapBytes }: Settings,
): Promise<Answer> {
  signal?.throwIfAborted();
  if (pool.queueSize >= maxQueued) {
    return failure('busy', `too many questions are waiting (${maxQueued})`, 'ask again in a few seconds');
  }
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return await pool.run(question, { signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
  } catch (error) {
    signal?.throwIfAborted();
    if (timeout.aborted) return timedOut(timeoutMs);
    if (isOutOfMemory(error)) return tooLarge(maxHeapBytes);
    throw error;
  }
}

function timedOut(timeoutMs: DurationMs): Answer {
  const message = `the question was stopped after ${formatDuration(timeoutMs)}`;
  return failure('query_timeout', message, 'ask for a shorter window or fewer series, or raise http.queryTimeout');
}

function tooLarge(maxHeapBytes: Bytes): Answer {
  const message = `the question needs more than the ${formatByteSize(maxHeapBytes)} of memory that it may take`;
  return failure('query_too_large', message, 'ask for a shorter window or fewer series');
}

function failure(code: ErrorCode, message: string, hint: string): Answer {
  return { kind: 'error', error: new FlameherdError(code, message, { hint }).toPlain() };
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}
