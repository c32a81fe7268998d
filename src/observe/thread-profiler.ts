import { heap, time } from '@datadog/pprof';

/**
 * Two hundred samples a second. V8 books what a thread used up to a sample on where it stands then, so work shorter than
 * this interval shows as `(between samples)`: at Go's hundred a second a third of our CPU did, here about a tenth.
 */
export const cpuIntervalMicros = 5000;
/** As Go: a heap sample for about every 512 KiB allocated. */
export const heapIntervalBytes = 512 * 1024;
const heapStackDepth = 128;
/** The sample buffer is made for this much more than the seconds asked for, as a busy thread is late to stop. */
const slackMs = 30_000;

/** The two profilers of the thread that calls; each V8 isolate has its own. All answers are plain pprof. */
export const threadProfiler = {
  startHeap(): void {
    heap.start(heapIntervalBytes, heapStackDepth);
  },

  stopHeap(): void {
    heap.stop();
  },

  /** What is in use now, by where it was allocated. */
  heap(): Uint8Array {
    return heap.profileV2().encode();
  },

  /** Begins to sample. Contexts are on because the library measures CPU time by them only. */
  startCpu(seconds: number): void {
    time.start({
      durationMillis: seconds * 1000 + slackMs,
      intervalMicros: cpuIntervalMicros,
      withContexts: true,
      collectCpuTime: true,
    });
  },

  /** The profile since `startCpu`; undefined when none was started. */
  stopCpu(): Uint8Array | undefined {
    return time.isStarted() ? time.stop().encode() : undefined;
  },
};
