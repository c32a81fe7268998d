import { mergeThreads } from './own-profile.ts';
import { sourceRoot } from './self-profile.ts';
import { threadProfiler } from './thread-profiler.ts';

/** The longest boot that is profiled. */
const maxBootSeconds = 60;

export interface BootProfile {
  readonly startedMs: number;
  /** Ends it; gzipped pprof of the main thread since `startBootProfile`. Undefined when it was ended before. */
  stop(): Uint8Array | undefined;
}

/**
 * Profiles this process while it starts, which is when a quiet collector uses most of its CPU. Call it before the parts
 * are loaded, and stop it before anybody asks the self profiler.
 */
export function startBootProfile(): BootProfile {
  const startedMs = Date.now();
  const startedAt = performance.now();
  threadProfiler.startCpu(maxBootSeconds);
  return {
    startedMs,
    stop() {
      const bytes = threadProfiler.stopCpu();
      if (!bytes) return undefined;
      const durationMs = performance.now() - startedAt;
      return mergeThreads([{ thread: 'main', bytes }], {
        kind: 'cpu',
        startMs: startedMs,
        durationMs,
        root: sourceRoot,
        missing: [],
      });
    },
  };
}
