import { isMainThread, workerData } from 'node:worker_threads';

/** Loaded into every thread of a daemon: the ingest thread dies of a fault of its own a moment after it began. */
const isIngest = !isMainThread && typeof (workerData as { retention?: unknown } | null)?.retention === 'object';
if (isIngest) {
  setTimeout(() => {
    throw new Error('a fault that the test put there');
  }, 1500);
}
