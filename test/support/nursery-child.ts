import { once } from 'node:events';
import { getHeapSpaceStatistics } from 'node:v8';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { letNurseriesGrow } from '../../src/observe/nursery.ts';

/** The size of the youngest generation once much of it has survived again and again. */
function grownNursery(): number {
  let held: object[] = [];
  for (let number = 0; number < 3_000_000; number++) {
    held.push({ number });
    if (held.length > 200_000) held = [];
  }
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;
}

if (isMainThread) {
  letNurseriesGrow();
  const worker = new Worker(new URL(import.meta.url));
  const [thread] = (await once(worker, 'message')) as [number];
  console.log(JSON.stringify({ main: grownNursery(), thread }));
} else parentPort?.postMessage(grownNursery());
