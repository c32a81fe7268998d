import { setTimeout as delay } from 'node:timers/promises';
import type { DemoUrls } from './folder.ts';
import { switchLeak } from './switch.ts';
import { watchCheckout } from './watch.ts';
import { spanText } from './words.ts';

/** What the demo promises, counted from the switch. */
const promisedMs = 10 * 60_000;
/** After the switch is off the finding must end, too. */
const endMs = 3 * 60_000;

/**
 * Makes the checkout leak and waits for what must come of it: the finding in both tiers, and with Prometheus both alerts. Then mends it,
 * and waits for the end. Prints each with its time. Rejects when something does not come in time, or too early.
 */
export async function prove(urls: DemoUrls, settleMs: number, print: (line: string) => void): Promise<void> {
  const awaited = new Set(['suspected', 'likely']);
  const ends = new Set(['ended']);
  for (const name of urls.prometheus ? ['FlameherdHeapGrowthSuspected', 'FlameherdMemoryLeakLikely'] : []) {
    awaited.add(`${name} firing`);
    ends.add(`${name} over`);
  }
  print(`the shop runs in health for ${spanText(settleMs)}`);
  await see(urls, new Set(), settleMs, print);
  await switchLeak(urls, true);
  await see(urls, awaited, promisedMs, print);
  await switchLeak(urls, false);
  await see(urls, ends, endMs, print);
}

/** Prints what is seen until all that is awaited was; with nothing to await, until the time is over, and then nothing may be seen. */
async function see(
  urls: DemoUrls,
  awaited: ReadonlySet<string>,
  withinMs: number,
  print: (line: string) => void,
): Promise<void> {
  const startedMs = Date.now();
  const end = new AbortController();
  const left = new Set(awaited);
  const timer = delay(withinMs, undefined, { signal: end.signal }).then(
    () => end.abort(),
    () => undefined,
  );
  for await (const { what, text, link } of watchCheckout(urls, end.signal)) {
    print(`after ${spanText(Date.now() - startedMs)}: ${text}${link ? `\n    ${link}` : ''}`);
    if (awaited.size === 0) throw new Error('nothing was to be found before the shop leaks');
    left.delete(what);
    if (left.size === 0) end.abort();
  }
  await timer;
  if (left.size > 0) throw new Error(`within ${spanText(withinMs)} there was no ${[...left].join(', no ')}`);
}
