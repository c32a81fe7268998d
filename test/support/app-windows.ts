import assert from 'node:assert/strict';
import { hashOf, type KindAnswer, type RecordedWindow, type Recording, timesOf } from './app-recording.ts';
import { readProfile } from './pprof-decode.ts';

export interface WindowCheck {
  /** Where the API listens. */
  readonly url: string;
  readonly recording: Recording;
  /** How far gauges may be off, as a part of the whole: 0 where ticks are even. */
  readonly tolerance: number;
  /** The same for peaks, where pods are not scraped at the same moment and so never add up as at a tick. */
  readonly peakTolerance?: number;
  /** Whether each pod and build is asked for as well: most of the questions. */
  readonly byLabel: boolean;
  /** How long after a tick a kind was scraped, when that was not at once: averages are asked for from there. */
  readonly delayOf?: (kind: string) => number;
}

type Asked = { readonly [name in 'format' | 'aggregate' | 'limit']?: string };

interface TopAnswer {
  readonly total: number;
  readonly meta: { readonly observedSeconds: number };
  readonly rows: readonly { readonly function: string; readonly self: number; readonly total: number }[];
}

/** Asks the daemon for every window of a recording and compares with what must be answered. Gives how much was compared. */
export async function assertWindows(check: WindowCheck): Promise<number> {
  let compared = 0;
  for (const window of check.recording.windows) {
    for (const answer of window.answers) {
      const asked = new AskedKind(check, window, answer);
      await (answer.class === 'gauge' ? asked.assertGauge() : asked.assertSums());
      compared += asked.compared;
    }
  }
  return compared;
}

/** One kind of a recording in one window. */
class AskedKind {
  compared = 0;
  readonly #check: WindowCheck;
  readonly #answer: KindAnswer;
  readonly #window: { readonly fromMs: number; readonly toMs: number };
  readonly #name: string;

  constructor(check: WindowCheck, window: RecordedWindow, answer: KindAnswer) {
    this.#check = check;
    this.#answer = answer;
    this.#window = timesOf(check.recording, window);
    this.#name = `${check.recording.name} (${window.after_tick}, ${window.to_tick}] ${answer.kind}`;
  }

  /** Every stack, line and label to the last unit, and every total. */
  async assertSums(): Promise<void> {
    const { types, canon } = this.#answer;
    assert.equal(await this.#hash({}), canon.sha256, `${this.#name}: stacks, lines and labels`);
    for (const [column, type] of types.entries()) await this.#assertType(column, type, 1, 0);
  }

  async assertGauge(): Promise<void> {
    const { types, ticks = 1, last, max = [] } = this.#answer;
    const { tolerance, peakTolerance = tolerance } = this.#check;
    for (const [column, type] of types.entries()) await this.#assertType(column, type, ticks, tolerance);
    assert.equal(await this.#hash({ aggregate: 'last' }), last?.canon.sha256, `${this.#name}: last`);
    for (const { type, totals } of max) {
      const { total } = await this.#top(type, { aggregate: 'peak' });
      const expected = Number(totals[types.indexOf(type)]);
      this.#assertNear(total, expected, peakTolerance * expected, `${type} at its peak`);
    }
  }

  /** Totals, whole and by label, and the top functions. What is answered is multiplied by `ticks`. */
  async #assertType(column: number, type: string, ticks: number, tolerance: number): Promise<void> {
    const { totals, totals_by_pod, totals_by_build, top } = this.#answer;
    const whole = Number(totals[column]);
    const answered = await this.#top(type);
    this.#assertNear(answered.total * ticks, whole, tolerance * whole, type);
    const byLabel = this.#check.byLabel ? { pod: totals_by_pod, revision: totals_by_build } : {};
    for (const [label, byValue] of Object.entries(byLabel)) {
      for (const [value, expected] of Object.entries(byValue)) {
        const { total, meta } = await this.#top(type, { limit: '1' }, { [label]: value });
        // An average is over the time in which this pod was there, the expected sum over all ticks.
        const share = this.#answer.class === 'gauge' ? meta.observedSeconds / this.#seconds : 1;
        this.#assertNear(
          total * ticks * share,
          Number(expected[column]),
          tolerance * whole,
          `${type} ${label} ${value}`,
        );
      }
    }
    const rows = new Map(answered.rows.map((row) => [row.function, row]));
    const { by_flat = [], by_cum = [] } = top.find((of) => of.type === type) ?? {};
    for (const { function: name, flat, cum } of [...by_flat, ...by_cum]) {
      const row = rows.get(name);
      this.#assertNear((row?.self ?? 0) * ticks, Number(flat), tolerance * whole, `${type} self of ${name}`);
      this.#assertNear((row?.total ?? 0) * ticks, Number(cum), tolerance * whole, `${type} total of ${name}`);
    }
  }

  /** A unit of 1 in 100 million is what a decimal may lose. */
  #assertNear(actual: number, expected: number, tolerance: number, what: string): void {
    const allowed = Math.max(tolerance, this.#answer.class === 'gauge' ? 1e-8 * expected : 0);
    assert.ok(Math.abs(actual - expected) <= allowed, `${this.#name} ${what}: ${actual} is not ${expected}`);
    this.compared++;
  }

  get #seconds(): number {
    return (this.#window.toMs - this.#window.fromMs) / 1000;
  }

  async #top(type: string, parameters: Asked = {}, labels: Readonly<Record<string, string>> = {}): Promise<TopAnswer> {
    const response = await this.#ask(type, { format: 'top', limit: '10000', ...parameters }, labels);
    return (await response.json()) as TopAnswer;
  }

  async #hash(parameters: Asked): Promise<string> {
    const { types } = this.#answer;
    const response = await this.#ask(types[0] ?? '', { ...parameters, format: 'pprof' }, {});
    this.compared++;
    return hashOf(readProfile(new Uint8Array(await response.arrayBuffer())), types);
  }

  async #ask(type: string, parameters: Asked, labels: Readonly<Record<string, string>>): Promise<Response> {
    const matchers = Object.entries({ namespace: this.#check.recording.name, ...labels });
    const query = `${aliasOf(this.#answer.kind, type)}{${matchers.map(([name, value]) => `${name}="${value}"`).join(',')}}`;
    const isAverage = this.#answer.class === 'gauge' && parameters.aggregate === undefined;
    const delayMs = isAverage ? (this.#check.delayOf?.(this.#answer.kind) ?? 0) : 0;
    const { fromMs, toMs } = this.#window;
    const window = { from: String(fromMs + delayMs), to: String(toMs + delayMs) };
    const asked = new URLSearchParams({ query, ...window, ...parameters });
    const response = await fetch(`${this.#check.url}/api/v1/merge?${asked.toString()}`);
    if (!response.ok) assert.fail(`${this.#name} ${query}: HTTP ${response.status} ${await response.text()}`);
    return response;
  }
}

const aliases: Readonly<Record<string, string>> = {
  alloc_space: 'allocs',
  inuse_space: 'heap',
};

function aliasOf(kind: string, type: string): string {
  if (type === 'delay') return kind;
  if (type === 'contentions') return `${kind}_count`;
  return aliases[type] ?? type;
}
