import { parentPort, workerData } from 'node:worker_threads';
import { assertNever, FlameherdError } from '../model/errors.ts';
import { second } from '../model/units.ts';
import { keepHeapSmall, often } from '../observe/give-back.ts';
import { joinSelfProfile } from '../observe/self-profile-worker.ts';
import { PprofDecoder } from '../pprof/decode.ts';
import type { GrowthStore } from '../store/growth-store.ts';
import type { ProfileWriter } from '../store/profile-store.ts';
import { openSqliteGrowth } from '../store/sqlite/growth/growth.ts';
import { openSqliteState } from '../store/sqlite/state.ts';
import { openSqliteWriter } from '../store/sqlite/writer.ts';
import type { StateStore } from '../store/state-store.ts';
import { GrowthObserver } from './growth/growth-observer.ts';
import { NumbersTeller, type ToldNumbers } from './growth/numbers-teller.ts';
import { saveFloorsEveryMs } from './growth/settings.ts';
import { IngestPipeline } from './pipeline.ts';
import type { IngestThreadSettings, ThreadCall, ThreadCalls, ThreadReply } from './thread-messages.ts';

/**
 * The ingest thread: owns the only writer and answers one call after the other. A fault of ours ends the thread, and with
 * it the process; what is committed by then is safe.
 */

interface Stores {
  readonly writer: ProfileWriter;
  readonly state: StateStore;
  readonly growth: GrowthStore;
  readonly observer: GrowthObserver;
  readonly teller: NumbersTeller;
  readonly pipeline: IngestPipeline;
}

joinSelfProfile('ingest');
keepHeapSmall(often);
const port = parentPort;
if (!port) throw new Error('the ingest worker runs as a worker thread only');
const reply = (message: ThreadReply, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);

/** Floors can wait for a minute, profiles cannot. */
const floorsPatienceMs = second;

let stores: Stores | undefined;
try {
  stores = open(workerData as IngestThreadSettings);
  reply({ kind: 'ready' });
} catch (error) {
  if (!(error instanceof FlameherdError)) throw error;
  reply({ kind: 'unusable', error: error.toPlain() });
}
// One chain: a call begins when the one before has ended.
let queue = Promise.resolve();
if (stores) {
  const opened = stores;
  port.on('message', (call: ThreadCall) => {
    queue = queue.then(() => serve(opened, call));
  });
  // So that kill -9 takes a minute of floors at most, and never much of a bucket.
  setInterval(
    () => {
      queue = queue.then(() => saveFloorsInTime(opened));
    },
    saveFloorsEveryMs((workerData as IngestThreadSettings).growth.bucketMs),
  ).unref();
}

function open(settings: IngestThreadSettings): Stores {
  const { dataDir, minFreeBytes, synchronous, retention, limits, decode } = settings;
  const writer = openSqliteWriter({ dataDir, minFreeBytes, synchronous, retention, now: Date.now });
  const state = openSqliteState({ dataDir, synchronous });
  const growth = openSqliteGrowth({ dataDir, synchronous, patienceMs: floorsPatienceMs });
  const observer = new GrowthObserver({ settings: settings.growth, store: growth, state, now: Date.now });
  const teller = new NumbersTeller(observer, Date.now);
  const createDecoder = (): PprofDecoder => new PprofDecoder(decode);
  const pipeline = new IngestPipeline({ createDecoder, writer, state, limits, observer });
  return { writer, state, growth, observer, teller, pipeline };
}

/** What cannot be saved now is counted, and saved with the next; whoever asks for it by a call is told why. */
function saveFloorsInTime({ observer }: Pick<Stores, 'observer'>): void {
  try {
    observer.saveFloors();
  } catch (error) {
    if (!(error instanceof FlameherdError)) throw error;
  }
}

async function serve(opened: Stores, call: ThreadCall): Promise<void> {
  try {
    const given = await answer(opened, call);
    const transfer = call.name === 'liveNumbers' ? [(given as ToldNumbers).rows.buffer] : [];
    reply({ kind: 'answer', id: call.id, answer: given }, transfer);
  } catch (error) {
    if (!(error instanceof FlameherdError)) throw error;
    reply({ kind: 'failed', id: call.id, error: error.toPlain() });
  }
  if (call.name === 'close') port?.close();
}

/** Frees a buffer now; Node.js 20 cannot. */
function letGoOf(buffer: ArrayBufferLike & { transfer?: (newLength: number) => unknown }): void {
  buffer.transfer?.(0);
}

async function answer(
  { writer, state, growth, observer, teller, pipeline }: Stores,
  call: ThreadCall,
): Promise<ThreadCalls[ThreadCall['name']]['answer']> {
  switch (call.name) {
    case 'ingest': {
      const outcomes = pipeline.ingest(call.ask);
      // They are ours alone, and would stay until the next collection of garbage.
      for (const { bytes } of call.ask) letGoOf(bytes.buffer);
      return outcomes;
    }
    case 'counts':
      return { ...pipeline.counts, growth: observer.counts };
    case 'storeStats':
      return writer.stats();
    case 'retain':
      return pipeline.retain(call.ask.nowMs, call.ask.retention);
    case 'seal':
      return writer.seal(call.ask);
    case 'dropCompacted':
      writer.dropCompacted();
      break;
    case 'quarantine':
      writer.quarantine(call.ask.hourMs, call.ask.because);
      break;
    case 'checkpoint':
      pipeline.checkpointAll();
      break;
    case 'endProcess':
      pipeline.endProcess(call.ask.processId, call.ask.endedMs);
      break;
    case 'saveFloors':
      return observer.saveFloors();
    case 'liveNumbers':
      return teller.tell();
    case 'close':
      saveFloorsInTime({ observer });
      await growth[Symbol.asyncDispose]();
      pipeline.checkpointAll();
      await writer[Symbol.asyncDispose]();
      await state[Symbol.asyncDispose]();
      break;
    default:
      return assertNever(call);
  }
  return undefined;
}
