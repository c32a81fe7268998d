import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { FlameherdError, messageOf } from '../model/errors.ts';
import type { Bytes, DurationMs } from '../model/units.ts';
import type { Answer, Question } from './engine.ts';
import type { AskedQuestion, QueryWorkerData } from './worker-data.ts';

export interface QueryThreadOptions extends Omit<QueryWorkerData, 'control'> {
  readonly workerUrl: URL;
  /** JavaScript heap of the thread: the last net under what a question counts itself. */
  readonly heapBytes: Bytes;
  /** Without a question for so long, the thread ends; it begins anew with the next one. */
  readonly idleMs: DurationMs;
  /** A question that is told to stop has so long to do so before its thread is ended. */
  readonly stopMs: DurationMs;
  /** Told of a thread that died with nothing asked of it; another takes its place. */
  readonly onFault: (error: Error) => void;
}

/** One thread that answers one question at a time. It begins with its first question. */
export class QueryThread implements AsyncDisposable {
  readonly #control = new Int32Array(new SharedArrayBuffer(4));
  readonly #stopMs: DurationMs;
  readonly #pool: Piscina<AskedQuestion, Answer>;
  #number = 0;
  /** Takes the question that is asked away from the thread. */
  #end: AbortController | undefined;
  /** How often a question did not stop by itself and took its thread with it. */
  ended = 0;

  constructor({ workerUrl, heapBytes, idleMs, stopMs, onFault, ...options }: QueryThreadOptions) {
    this.#stopMs = stopMs;
    const workerData: QueryWorkerData = { ...options, control: this.#control };
    this.#pool = new Piscina<AskedQuestion, Answer>({
      filename: fileURLToPath(workerUrl),
      name: 'ask',
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: idleMs,
      // A thread that sleeps in Atomics.wait could not be profiled by our own /debug/pprof.
      atomics: 'disabled',
      resourceLimits: { maxOldGenerationSizeMb: Math.ceil(heapBytes / 1024 ** 2) },
      workerData,
    });
    this.#pool.on('error', (error: Error) => {
      // Piscina would keep the question for another thread, which it does not start.
      if (this.#end) this.#end.abort(cannotBegin(error));
      else onFault(error);
    });
  }

  /**
   * Settles when the thread is free again, also after an abort, which rejects with the signal's reason. What is cached in
   * the thread outlives a question that stops by itself. Rejects with `internal` when the thread cannot begin.
   */
  async ask(question: Question, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    // Never 0, which is what nobody has asked to stop.
    this.#number = (this.#number % 0x7fff_ffff) + 1;
    const end = new AbortController();
    this.#end = end;
    let timer: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      Atomics.store(this.#control, 0, this.#number);
      timer = setTimeout(() => {
        this.ended++;
        end.abort();
      }, this.#stopMs);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const answer = await this.#pool.run({ number: this.#number, question }, { signal: end.signal });
      signal.throwIfAborted();
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      end.signal.throwIfAborted();
      throw error;
    } finally {
      this.#end = undefined;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }
}

function cannotBegin(error: Error): FlameherdError {
  return new FlameherdError('internal', `the thread that answers could not begin: ${messageOf(error)}`, {
    hint: 'restart the daemon; please report it where that does not help',
    cause: error,
  });
}
