import { compileMatchers } from '../../src/model/matcher.ts';
import type { Matcher } from '../../src/model/selector.ts';
import type { GaugeAggregation, ProfileRecord } from '../../src/store/profile-store.ts';
import { stackToText } from './store-records.ts';

/**
 * The store as simple as can be: a list of records and what is known of processes. Knows nothing of files, hours or
 * roll-ups, and looks at time between any two moments at which something changes.
 */
export class StoreModel {
  readonly #series = new Map<string, ProfileRecord[]>();
  readonly #processes = new Map<string, { slot: string; firstMs: number; endedMs: number | undefined }>();

  /** A record that was stored, in the order in which that happened. */
  append(record: ProfileRecord): void {
    const { series, stampMs, intervalMs } = record;
    const key = JSON.stringify([series.process.id, series.kind, series.labels]);
    this.#series.set(key, [...(this.#series.get(key) ?? []), record]);
    const known = this.#processes.get(series.process.id) ?? {
      slot: series.process.slot,
      firstMs: stampMs,
      endedMs: undefined,
    };
    known.firstMs = Math.min(known.firstMs, stampMs);
    if (known.endedMs !== undefined && stampMs > known.endedMs + intervalMs) known.endedMs = undefined;
    this.#processes.set(series.process.id, known);
  }

  endProcess(id: string, endedMs: number): void {
    const known = this.#processes.get(id);
    if (known && (known.endedMs === undefined || known.endedMs > endedMs)) known.endedMs = endedMs;
  }

  merge(question: ModelQuestion): ModelAnswer {
    const { window, aggregation, peakType } = question;
    const counted = this.#counted(question, aggregation === 'last' ? 0.25 : 0);
    const inside = counted.filter(({ record }) => isInside(record.stampMs, window));
    const weights = gaugeWeights(counted, question);
    const types = new Map<string, Map<string, bigint>>();
    const add = ({ record }: Counted, at: number, weight: bigint): void => {
      const name = record.types[at]?.type ?? '';
      const sums = types.get(name) ?? new Map<string, bigint>();
      types.set(name, sums);
      for (let row = 0; row < record.stacks.count; row++) {
        const stack = stackToText(record.stacks.describe(row));
        sums.set(stack, (sums.get(stack) ?? 0n) + BigInt(record.values[at]?.[row] ?? 0) * weight);
      }
    };
    counted.forEach((one, index) => {
      for (const [at, { temporality }] of one.record.types.entries()) {
        const isIn = isInside(one.record.stampMs, window);
        add(one, at, temporality === 'gauge' ? BigInt(weights[index] ?? 0) : isIn ? 1n : 0n);
      }
    });
    void peakType;
    return {
      sums: Object.fromEntries([...types].map(([type, sums]) => [type, withoutZeros(sums)])),
      profiles: inside.length,
      processes: new Set(counted.map(({ record }) => record.series.process.id)).size,
      observedSeconds: unionSeconds(counted),
      processSeconds: [...Map.groupBy(counted, ({ record }) => record.series.process.id).values()].reduce(
        (sum, own) => sum + unionSeconds(own),
        0,
      ),
      profiledSeconds: inside.reduce((sum, { record }) => sum + record.spanMs, 0) / 1000,
      trimmed: inside.reduce((sum, { record }) => sum + record.trimmed, 0),
    };
  }

  /** Value and covered seconds by bucket, over all series: a list that two plans agree on whatever series they speak of. */
  totals(question: ModelQuestion, type: string, stepMs: number): Record<string, readonly [string, number, number]> {
    const { window } = question;
    const buckets: Record<string, [bigint, number, number]> = {};
    const bucketOf = (ms: number): [bigint, number, number] =>
      (buckets[Math.floor(ms / stepMs) * stepMs] ??= [0n, 0, 0]);
    for (const { record, from, to } of this.#counted(question, 0)) {
      const at = record.types.findIndex((known) => known.type === type);
      if (at < 0) continue;
      const total = totalOf(record, at);
      const isGauge = record.types[at]?.temporality === 'gauge';
      if (isInside(record.stampMs, window)) {
        const bucket = bucketOf(record.stampMs);
        bucket[2]++;
        if (!isGauge) {
          bucket[0] += total;
          bucket[1] += record.spanMs / 1000;
        }
      }
      if (!isGauge) continue;
      for (const part of partsBySteps(from, to, stepMs)) {
        const bucket = bucketOf(part.ms);
        bucket[0] += total * BigInt(part.seconds);
        bucket[1] += part.seconds;
      }
    }
    const filled = Object.entries(buckets).filter(([, [value, seconds, count]]) => value !== 0n || seconds + count > 0);
    return Object.fromEntries(filled.map(([ms, [value, seconds, count]]) => [ms, [String(value), seconds, count]]));
  }

  /** Process and kind → first and last stamp in the window. */
  series(matchers: readonly Matcher[], window: ModelQuestion['window']): Record<string, readonly [number, number]> {
    const meets = compileMatchers(matchers);
    const found: Record<string, readonly [number, number]> = {};
    for (const [key, records] of this.#series) {
      const stamps = records.map(({ stampMs }) => stampMs).filter((ms) => isInside(ms, window));
      const first = stamps[0];
      if (first !== undefined && meets(records[0]?.series.labels ?? {})) found[key] = [first, stamps.at(-1) ?? first];
    }
    return found;
  }

  #counted({ kind, matchers, window }: ModelQuestion, patience: number): Counted[] {
    const meets = compileMatchers(matchers);
    const seconds = { from: Math.floor(window.fromMs / 1000), to: Math.floor(window.toMs / 1000) };
    return [...this.#series.values()].flatMap((records) => {
      const [first] = records;
      if (!first || first.series.kind !== kind || !meets(first.series.labels)) return [];
      const endMs = this.#endOf(first.series.process.id);
      return records.flatMap((record, at) => {
        const next = records[at + 1]?.stampMs;
        const standsMs =
          next === undefined
            ? record.stampMs + (1 + patience) * record.intervalMs
            : Math.min(next, record.stampMs + 2.5 * record.intervalMs);
        const from = Math.max(seconds.from, Math.floor(record.stampMs / 1000));
        const to = Math.min(seconds.to, Math.floor(Math.min(standsMs, endMs) / 1000));
        if (record.stampMs >= window.toMs) return [];
        return to > from || isInside(record.stampMs, window) ? [{ record, from, to: Math.max(from, to) }] : [];
      });
    });
  }

  #endOf(id: string): number {
    const own = this.#processes.get(id);
    if (!own) return Infinity;
    const later = [...this.#processes.values()]
      .filter(({ slot, firstMs }) => own.slot !== '' && slot === own.slot && firstMs > own.firstMs)
      .map(({ firstMs }) => firstMs);
    return Math.min(own.endedMs ?? Infinity, ...later);
  }
}

export interface ModelQuestion {
  readonly kind: string;
  readonly matchers: readonly Matcher[];
  readonly window: { readonly fromMs: number; readonly toMs: number };
  readonly aggregation: GaugeAggregation;
  readonly peakType: string;
}

export interface ModelAnswer {
  /** Type → stack → sum; value·seconds for averaged gauges. */
  readonly sums: Readonly<Record<string, Readonly<Record<string, bigint>>>>;
  readonly profiles: number;
  readonly processes: number;
  readonly observedSeconds: number;
  readonly processSeconds: number;
  readonly profiledSeconds: number;
  readonly trimmed: number;
}

interface Counted {
  readonly record: ProfileRecord;
  /** Standing, in seconds, cut to the window. */
  readonly from: number;
  readonly to: number;
}

function gaugeWeights(counted: readonly Counted[], { aggregation, window, peakType }: ModelQuestion): number[] {
  if (aggregation === 'avg') return counted.map(({ from, to }) => to - from);
  const moments = aggregation === 'last' ? [Math.floor(window.toMs / 1000) - 1] : counted.map(({ from }) => from);
  let best: { moment: number; total: bigint } | undefined;
  for (const moment of moments.sort((a, b) => a - b)) {
    const standing = counted.filter(({ from, to }) => from <= moment && moment < to);
    const total = standing.reduce((sum, { record }) => sum + totalOf(record, typeIndex(record, peakType)), 0n);
    if (standing.length > 0 && (!best || total > best.total)) best = { moment, total };
  }
  return counted.map(({ from, to }) => (best && from <= best.moment && best.moment < to ? 1 : 0));
}

function typeIndex(record: ProfileRecord, type: string): number {
  return record.types.findIndex((known) => known.type === type);
}

function totalOf({ values }: ProfileRecord, type: number): bigint {
  return [...(values[type] ?? [])].reduce<bigint>((sum, value) => sum + BigInt(value), 0n);
}

function isInside(ms: number, { fromMs, toMs }: ModelQuestion['window']): boolean {
  return ms >= fromMs && ms < toMs;
}

function unionSeconds(counted: readonly Counted[]): number {
  let [sum, until] = [0, -Infinity];
  for (const { from, to } of counted.toSorted((a, b) => a.from - b.from)) {
    sum += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return sum;
}

function withoutZeros(sums: ReadonlyMap<string, bigint>): Record<string, bigint> {
  return Object.fromEntries([...sums].filter(([, value]) => value !== 0n));
}

function* partsBySteps(from: number, to: number, stepMs: number): Generator<{ ms: number; seconds: number }> {
  for (let left = from; left < to; ) {
    const bucketMs = Math.floor((left * 1000) / stepMs) * stepMs;
    const right = Math.min(to, Math.floor((bucketMs + stepMs) / 1000));
    yield { ms: bucketMs, seconds: right - left };
    left = right;
  }
}
