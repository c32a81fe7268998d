import { parentPort } from 'node:worker_threads';

/** Dies of the first thing that it is asked. */
parentPort?.on('message', () => {
  throw new Error('a fault that the test put there');
});
