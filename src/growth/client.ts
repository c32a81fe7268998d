import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { FlameherdError } from '../model/errors.ts';
import { type DurationMs, minute, type UnixMs } from '../model/units.ts';
import type { Backtest } from './contract.ts';
import type { Judged } from './evaluation.ts';
import type {
  EvaluateAnswer,
  EvaluateAsk,
  GrowthCall,
  GrowthCallName,
  GrowthCalls,
  GrowthReply,
  GrowthThreadSettings,
  ReplayAsk,
  SaveProfilesAsk,
} from './messages.ts';

export interface GrowthThreadOptions extends GrowthThreadSettings {
  /** A thread died with nothing asked of it; the next call begins another. */
  readonly onError: (error: Error) => void;
  /** Told of what an evaluation has committed, before its answer. */
  readonly onJudged: (judged: Judged) => void;
  /** Without a back-test for so long, their thread ends; it begins anew with the next one. */
  readonly idleMs?: DurationMs;
  /** For tests: another worker entry. */
  readonly workerUrl?: URL;
}

/** The main thread's end of the growth threads: one that evaluates, and one for back-tests while there are some. */
export interface GrowthThreads extends AsyncDisposable {
  /** Judges what is due, as far as it comes in a few seconds; `isUnfinished` says that it should be asked again. */
  evaluate(ask: EvaluateAsk): Promise<EvaluateAnswer>;
  /** Whether the thread that evaluates has begun. */
  readonly isRunning: boolean;
  /** Throws `query_too_large`, `busy`, or the signal's reason. */
  replay(ask: ReplayAsk, signal: AbortSignal): Promise<Backtest>;
  saveProfiles(ask: SaveProfilesAsk): Promise<void>;
  /** One step; true when there is more to forget. */
  prune(olderThanMs: UnixMs, eventsOlderThanMs: UnixMs): Promise<boolean>;
}

/** Back-tests that wait for the one under way; one more is refused. */
const maxReplays = 8;
const defaultIdleMs: DurationMs = minute;
/** Bounds what a fault of ours can take: 100,000 functions are some 300 MB. */
const resourceLimits = { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: 16 };

/** Nothing is begun before the first call. */
export function openGrowthThreads(options: GrowthThreadOptions): GrowthThreads {
  return new Threads(options);
}

class Threads implements GrowthThreads {
  readonly #options: GrowthThreadOptions;
  readonly #live: Thread;
  readonly #replays: Thread;
  #idle: NodeJS.Timeout | undefined;
  #underWay = 0;

  constructor(options: GrowthThreadOptions) {
    this.#options = options;
    this.#live = new Thread('growth', options);
    this.#replays = new Thread('growth-replay', options);
  }

  get isRunning(): boolean {
    return this.#live.isRunning;
  }

  evaluate(ask: EvaluateAsk): Promise<EvaluateAnswer> {
    return this.#live.call('evaluate', ask);
  }

  async saveProfiles(ask: SaveProfilesAsk): Promise<void> {
    await this.#live.call('saveProfiles', ask);
  }

  prune(olderThanMs: UnixMs, eventsOlderThanMs: UnixMs): Promise<boolean> {
    return this.#live.call('prune', { olderThanMs, eventsOlderThanMs });
  }

  async replay(ask: ReplayAsk, signal: AbortSignal): Promise<Backtest> {
    signal.throwIfAborted();
    if (this.#underWay >= maxReplays) {
      throw new FlameherdError('busy', `too many back-tests are waiting (${maxReplays})`, {
        hint: 'ask again when one of them has its answer',
      });
    }
    clearTimeout(this.#idle);
    this.#underWay++;
    try {
      return await this.#replays.call('replay', ask, signal);
    } finally {
      this.#underWay--;
      if (this.#underWay === 0) {
        this.#idle = setTimeout(() => void this.#replays.stop(), this.#options.idleMs ?? defaultIdleMs).unref();
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#idle);
    await Promise.all([this.#live.close(), this.#replays.close()]);
  }
}

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/** One thread that begins with a call; calls wait for each other in it, and each is answered or rejected once. */
class Thread {
  readonly #name: string;
  readonly #options: GrowthThreadOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(name: string, options: GrowthThreadOptions) {
    this.#name = name;
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  async call<Name extends GrowthCallName>(
    name: Name,
    ask: GrowthCalls[Name]['ask'],
    signal?: AbortSignal,
  ): Promise<GrowthCalls[Name]['answer']> {
    if (this.#isClosed) throw new FlameherdError('not_ready', 'the collector is stopping');
    const worker = (this.#worker ??= this.#start());
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<GrowthCalls[Name]['answer']>();
    this.#waiting.set(id, { resolve, reject });
    const cancel = (): void => {
      if (this.#waiting.delete(id)) send(worker, { name: 'cancel', id });
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    send(worker, { id, name, ask } as GrowthCall);
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Lets the thread end after what it is at; a call that comes meanwhile begins another. */
  async stop(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    this.#worker = undefined;
    send(worker, { name: 'stop' });
    await ended;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.stop();
    this.#rejectAll(new FlameherdError('not_ready', 'the collector is stopping'));
  }

  #start(): Worker {
    const { onJudged, workerUrl, dataDir, synchronous, detector, bounds } = this.#options;
    const url = workerUrl ?? new URL(`./worker${extname(import.meta.url)}`, import.meta.url);
    const workerData: GrowthThreadSettings = { dataDir, synchronous, detector, bounds };
    const worker = new Worker(url, { workerData, name: this.#name, resourceLimits });
    worker.on('message', (message: GrowthReply) => {
      if (message.kind === 'judged') onJudged(message);
      else this.#settle(message);
    });
    worker.on('error', (error) => this.#end(worker, error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', (code) => this.#end(worker, new Error(`the ${this.#name} thread ended with code ${code}`)));
    return worker;
  }

  #settle(message: Exclude<GrowthReply, { kind: 'judged' }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.kind === 'answer') waiting?.resolve(message.answer as never);
    else waiting?.reject(FlameherdError.fromPlain(message.error));
  }

  /** A thread is no more. Of a death the error comes first, and the exit when another thread may have begun. */
  #end(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    if (this.#waiting.size === 0) this.#options.onError(error);
    this.#rejectAll(error);
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function send(worker: Worker, call: GrowthCall): void {
  worker.postMessage(call);
}
