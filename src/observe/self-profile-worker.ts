import { BroadcastChannel, threadId } from 'node:worker_threads';
import { type SelfProfileAnswer, type SelfProfileMessage, selfProfileChannel } from './self-profile-protocol.ts';
import { threadProfiler } from './thread-profiler.ts';

/**
 * Lets the main thread's self profiler include this worker under a name such as `ingest`. A worker calls it once when it
 * starts; it keeps no worker alive, and it costs heap sampling only until a CPU profile is asked for.
 */
export function joinSelfProfile(thread: string): void {
  const channel = new BroadcastChannel(selfProfileChannel);
  channel.unref();
  let running: number | undefined;
  const say = (answer: SelfProfileAnswer): void => channel.postMessage(answer);
  const give = (id: number, bytes: Uint8Array | undefined): void => {
    say({ to: 'main', kind: 'profile', id, threadId, thread, bytes });
  };

  channel.onmessage = ({ data }) => {
    const ask = data as SelfProfileMessage;
    if (ask.to !== 'workers') return;
    switch (ask.kind) {
      case 'who':
        say({ to: 'main', kind: 'here', threadId, thread });
        return;
      case 'cpu-start':
        threadProfiler.stopCpu();
        threadProfiler.startCpu(ask.seconds);
        running = ask.id;
        return;
      case 'cpu-stop':
      case 'cpu-discard': {
        const bytes = running === ask.id ? threadProfiler.stopCpu() : undefined;
        running = undefined;
        if (ask.kind === 'cpu-stop') give(ask.id, bytes);
        return;
      }
      case 'heap':
        give(ask.id, threadProfiler.heap());
    }
  };

  threadProfiler.startHeap();
  process.once('exit', () => say({ to: 'main', kind: 'gone', threadId }));
  say({ to: 'main', kind: 'here', threadId, thread });
}
