import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type DurationMs, minute, type UnixMs } from '../model/units.ts';
import type { CompactionReport } from '../store/compaction-report.ts';
import type { CompactionCall, CompactionReply, CompactionThreadSettings } from './messages.ts';

export interface CompactionOptions extends CompactionThreadSettings {
  /** The thread died with nothing asked of it; the next run begins another. */
  readonly onError: (error: Error) => void;
  /** Without a run for so long, the thread ends; it begins anew with the next one. */
  readonly idleMs?: DurationMs;
  /** For tests: another worker entry. */
  readonly workerUrl?: URL;
}

/** The main thread's end of the compaction thread. */
export interface CompactionThread extends AsyncDisposable {
  /**
   * One run; what could not be done is in the report. Rejects when there is no report at all, and may be asked again.
   * One run at a time: never before the last one has ended.
   */
  run(nowMs: UnixMs): Promise<CompactionReport>;
  /** Ends a run after its step, which takes some ten milliseconds, and the thread. What is begun is made good by a later run. */
  close(): Promise<void>;
}

/**
 * Bounds what a fault of ours can take; the labels of all series and the profiles of one are held at a time. What is short-lived
 * is mostly outside the heap, and a small nursery keeps the thread small.
 */
const resourceLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 8 };

/**
 * Hours end once an hour, and what follows them is done within a minute or two. A thread at rest would keep 30 to 60 MB for
 * the rest of the hour; to begin anew costs it a tenth of a second of CPU.
 */
const defaultIdleMs: DurationMs = 3 * minute;

/** The thread begins with a run, stays for those that follow it closely, and ends. */
export function startCompaction(options: CompactionOptions): CompactionThread {
  return new Compaction(options);
}

interface Waiting {
  readonly resolve: (report: CompactionReport) => void;
  readonly reject: (error: Error) => void;
}

class Compaction implements CompactionThread {
  readonly #options: CompactionOptions;
  #worker: Worker | undefined;
  #waiting: Waiting | undefined;
  #idle: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: CompactionOptions) {
    this.#options = options;
  }

  async run(nowMs: UnixMs): Promise<CompactionReport> {
    if (this.#isClosed) throw new Error('compaction is closed');
    if (this.#waiting) throw new Error('compaction is running already');
    // Throws when the system has no thread to give: then nothing waits for one.
    const worker = (this.#worker ??= this.#start());
    const { promise, resolve, reject } = Promise.withResolvers<CompactionReport>();
    this.#waiting = { resolve, reject };
    clearTimeout(this.#idle);
    this.#send(worker, { kind: 'run', nowMs });
    return promise;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#idle);
    const worker = this.#worker;
    if (!worker) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    this.#send(worker, { kind: 'stop' });
    await ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #start(): Worker {
    const { dataDir, synchronous, maxBytes, share, workerUrl } = this.#options;
    const url = workerUrl ?? new URL(`./worker${extname(import.meta.url)}`, import.meta.url);
    const workerData: CompactionThreadSettings = { dataDir, synchronous, maxBytes, share };
    const worker = new Worker(url, {
      workerData,
      name: 'compaction',
      resourceLimits,
    });
    worker.on('message', (message: CompactionReply) => {
      this.#idle = setTimeout(() => this.#retire(worker), this.#options.idleMs ?? defaultIdleMs).unref();
      if (message.kind === 'done') this.#take()?.resolve(message.report);
      else this.#take()?.reject(new Error(message.message));
    });
    worker.on('error', (error) => this.#end(worker, error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', (code) => this.#end(worker, new Error(`the compaction thread ended with code ${code}`)));
    return worker;
  }

  /** Lets the thread end; a run that comes meanwhile has one of its own. */
  #retire(worker: Worker): void {
    this.#worker = undefined;
    this.#send(worker, { kind: 'stop' });
  }

  #send(worker: Worker, call: CompactionCall): void {
    worker.postMessage(call);
  }

  #take(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }

  /** A thread is no more. Of a death the error comes first, and the exit when another thread may have begun. */
  #end(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    clearTimeout(this.#idle);
    const waiting = this.#take();
    if (waiting) waiting.reject(error);
    else if (!this.#isClosed) this.#options.onError(error);
  }
}
