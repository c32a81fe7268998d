import { Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from './random.ts';
import type { Service } from './service.ts';

/** Customers come and go in waves of so long, … */
const waveMs = 40_000;
/** … by so much above and below the mean. */
const waveShare = 0.3;
/** Customers who came while the machine was too slow for them are served late, but no later than this. */
const latestMs = 10_000;

/**
 * Customers of our own, over real HTTP, `perSecond` in the mean, one after the other; until `signal` ends. Resolves then. They come at
 * their times, however busy the machine is, so that what leaks grows evenly. One that is not served is left out: the next comes.
 */
export async function makeLoad(service: Service, url: string, perSecond: number, signal: AbortSignal): Promise<void> {
  const random = seededRandom(42);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let dueMs = Date.now();
  while (!signal.aborted) {
    const wave = 1 + waveShare * Math.sin((2 * Math.PI * Date.now()) / waveMs);
    await ask(`${url}/${service.name}?${service.nextQuestion(random)}`, agent).catch(() => undefined);
    dueMs = Math.max(dueMs + 1000 / (perSecond * wave), Date.now() - latestMs);
    await delay(Math.max(0, dueMs - Date.now()), undefined, { signal }).catch(() => undefined);
  }
  agent.destroy();
}

function ask(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      response.resume().once('end', resolve).once('error', reject);
    }).once('error', reject);
  });
}
