import { formatByteSize } from '../model/byte-size.ts';
import { formatDuration } from '../model/duration.ts';
import { type ErrorCode, FlameherdError } from '../model/errors.ts';
import { type Bytes, type DurationMs, minute } from '../model/units.ts';
import type { DamagedHour } from '../store/profile-store.ts';
import { Dispatcher, type LaneNumbers } from './dispatcher.ts';
import type { Answer, QueryEngine, Question } from './engine.ts';
import type { Lane } from './lane.ts';
import { QueryThread, type QueryThreadOptions } from './query-thread.ts';

export interface QueryPoolOptions {
  readonly dataDir: string;
  /** Threads for merges and ranges; half of them, and one at least, for wide questions. Lists have one more. */
  readonly threads?: number;
  /** Questions of one lane that wait for a thread; one more is `busy`. */
  readonly maxQueued?: number;
  /** From the question to its answer, waiting included; then it is stopped with `query_timeout`. */
  readonly timeoutMs?: DurationMs;
  /** What one question may hold in memory, as it counts itself; one that needs more is `query_too_large`. */
  readonly questionBytes?: Bytes;
  /** JavaScript heap of one thread, for what does not count itself; twice what a question may hold, unless given. */
  readonly maxHeapBytes?: Bytes;
  /** How long a small question may keep the next one waiting. */
  readonly longMs?: DurationMs;
  /** How long a question that is told to stop may go on before its thread is ended. */
  readonly stopMs?: DurationMs;
  /** Told of a thread that died with nothing asked of it; another takes its place. */
  readonly onFault: (error: Error) => void;
  /** Told of hours that a thread found damaged; several threads may find the same. */
  readonly onDamage?: (damage: readonly DamagedHour[]) => void;
  /** Told of each question when it has ended. */
  readonly onEnded?: (ended: EndedQuestion) => void;
  /** For tests: another worker entry. */
  readonly workerUrl?: URL;
}

export const queryPoolDefaults = {
  threads: 2,
  maxQueued: 64,
  timeoutMs: minute,
  questionBytes: 512 * 1024 ** 2,
  longMs: 250,
  stopMs: 200,
} as const;

/**
 * Nodes of stack trees that a thread keeps between questions, at about 65 bytes each with symbols and names. Wide questions
 * need the trees of everything, small ones a few of them, lists none.
 */
const cachedNodes: Readonly<Record<Lane, number>> = { lists: 0, small: 500_000, wide: 2_000_000 };
/** Threads for small questions beyond those configured, while some take long. */
const spareThreads = 2;
/**
 * A thread begins with its first question and is let go after this time without one: a collector that nobody asks starts
 * faster and keeps 40 MB for others.
 */
const idleMs: DurationMs = 10 * minute;

/** Runs from source and built alike. */
const workerEntry = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

export interface QueryNumbers {
  readonly lanes: Readonly<Record<Lane, LaneNumbers>>;
  /** Questions that ended without an answer, by what ended them. */
  readonly ended: Readonly<Record<EndedBecause, number>>;
  /** Threads that were ended with a question that did not stop by itself. */
  readonly threadsEnded: number;
}

/** A question that was asked, and what became of it. */
export interface EndedQuestion {
  readonly question: Question;
  /** From asking until a thread began with it, or until its end where none did. */
  readonly waitMs: DurationMs;
  readonly workMs: DurationMs;
  /** Absent when there was no answer: then it was called off. */
  readonly answer: Answer | undefined;
}

export type EndedBecause = 'cancelled' | 'timeout' | 'too_large' | 'busy';

export interface QueryPool extends QueryEngine {
  numbers(): QueryNumbers;
}

type Settings = QueryPoolOptions & Required<Pick<QueryPoolOptions, keyof typeof queryPoolDefaults>>;

/**
 * Answers in worker threads, with lanes of their own for lists, for small questions and for wide ones (docs/decisions/0007).
 * Aborting stops the work and rejects with the signal's reason once it has stopped.
 */
export function startQueryPool(options: QueryPoolOptions): QueryPool {
  return new ThreadPool({ ...queryPoolDefaults, ...options });
}

class ThreadPool implements QueryPool {
  readonly #settings: Settings;
  readonly #dispatcher: Dispatcher;
  readonly #threads: QueryThread[] = [];
  readonly #ended: Record<EndedBecause, number> = { cancelled: 0, timeout: 0, too_large: 0, busy: 0 };

  constructor(settings: Settings) {
    this.#settings = settings;
    const wide = Math.max(1, Math.floor(settings.threads / 2));
    this.#dispatcher = new Dispatcher({
      threads: { lists: 1, small: Math.max(1, settings.threads - wide), wide },
      spares: spareThreads,
      maxWaiting: settings.maxQueued,
      longMs: settings.longMs,
      startThread: (lane) => this.#startThread(lane),
    });
  }

  async ask(question: Question, signal?: AbortSignal): Promise<Answer> {
    const askedMs = performance.now();
    let beganMs: number | undefined;
    let answer: Answer | undefined;
    try {
      answer = await this.#ask(question, signal, () => {
        beganMs = performance.now();
      });
      return answer;
    } finally {
      const endedMs = performance.now();
      const waitMs = (beganMs ?? endedMs) - askedMs;
      this.#settings.onEnded?.({ question, waitMs, workMs: endedMs - askedMs - waitMs, answer });
    }
  }

  async #ask(question: Question, signal: AbortSignal | undefined, onStart: () => void): Promise<Answer> {
    signal?.throwIfAborted();
    const timeout = AbortSignal.timeout(this.#settings.timeoutMs);
    const asked = this.#dispatcher.ask(question, signal ? AbortSignal.any([signal, timeout]) : timeout, onStart);
    if (!asked) return this.#ending('busy', tooManyWait(this.#settings.maxQueued));
    try {
      const { damage, ...answer } = await asked;
      if (damage) this.#settings.onDamage?.(damage);
      return isTooLarge(answer) ? this.#ending('too_large', answer) : answer;
    } catch (error) {
      if (signal?.aborted) this.#ended[isTimeout(signal.reason) ? 'timeout' : 'cancelled']++;
      signal?.throwIfAborted();
      if (timeout.aborted) return this.#ending('timeout', timedOut(this.#settings.timeoutMs));
      if (isOutOfMemory(error)) return this.#ending('too_large', outgrown(this.#heapBytes()));
      throw error;
    }
  }

  numbers(): QueryNumbers {
    const threadsEnded = this.#threads.reduce((sum, { ended }) => sum + ended, 0);
    return { lanes: this.#dispatcher.numbers(), ended: { ...this.#ended }, threadsEnded };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#dispatcher[Symbol.asyncDispose]();
  }

  #startThread(lane: Lane): QueryThread {
    const { dataDir, questionBytes, stopMs, onFault, workerUrl = workerEntry } = this.#settings;
    const options: QueryThreadOptions = {
      dataDir,
      questionBytes,
      stopMs,
      onFault,
      workerUrl,
      idleMs,
      heapBytes: this.#heapBytes(),
      maxCachedNodes: cachedNodes[lane],
    };
    const thread = new QueryThread(options);
    this.#threads.push(thread);
    return thread;
  }

  #heapBytes(): Bytes {
    return this.#settings.maxHeapBytes ?? 2 * this.#settings.questionBytes;
  }

  #ending(because: EndedBecause, answer: Answer): Answer {
    this.#ended[because]++;
    return answer;
  }
}

function tooManyWait(maxQueued: number): Answer {
  return failure(
    'busy',
    `too many questions are waiting (${maxQueued})`,
    'ask again in a few seconds, or raise http.maxQueries',
  );
}

function timedOut(timeoutMs: DurationMs): Answer {
  const message = `the question was stopped after ${formatDuration(timeoutMs)}`;
  return failure('query_timeout', message, 'ask for a shorter window or fewer series, or raise http.queryTimeout');
}

function outgrown(heapBytes: Bytes): Answer {
  const message = `the question needs more than the ${formatByteSize(heapBytes)} of memory that it may take`;
  return failure('query_too_large', message, 'ask for a shorter window or fewer series');
}

function failure(code: ErrorCode, message: string, hint: string): Answer {
  return { kind: 'error', error: new FlameherdError(code, message, { hint }).toPlain() };
}

function isTooLarge(answer: Answer): boolean {
  return answer.kind === 'error' && answer.error.code === 'query_too_large';
}

/** The one who asks may look at the clock as well. */
function isTimeout(reason: unknown): boolean {
  return reason instanceof FlameherdError && reason.code === 'query_timeout';
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}
