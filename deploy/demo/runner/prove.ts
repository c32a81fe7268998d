import { setTimeout as delay } from 'node:timers/promises';
import { DemoError } from './demo-error.ts';
import type { DemoUrls } from './folder.ts';
import { switchLeak } from './switch.ts';
import { type Sight, watchCheckout } from './watch.ts';
import { spanText } from './words.ts';

/** What the demo promises, counted from the switch. */
const promisedMs = 10 * 60_000;
/** After the switch is off the finding must end, too. */
const endMs = 3 * 60_000;

/**
 * Makes the checkout leak and waits for what must come of it: the finding in both tiers, and with Prometheus both alerts. Then mends it,
 * and waits for the end. Prints each with its time. Rejects when something does not come in time, or anything before the leak.
 */
export async function prove(urls: DemoUrls, settleMs: number, print: (line: string) => void): Promise<void> {
  const alerts = urls.prometheus ? ['FlameherdHeapGrowthSuspected', 'FlameherdMemoryLeakLikely'] : [];
  using watched = new Watched(urls, print);
  print(`the shop runs in health for ${spanText(settleMs)}`);
  const early = await watched.until([], settleMs);
  if (early) throw new DemoError(`before it leaked there was: ${early.text}`);
  await switchLeak(urls, true);
  await watched.until(['suspected', 'likely', ...alerts.map((name) => `${name} firing`)], promisedMs);
  await switchLeak(urls, false);
  await watched.until(['ended', ...alerts.map((name) => `${name} over`)], endMs);
  print('proved');
}

/** What is seen of the checkout, one phase after the other. */
class Watched implements Disposable {
  readonly #end = new AbortController();
  readonly #sights: AsyncGenerator<Sight>;
  readonly #print: (line: string) => void;
  #next: Promise<IteratorResult<Sight>> | undefined;

  constructor(urls: DemoUrls, print: (line: string) => void) {
    this.#sights = watchCheckout(urls, this.#end.signal);
    this.#print = print;
  }

  /**
   * Prints what comes, until all that is awaited has come. With nothing to await it is the first that comes, or undefined when nothing
   * does; else it rejects when something has not come `withinMs`.
   */
  async until(awaited: readonly string[], withinMs: number): Promise<Sight | undefined> {
    const startedMs = Date.now();
    const left = new Set(awaited);
    for (;;) {
      const sight = await this.#nextWithin(startedMs + withinMs - Date.now());
      if (!sight && awaited.length > 0) {
        throw new DemoError(`within ${spanText(withinMs)} there was no ${[...left].join(', no ')}`);
      }
      if (!sight) return undefined;
      const { what, text, link } = sight;
      this.#print(`after ${spanText(Date.now() - startedMs)}: ${text}${link ? `\n    ${link}` : ''}`);
      left.delete(what);
      if (left.size === 0) return sight;
    }
  }

  [Symbol.dispose](): void {
    this.#end.abort();
  }

  async #nextWithin(ms: number): Promise<Sight | undefined> {
    const given = new AbortController();
    this.#next ??= this.#sights.next();
    const late = delay(Math.max(0, ms), undefined, { signal: given.signal }).catch(() => undefined);
    const first = await Promise.race([this.#next, late]);
    given.abort();
    if (first === undefined) return undefined;
    this.#next = undefined;
    return first.done ? undefined : first.value;
  }
}
