import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../model/errors.ts';
import type { UnixMs } from '../model/units.ts';
import { joinSelfProfile } from '../observe/self-profile-worker.ts';
import { compactStore } from '../store/sqlite/compaction/compactor.ts';
import type { CompactionCall, CompactionReply, CompactionThreadSettings } from './messages.ts';

/** The compaction thread: makes one run after the other, and rests in between its steps to hear that it is to stop. */

joinSelfProfile('compaction');
const port = parentPort;
if (!port) throw new Error('the compaction worker runs as a worker thread only');
const reply = (message: CompactionReply): void => port.postMessage(message);

const settings = workerData as CompactionThreadSettings;
const stop = new AbortController();
// One chain: a run begins when the one before has ended.
let queue = Promise.resolve();
port.on('message', (call: CompactionCall) => {
  if (call.kind === 'stop') {
    stop.abort();
    queue = queue.then(() => port.close());
  } else queue = queue.then(() => run(call.nowMs));
});

async function run(nowMs: UnixMs): Promise<void> {
  try {
    reply({ kind: 'done', report: await compactStore({ ...settings, nowMs, signal: stop.signal }) });
  } catch (error) {
    reply({ kind: 'failed', message: messageOf(error) });
  }
}
