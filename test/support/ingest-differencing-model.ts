import {
  type CounterScrape,
  Differencer,
  type DifferencingLimits,
  defaultDifferencingLimits,
} from '../../src/ingest/differencing.ts';
import type { ResolvedProfile } from '../../src/ingest/resolver.ts';
import { columnOf, valueAt } from '../../src/ingest/value-columns.ts';
import { seriesKey } from '../../src/model/series.ts';
import { PairMap } from '../../src/profile/pair-map.ts';
import { emptyHeader } from '../../src/profile/profile.ts';
import type { ProfileRecord } from '../../src/store/profile-store.ts';
import { MemoryState, MemoryWriter, totalOf } from './ingest-memory-store.ts';

/** Counters by the name of their stack: a letter. */
export type Letters = Readonly<Record<string, number | bigint>>;

interface ScrapeOptions {
  readonly isNew?: boolean;
  readonly startedMs?: number;
  readonly process?: string;
}

/** A differencer over memory stores, fed with counters by letter; it stores what comes out as the pipeline would. */
export class DifferencingModel {
  readonly writer: MemoryWriter;
  readonly state: MemoryState;
  readonly differencer: Differencer;
  lastSpanMs = -1;
  #last: ProfileRecord | undefined;

  constructor(limits: Partial<DifferencingLimits>, writer: MemoryWriter, state: MemoryState, removedUntilMs: number) {
    this.writer = writer;
    this.state = state;
    this.differencer = new Differencer({
      writer,
      state,
      limits: { ...defaultDifferencingLimits, ...limits },
      commit: () => undefined,
      removedUntilMs: () => removedUntilMs,
    });
  }

  /** Differences and stores; answers the increases above 0 by letter. */
  scrape(kind: string, stampMs: number, counters: Letters, options: ScrapeOptions = {}): Record<string, unknown> {
    const scrape = scrapeOf(kind, stampMs, counters, options);
    const { kind: how, increases, spanMs, base } = this.differencer.difference(scrape);
    this.lastSpanMs = spanMs;
    if (base) this.state.saveCheckpoints([base]);
    this.#last = recordOf(scrape, increases[0] ?? new Float64Array(0), spanMs);
    this.writer.append([this.#last]);
    this.differencer.settle();
    const found: Record<string, unknown> = { kind: how };
    for (let row = 0; row < scrape.profile.count; row++) {
      const value = Number(valueAt(increases[0] ?? new Float64Array(0), row));
      if (value !== 0) found[letterOf(scrape.profile.high[row] ?? 0)] = value;
    }
    return found;
  }

  /** As far as a kill lets it come that strikes between the state and the profiles. */
  saveBaseOnly(kind: string, stampMs: number, counters: Letters, options: ScrapeOptions = {}): void {
    const { base } = this.differencer.difference(scrapeOf(kind, stampMs, counters, options));
    if (base) this.state.saveCheckpoints([base]);
  }

  /** The last profile once more, as a client sends it that got no answer. */
  repeat(): void {
    if (this.#last) this.writer.append([this.#last]);
  }

  storedTotal(): bigint {
    return totalOf(this.writer.profiles, 'alloc_space');
  }
}

export function openModel(
  limits: Partial<DifferencingLimits> = {},
  writer = new MemoryWriter(),
  state = new MemoryState(),
  removedUntilMs = 0,
): DifferencingModel {
  return new DifferencingModel(limits, writer, state, removedUntilMs);
}

export function scrapeOf(kind: string, stampMs: number, counters: Letters, options: ScrapeOptions = {}): CounterScrape {
  const letters = Object.keys(counters);
  const rows = new PairMap();
  const high = Int32Array.from(letters, (letter) => letter.codePointAt(0) ?? 0);
  const low = high.map((letter) => letter * 7);
  for (const [row, letter] of high.entries()) rows.set(letter, low[row] ?? 0, row);
  const column = columnOf(Object.values(counters).map(BigInt));
  const none = new Int32Array(letters.length);
  const profile: ResolvedProfile = {
    count: letters.length,
    high,
    low,
    stack: none,
    owner: new Uint16Array(letters.length),
    isNew: new Uint8Array(letters.length),
    sample: none,
    locationHigh: none,
    locationLow: none,
    values: [column],
    rowOfSample: none,
    unstable: false,
    droppedIds: new Map(),
    droppedLabels: { name: 0, values: 0 },
    newTexts: () => [],
    rowOf: (a, b) => rows.get(a, b),
    labelsOf: () => undefined,
  };
  const process = { id: options.process ?? 'p', slot: 'slot', startedMs: options.startedMs };
  const series = { labels: { workload: 'cart' }, kind, process };
  return {
    key: seriesKey(series),
    series,
    stampMs,
    profile,
    types: ['alloc_space'],
    columns: [column],
    newSinceLastLook: options.isNew ?? false,
  };
}

function recordOf(scrape: CounterScrape, increase: Float64Array | BigInt64Array, spanMs: number): ProfileRecord {
  const { series, stampMs, profile } = scrape;
  return {
    series,
    stampMs,
    intervalMs: 1_000,
    spanMs,
    types: [{ type: 'alloc_space', unit: 'bytes', temporality: 'cumulative' }],
    stacks: {
      count: profile.count,
      hashHigh: profile.high,
      hashLow: profile.low,
      describe: () => ({ frames: [], labels: [] }),
    },
    values: [increase],
    header: emptyHeader,
    contentHash: String(stampMs),
    trimmed: 0,
  };
}

function letterOf(hash: number): string {
  return String.fromCodePoint(hash);
}
