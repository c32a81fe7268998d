import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { heap, time } from '@datadog/pprof';
import { ValueType } from 'pprof-format';

/** Two hundred samples a second, twice as many as in Go: a request of this shop takes some milliseconds. */
const cpuIntervalMicros = 5000;
/** Finer than Go's 512 KiB: so small a program would have few samples. */
const heapIntervalBytes = 64 * 1024;
const heapStackDepth = 64;
/** The buffer of samples is made for so much more than was asked for, as a busy program is late to stop. */
const slackMs = 10_000;
/** Go's words, which scrapers know. */
export const busyMessage = 'Could not enable CPU profiling: cpu profiling already in use';

type Profile = ReturnType<typeof heap.profileV2>;

// Contexts that are made from here on have the collector.
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Call it early: what was allocated before is in no profile. */
export function startHeapProfile(): void {
  heap.start(heapIntervalBytes, heapStackDepth);
}

/**
 * What is alive, by where it was allocated; gzipped pprof. Garbage is collected first, as the profile of Go is that of the last
 * collection: V8's would hold what merely waits for one.
 */
export function heapProfile(): Uint8Array {
  collectGarbage();
  return pprofOf(heap.profileV2(), 'space', 'bytes');
}

/** CPU over `seconds`; gzipped pprof. Throws while another one is taken. An end of `signal` ends it, and rejects. */
export async function cpuProfile(seconds: number, signal: AbortSignal): Promise<Uint8Array> {
  if (time.isStarted()) throw new Error(busyMessage);
  time.start({
    durationMillis: seconds * 1000 + slackMs,
    intervalMicros: cpuIntervalMicros,
    // The library measures CPU time by contexts only.
    withContexts: true,
    collectCpuTime: true,
  });
  try {
    await delay(seconds * 1000, undefined, { signal });
  } catch (error) {
    time.stop();
    throw error;
  }
  return pprofOf(time.stop(), 'cpu', 'nanoseconds');
}

/**
 * With the period type by which the field knows such a profile. V8 books on `(idle)` what was used between two samples: a thread that
 * idles uses nothing.
 */
function pprofOf(profile: Profile, type: string, unit: string): Uint8Array {
  const { stringTable } = profile;
  // The library's is one object with a type of the samples, so another one is put in its place.
  profile.periodType = new ValueType({ type: stringTable.dedup(type), unit: stringTable.dedup(unit) });
  for (const each of profile.function) {
    if (stringTable.strings[Number(each.name)] === '(idle)') each.name = stringTable.dedup('(between samples)');
  }
  return gzipSync(profile.encode());
}
