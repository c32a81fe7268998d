import type { Browser, CDPSession, Page } from 'playwright-core';

/** What one visit to a graph cost, in milliseconds; memory in MB. */
export interface Visit {
  /** From asking for the page to a painted graph, the answer's way included. */
  readonly open: number;
  /** Of it: the text of the answer to numbers, which no drawing can save. */
  readonly parse: number;
  /** From numbers to a painted graph: typed arrays, layout, all boxes and letters. */
  readonly paint: number;
  /** What the page's main thread computed for that: what a quiet machine would wait for. */
  readonly openCpu: number;
  /** From a click to the whole of the new picture, gliding there included. */
  readonly zoom: number;
  readonly zoomCpu: number;
  readonly search: number;
  /** One move of the pointer; the slowest but 5 %. */
  readonly hover: number;
  readonly top: number;
  readonly sandwich: number;
  /** The longest that the page did not answer, in all of the above. */
  readonly frozen: number;
  readonly heap: number;
}

/** What the page tells whoever measures it: `test/ui/flame/stand/measuring.ts`. */
interface StandWindow {
  readonly stand?: {
    readonly measuring: {
      isOpen(): boolean;
      open(): Pick<Visit, 'open' | 'parse' | 'paint'>;
      zoom(): number | undefined;
      search(search: string): Promise<number>;
      hover(): Promise<number>;
      tables(): Pick<Visit, 'top' | 'sandwich'>;
      frozen(): number;
    };
  };
}

/** Longer than gliding takes. */
const settledMs = 400;

export async function visit(browser: Browser, url: string): Promise<Visit> {
  const page = await browser.newPage({ viewport: { width: 1500, height: 950 } });
  try {
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.goto(url);
    await page.waitForFunction(() => (globalThis as StandWindow).stand?.measuring.isOpen() === true);
    const opened = await page.evaluate(() => (globalThis as StandWindow).stand?.measuring.open());
    const openCpu = await mainThreadMs(session);
    const heap = await heapOf(session);
    await page.waitForTimeout(settledMs);
    const before = await mainThreadMs(session);
    const zoom = await zoomTime(page);
    const zoomCpu = (await mainThreadMs(session)) - before;
    const search = await page.evaluate(() => (globalThis as StandWindow).stand?.measuring.search('scan'));
    const hover = await page.evaluate(() => (globalThis as StandWindow).stand?.measuring.hover());
    const tables = await page.evaluate(() => (globalThis as StandWindow).stand?.measuring.tables());
    await page.waitForTimeout(settledMs);
    const frozen = await page.evaluate(() => (globalThis as StandWindow).stand?.measuring.frozen());
    if (!opened || !tables || search === undefined || hover === undefined || frozen === undefined) {
      throw new Error('the page that is measured has gone');
    }
    return { ...opened, openCpu, zoom, zoomCpu, search, hover, ...tables, frozen, heap };
  } finally {
    await page.close();
  }
}

/** A click on a wide frame, a quarter from the left on the fourth line, until nothing moves any more. */
async function zoomTime(page: Page): Promise<number> {
  const canvas = await page.locator('.flame-marks').boundingBox();
  if (!canvas) throw new Error('the graph is not there');
  await page.mouse.click(canvas.x + canvas.width / 4, canvas.y + 70);
  const moved = await page.waitForFunction(() => (globalThis as StandWindow).stand?.measuring.zoom());
  return (await moved.jsonValue()) ?? Number.NaN;
}

/** What the page holds when all that is not used any more is gone, typed arrays included. */
async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const usage = (await session.send('Runtime.getHeapUsage')) as { usedSize: number; backingStorageSize?: number };
  return (usage.usedSize + (usage.backingStorageSize ?? 0)) / 1e6;
}

/** CPU time of the page's main thread since it began. */
async function mainThreadMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * (metrics.find(({ name }) => name === 'ThreadTime')?.value ?? Number.NaN);
}
