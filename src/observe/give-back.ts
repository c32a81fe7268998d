import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Bytes, type DurationMs, minute, second } from '../model/units.ts';

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/** When loading the modules, whose garbage is the most, is over. */
const firstMs: DurationMs = 20 * second;
const leastMs: DurationMs = 2 * minute;
/** The thread stands still meanwhile, for some 25 to 80 ms; it shall not for more than a thousandth of its time. */
const restPerWork = 1000;
/** What must have been allocated since, to be worth it. */
const worthBytes: Bytes = 4 * 1024 ** 2;

/**
 * From now on gives back what the heap of the calling thread does not need: V8 keeps the pages of a burst, such as a start or
 * the first scrape of everything, until the heap has outgrown them again. An idle daemon is 45 MB smaller. Keeps no thread alive.
 */
export function keepHeapSmall(): void {
  const collect = collector();
  let usedAfter = 0;
  const giveBack = (): void => {
    let tookMs = 0;
    if (getHeapStatistics().used_heap_size > usedAfter + worthBytes) {
      const startedMs = performance.now();
      // The last resort is the one that shrinks the nursery and lets go of pages kept for later.
      collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
      tookMs = performance.now() - startedMs;
      usedAfter = getHeapStatistics().used_heap_size;
    }
    setTimeout(giveBack, Math.max(leastMs, restPerWork * tookMs)).unref();
  };
  setTimeout(giveBack, firstMs).unref();
}

/** Contexts that are made while the flag is set have it. */
function collector(): Collect {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}
