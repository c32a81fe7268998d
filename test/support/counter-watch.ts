import { setTimeout as delay } from 'node:timers/promises';

/** What `/metrics` says, by series: `name{label="value",…}` with labels in the order of their names. */
export interface Exposition {
  /** Type by family: counter, gauge, histogram, summary. */
  readonly types: ReadonlyMap<string, string>;
  readonly values: ReadonlyMap<string, number>;
}

export function readExposition(text: string): Exposition {
  const types = new Map<string, string>();
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, family = '', type = ''] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (family !== '') types.set(family, type);
    const [, name = '', pairs = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name !== '') values.set(seriesKey(name, Object.fromEntries(labelsIn(pairs))), Number(value));
  }
  return { types, values };
}

/** One text per series, whoever names it; without what Prometheus adds, and without labels that are empty. */
export function seriesKey(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels)
    .filter(([key, value]) => value !== '' && !['__name__', 'instance', 'job'].includes(key))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `${name}{${pairs.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join()}}`;
}

/** Names of all samples that only grow: counters, and the parts of histograms and summaries. */
export function counterNames({ types }: Pick<Exposition, 'types'>): readonly string[] {
  return [...types].flatMap(([family, type]) => {
    if (type === 'counter') return [family];
    if (type === 'histogram') return [`${family}_bucket`, `${family}_sum`, `${family}_count`];
    return type === 'summary' ? [`${family}_sum`, `${family}_count`] : [];
  });
}

/** The counters of a daemon from its start to its end. */
interface Life {
  readonly readings: { readonly timeMs: number; readonly values: ReadonlyMap<string, number> }[];
}

/**
 * Reads the counters of a daemon itself, so often that hardly anything is missed when it is killed: the truth that
 * Prometheus is measured by.
 */
export class CounterWatch {
  readonly #opsUrl: string;
  readonly #everyMs: number;
  readonly #lives: Life[] = [];
  readonly #types = new Map<string, string>();

  constructor(opsUrl: string, everyMs = 300) {
    this.#opsUrl = opsUrl;
    this.#everyMs = everyMs;
  }

  get lives(): number {
    return this.#lives.length;
  }

  /** Reads until the daemon is gone, or the signal says so. */
  async follow(signal: AbortSignal): Promise<void> {
    this.#lives.push({ readings: [] });
    while (!signal.aborted && (await this.read())) await delay(this.#everyMs);
  }

  /** One more reading, such as the last one before a kill; false when the daemon is gone. */
  async read(): Promise<boolean> {
    const timeMs = Date.now();
    let text: string;
    try {
      text = await (await fetch(`${this.#opsUrl}/metrics`)).text();
    } catch (error) {
      if (error instanceof TypeError) return false;
      throw error;
    }
    const exposition = readExposition(text);
    for (const [family, type] of exposition.types) this.#types.set(family, type);
    this.#lives.at(-1)?.readings.push({ timeMs, values: countersOf(exposition) });
    return true;
  }

  /** How much was counted between two moments, over all lives; each of them counted from 0. */
  increase(series: string, fromMs: number, toMs: number): number {
    let sum = 0;
    for (const { readings } of this.#lives) {
      const before = readings.findLast(({ timeMs }) => timeMs <= fromMs)?.values.get(series) ?? 0;
      const after = readings.findLast(({ timeMs }) => timeMs <= toMs)?.values.get(series) ?? 0;
      sum += Math.max(0, after - before);
    }
    return sum;
  }

  /** What a series was when a life ended, and when the next began; undefined where it did not. */
  acrossKill(kill: number, series: string): { readonly before: number; readonly after: number } | undefined {
    const before = this.#lives[kill]?.readings.at(-1)?.values.get(series);
    const after = this.#lives[kill + 1]?.readings[0]?.values.get(series);
    return before === undefined || after === undefined ? undefined : { before, after };
  }

  /** Names of all counters that there were. */
  get names(): readonly string[] {
    return counterNames({ types: this.#types });
  }
}

function countersOf(exposition: Exposition): Map<string, number> {
  const names = new Set(counterNames(exposition));
  return new Map([...exposition.values].filter(([series]) => names.has(nameOf(series))));
}

function nameOf(series: string): string {
  return series.slice(0, series.indexOf('{'));
}

function labelsIn(pairs: string): [string, string][] {
  return [...pairs.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', value = '']) => [
    key,
    value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped)),
  ]);
}
