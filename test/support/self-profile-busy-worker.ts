import { parentPort, workerData } from 'node:worker_threads';
import { joinSelfProfile } from '../../src/observe/self-profile-worker.ts';

/** A worker that computes half of its time and holds on to some memory, under functions with names to look for. */
joinSelfProfile(String(workerData));

const held: number[][] = [];

function computeInWorker(): number {
  const end = performance.now() + 20;
  let sum = 0;
  while (performance.now() < end) sum += Math.sqrt(sum + 1);
  return sum;
}

function holdInWorker(): void {
  if (held.length < 100) held.push(Array.from({ length: 20_000 }, (_, i) => i + 0.5));
}

setInterval(() => {
  computeInWorker();
  holdInWorker();
}, 40);
parentPort?.postMessage('ready');
