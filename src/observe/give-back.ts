import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Bytes, type DurationMs, minute, second } from '../model/units.ts';

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

export interface GiveBackOptions {
  /** From the start; by then the garbage of loading the modules, which is the most, has been made. */
  readonly firstMs?: DurationMs;
  /** Between two looks. */
  readonly everyMs?: DurationMs;
  /** What must have been allocated since, to be worth it. */
  readonly worthBytes?: Bytes;
  /** Another collector, for tests. */
  readonly collect?: () => void;
}

/** For a thread that others wait for: it stands still for some 80 ms, so seldom, and only for much. */
export const seldom = { everyMs: 10 * minute, worthBytes: 24 * 1024 ** 2 } as const;
/** For a thread that nobody waits for: 20 to 45 ms of its time. */
export const often = { everyMs: 15 * second, worthBytes: 12 * 1024 ** 2 } as const;

/**
 * From now on gives back what the heap of the calling thread does not need: V8 keeps the pages of a burst, such as a start or
 * the first scrape of everything, until the heap has outgrown them again, and lets it grow to several times what is in use
 * before it looks. Keeps no thread alive. Returns a function that stops it.
 */
export function keepHeapSmall(options: GiveBackOptions = {}): () => void {
  const { firstMs = 20 * second, everyMs = 2 * minute, worthBytes = 4 * 1024 ** 2, collect = collector() } = options;
  let usedAfter = 0;
  const giveBack = (): void => {
    if (getHeapStatistics().used_heap_size > usedAfter + worthBytes) {
      collect();
      usedAfter = getHeapStatistics().used_heap_size;
    }
    timer = setTimeout(giveBack, everyMs).unref();
  };
  let timer = setTimeout(giveBack, firstMs).unref();
  return () => clearTimeout(timer);
}

function collector(): () => void {
  // Contexts that are made while the flag is set have it.
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  // The last resort is the one that shrinks the nursery and lets go of pages kept for later.
  return () => collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
