import { type FlameModel, type FlameRange, topRows } from '../../../../src/ui/flame/model.ts';
import { sandwichSteps } from '../../../../src/ui/flame/sandwich.ts';
import { change } from '../../../../src/ui/state/place.ts';

/** What `bench/ui.ts` asks of the page; all times in milliseconds. */
export interface Measuring {
  /** The graph is on the screen. */
  readonly isOpen: () => boolean;
  /** From asking for the page; of it, making numbers of text; and from there to the graph on the screen. */
  readonly open: () => { readonly open: number; readonly parse: number; readonly paint: number };
  /** From the last click to the last picture; undefined while it may still move. */
  readonly zoom: () => number | undefined;
  /** From a search to its picture. */
  readonly search: (search: string) => Promise<number>;
  /** A move of the pointer; the slowest but 5 %. */
  readonly hover: () => Promise<number>;
  readonly tables: () => { readonly top: number; readonly sandwich: number };
  /** The longest that the page was busy since it was opened. */
  readonly frozen: () => number;
}

/** What did not change for so long has come to rest. */
const stillMs = 300;
/** What was shown, and when it was on the screen. */
const log: (FlameRange & { readonly ms: number })[] = [];
let [clickedMs, longestMs] = [Number.NaN, 0];

export function noteShown(range: FlameRange): void {
  afterFrame(() => log.push({ ms: performance.now(), ...range }));
}

export function startMeasuring(): void {
  addEventListener('click', ({ timeStamp }) => {
    clickedMs = timeStamp;
  });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestMs = Math.max(longestMs, duration);
  }).observe({ type: 'longtask', buffered: true });
}

export function measuringOf(graph: FlameModel): Measuring {
  return {
    isOpen: () => log.length > 0,
    open: () => ({ open: at('painted'), parse: at('parsed') - at('arrived'), paint: at('painted') - at('parsed') }),
    zoom: () => {
      const last = log.at(-1)?.ms ?? 0;
      return last > clickedMs && performance.now() > last + stillMs ? last - clickedMs : undefined;
    },
    search: (search) => {
      const begin = performance.now();
      change({ search });
      return new Promise((done) => afterFrame(() => afterFrame(() => done(performance.now() - begin))));
    },
    hover: slowestMove,
    tables: () => tableTimes(graph),
    frozen: () => longestMs,
  };
}

function at(mark: string): number {
  return mark === 'painted'
    ? (log[0]?.ms ?? Number.NaN)
    : (performance.getEntriesByName(mark)[0]?.startTime ?? Number.NaN);
}

async function slowestMove(): Promise<number> {
  const canvas = document.querySelector('.flame-marks');
  const times: number[] = [];
  for (let move = 0; move < 150; move++) {
    await new Promise((next) => setTimeout(next));
    const [clientX, clientY] = [(move * 97) % 1480, 120 + ((move * 61) % 700)];
    const begin = performance.now();
    canvas?.dispatchEvent(new PointerEvent('pointermove', { clientX, clientY, pointerType: 'mouse', bubbles: true }));
    times.push(performance.now() - begin);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? Number.NaN;
}

/** The table, and the sandwich of the function that took most itself. */
function tableTimes(graph: FlameModel): { readonly top: number; readonly sandwich: number } {
  const begin = performance.now();
  const rows = topRows(graph);
  const top = performance.now() - begin;
  const [first] = rows.sort((a, b) => b.self - a.self);
  const from = performance.now();
  if (first) drain(sandwichSteps(graph, first.name));
  return { top, sandwich: performance.now() - from };
}

/** Each step is a task of its own in the product, and may freeze it as long as it takes. */
function drain(steps: Generator<void, unknown>): void {
  for (let isDone: boolean | undefined = false; !isDone; ) {
    const begin = performance.now();
    isDone = steps.next().done;
    longestMs = Math.max(longestMs, performance.now() - begin);
  }
}

function afterFrame(then: () => void): void {
  requestAnimationFrame(() => setTimeout(then));
}
