import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { FlameherdError } from '../model/errors.ts';
import type { WorkloadNumbers } from '../model/growth.ts';
import type { Bytes, DurationMs, UnixMs } from '../model/units.ts';
import type { RetentionReport, StoreStats } from '../store/profile-store.ts';
import type { Retention } from '../store/retention.ts';
import { NumbersReader } from './growth/numbers-reader.ts';
import type { Ingest, IngestJob, IngestOutcome, IngestStats } from './messages.ts';
import { FairQueue, type Queued } from './queue.ts';
import type { CallName, IngestThreadSettings, ThreadCalls, ThreadReply } from './thread-messages.ts';

export interface IngestOptions extends IngestThreadSettings {
  /** What may wait for the thread; beyond it, profiles are dropped and counted. */
  readonly queueBytes: Bytes;
  /** How long a profile may wait for others to be committed with it. */
  readonly lingerMs?: DurationMs;
  /** The thread died of a fault: nothing is stored any more, and the process should stop. Called at most once. */
  readonly onError: (error: Error) => void;
}

/** The main thread's end of the ingest thread. */
export interface IngestThread extends Ingest {
  /** Removes what retention allows, after a checkpoint: by the rule that it was started with, unless one is given. */
  retain(nowMs: UnixMs, retention?: Retention): Promise<RetentionReport>;
  checkpoint(): Promise<void>;
  /** Ends the hours that are over; says whether anything waits for compaction. */
  seal(nowMs: UnixMs): Promise<boolean>;
  /** Frees what compaction has replaced. */
  dropCompacted(): Promise<void>;
  /** The detail of an hour is damaged: readers leave it out from now on. */
  quarantine(hourMs: UnixMs, because: string): Promise<void>;
  storeStats(): Promise<StoreStats>;
  /**
   * Saves all that is known of floors, and answers when it is durable: the newest bucket of which live ones were saved since the
   * start, undefined before there are any. Rejects as the store does (`storage_full`); it is saved with the next call then.
   */
  saveFloors(): Promise<number | undefined>;
  /** The workloads that had a live profile within a day. Those without news are the same objects as in the answer before. */
  liveNumbers(): Promise<readonly WorkloadNumbers[]>;
}

const maxBatch = 64;
/** Compressed; bounds what is decoded between two commits. */
const maxBatchBytes: Bytes = 16 * 1024 * 1024;
const defaultLingerMs: DurationMs = 20;

/**
 * Starts the ingest thread; resolves when its stores are open and rejects with the `FlameherdError` that says why they
 * cannot be. Profiles wait here, not there, so that the bound of the queue holds. A promise of `submit` resolves after the
 * commit. Disposing drains the queue, saves the state and ends the thread.
 */
export async function startIngest(options: IngestOptions): Promise<IngestThread> {
  const { queueBytes, lingerMs, onError, ...settings } = options;
  const url = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(url, { workerData: settings, name: 'ingest' });
  const thread = new Thread(worker, onError);
  await thread.opened;
  return new ThreadIngest(thread, queueBytes, lingerMs ?? defaultLingerMs);
}

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/** Calls to the thread, each answered or rejected exactly once. */
class Thread {
  readonly opened: Promise<void>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #isClosing = false;
  #dead: Error | undefined;

  constructor(worker: Worker, onError: (error: Error) => void) {
    this.#worker = worker;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.opened = promise;
    let isOpen = false;
    const die = (error: Error): void => {
      if (this.#dead) return;
      this.#dead = error;
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
      if (isOpen) onError(error);
      else reject(error);
    };
    worker.on('message', (message: ThreadReply) => {
      if (message.kind === 'ready') {
        isOpen = true;
        resolve();
      } else if (message.kind === 'unusable') die(FlameherdError.fromPlain(message.error));
      else this.#settle(message);
    });
    worker.on('error', (error) => die(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', (code) => {
      // The answer to `close` may come together with the end, and its promise be settled only after it.
      const isExpected = this.#isClosing && code === 0;
      if (!this.#dead && !isExpected) die(new Error(`the ingest thread ended with code ${code}`));
    });
  }

  call<Name extends CallName>(
    name: Name,
    ask: ThreadCalls[Name]['ask'],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<ThreadCalls[Name]['answer']> {
    if (this.#dead) return Promise.reject(this.#dead);
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<ThreadCalls[Name]['answer']>();
    this.#waiting.set(id, { resolve, reject });
    this.#worker.postMessage({ id, name, ask }, transfer);
    return promise;
  }

  /** The thread is expected to end. */
  async close(): Promise<void> {
    if (this.#dead) return;
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#isClosing = true;
    await this.call('close', undefined);
    this.#dead = closed();
    await ended;
  }

  #settle(message: Extract<ThreadReply, { id: number }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.kind === 'answer') waiting?.resolve(message.answer as never);
    else waiting?.reject(FlameherdError.fromPlain(message.error));
  }
}

interface WaitingJob extends Queued {
  readonly job: IngestJob;
  readonly resolve: (outcome: IngestOutcome) => void;
  readonly reject: (error: Error) => void;
}

class ThreadIngest implements IngestThread {
  readonly #thread: Thread;
  readonly #queue: FairQueue<WaitingJob>;
  readonly #lingerMs: DurationMs;
  readonly #numbers = new NumbersReader();
  #linger: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #dropped = 0;
  #closing: Promise<void> | undefined;

  constructor(thread: Thread, queueBytes: Bytes, lingerMs: DurationMs) {
    this.#thread = thread;
    this.#queue = new FairQueue(queueBytes);
    this.#lingerMs = lingerMs;
  }

  submit(job: IngestJob): Promise<IngestOutcome> {
    if (this.#closing) return Promise.reject(closed());
    const { promise, resolve, reject } = Promise.withResolvers<IngestOutcome>();
    const lane = `${job.source}\n${job.kind ?? ''}`;
    for (const { resolve: drop } of this.#queue.push({ lane, bytes: job.bytes.byteLength, job, resolve, reject })) {
      this.#dropped++;
      drop({ kind: 'dropped', queuedBytes: this.#queue.bytes });
    }
    if (this.#queue.length >= maxBatch) this.#send();
    else this.#linger ??= setTimeout(() => this.#send(), this.#lingerMs);
    return promise;
  }

  endProcess(processId: string, endedMs: UnixMs): void {
    // After what the process sent before; a dead thread has told `onError`, and nobody waits here.
    this.#send();
    const sent = this.#sending ?? Promise.resolve();
    sent.then(() => this.#thread.call('endProcess', { processId, endedMs })).catch(() => undefined);
  }

  async stats(): Promise<IngestStats> {
    const counts = await this.#thread.call('counts', undefined);
    return { ...counts, queuedJobs: this.#queue.length, queuedBytes: this.#queue.bytes, dropped: this.#dropped };
  }

  retain(nowMs: UnixMs, retention?: Retention): Promise<RetentionReport> {
    return this.#thread.call('retain', { nowMs, retention });
  }

  checkpoint(): Promise<void> {
    return this.#thread.call('checkpoint', undefined);
  }

  seal(nowMs: UnixMs): Promise<boolean> {
    return this.#thread.call('seal', nowMs);
  }

  dropCompacted(): Promise<void> {
    return this.#thread.call('dropCompacted', undefined);
  }

  quarantine(hourMs: UnixMs, because: string): Promise<void> {
    return this.#thread.call('quarantine', { hourMs, because });
  }

  storeStats(): Promise<StoreStats> {
    return this.#thread.call('storeStats', undefined);
  }

  saveFloors(): Promise<number | undefined> {
    return this.#thread.call('saveFloors', undefined);
  }

  async liveNumbers(): Promise<readonly WorkloadNumbers[]> {
    return this.#numbers.read(await this.#thread.call('liveNumbers', undefined));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    while (this.#queue.length > 0 || this.#sending) {
      this.#send();
      await this.#sending;
    }
    clearTimeout(this.#linger);
    await this.#thread.close();
  }

  /** Sends batches until nothing waits; one at a time. */
  #send(): void {
    clearTimeout(this.#linger);
    this.#linger = undefined;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
      if (this.#queue.length > 0) this.#linger ??= setTimeout(() => this.#send(), this.#lingerMs);
    });
  }

  async #sendAll(): Promise<void> {
    for (let batch = this.#queue.take(maxBatch, maxBatchBytes); batch.length > 0; ) {
      await this.#sendBatch(batch);
      batch = this.#queue.take(maxBatch, maxBatchBytes);
    }
  }

  async #sendBatch(batch: readonly WaitingJob[]): Promise<void> {
    const jobs = batch.map(({ job }) => ({ ...job, bytes: ownBytes(job.bytes) }));
    try {
      const transfer = jobs.map(({ bytes }) => bytes.buffer);
      const outcomes = await this.#thread.call('ingest', jobs, transfer);
      for (const [index, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[index];
        if (outcome) resolve(outcome);
        else reject(new Error('the ingest thread answered fewer profiles than it was given'));
      }
    } catch (error) {
      for (const { reject } of batch) reject(error as Error);
    }
  }
}

/** Bytes in a buffer of their own, which can be handed over: small Buffers share one with others. */
function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength && !Buffer.isBuffer(bytes);
  return isWhole ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}

function closed(): FlameherdError {
  return new FlameherdError('not_ready', 'the collector is stopping and takes no more profiles', {
    hint: 'send it again when the collector is up',
  });
}
