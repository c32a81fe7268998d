import type { GaugeAggregation, ProfileReader, ProfileRecord, ProfileWriter } from '../../src/store/profile-store.ts';
import { cpuTypes, goroutineTypes, heapTypes, recordOf, stackToText } from './store-records.ts';

/**
 * What the stores under test/fixtures/stores were filled with, and what is asked of them. The records never change: each
 * released version's store holds them, and every later version must answer the same.
 */

/** 2026-07-31T09:00:00Z */
const startMs = 1_785_488_400_000;
const minute = 60_000;
const minutes = 170;

const at = (count: number): number => startMs + count * minute;

/** Three workloads over nearly three hours: a roll-out, a crash, a gap, a late profile, labels on samples, huge values. */
export function fixtureRecords(): ProfileRecord[] {
  const records: ProfileRecord[] = [];
  for (let count = 3; count < minutes; count += 4) {
    records.push(...checkout(count), ...cart(count), ...batch(count));
  }
  return records.sort((a, b) => a.stampMs - b.stampMs);
}

/** What ended, and when: told to the writer after the records. */
export const fixtureEnds: readonly (readonly [process: string, endedMs: number])[] = [
  ['checkout-v1-a', at(91)],
  ['checkout-v1-b', at(93)],
];

/** Two pods, replaced by a roll-out after an hour and a half. */
function checkout(count: number): ProfileRecord[] {
  return ['a', 'b'].flatMap((pod) => {
    const revision = count < 90 ? 'v1' : 'v2';
    const process = `checkout-${revision}-${pod}`;
    const labels = { ...shop('checkout'), pod: process, revision, node: `node-${pod}` };
    const common = { process, slot: `shop/${process}/app`, labels, intervalMs: 4 * minute };
    const stampMs = at(count) + (pod === 'a' ? 1234 : 31_500);
    const samples = 100 + (count % 7);
    return [
      recordOf({
        ...common,
        stampMs,
        kind: 'heap',
        types: heapTypes,
        spanMs: 4 * minute,
        samples: {
          'main;serve;decode{bytes=64}': [64 * count, 4096 + 64 * (count % 11)],
          'main;serve;decode{bytes=512}': [0, 1_048_576],
          [`main;serve;${revision}Only`]: [count % 3, 7],
          'main;leak': [1000, 1000 * count],
        },
      }),
      recordOf({
        ...common,
        stampMs: stampMs + 2000,
        kind: 'cpu',
        types: cpuTypes,
        spanMs: 10_000,
        header: { period: 10_000_000n, periodType: { type: 'cpu', unit: 'nanoseconds' } },
        samples: {
          'main;serve;decode{endpoint=/cart}': [samples, samples * 10_000_000],
          'main;serve;encode': [count % 5, (count % 5) * 10_000_000],
        },
      }),
    ];
  });
}

/** One pod whose container crashes and comes back in the same slot; nothing was scraped between 60 and 80 minutes. */
function cart(count: number): ProfileRecord[] {
  if (count >= 60 && count < 80) return [];
  const process = count < 120 ? 'cart-0' : 'cart-1';
  return [
    recordOf({
      process,
      slot: 'shop/cart/app',
      startedMs: count < 120 ? undefined : at(118),
      labels: { ...shop('cart'), pod: 'cart' },
      stampMs: at(count) + 59_999,
      intervalMs: 4 * minute,
      kind: 'goroutine',
      types: goroutineTypes,
      trimmed: count % 9 === 0 ? 2 : 0,
      samples: { 'main;worker': [count], 'main;worker;chan': [count % 4], '': [1] },
    }),
  ];
}

/** Values beyond 2^53 and below 0, rarely. */
function batch(count: number): ProfileRecord[] {
  if (count % 3 !== 0) return [];
  return [
    recordOf({
      process: 'batch',
      slot: '',
      labels: { ...shop('batch'), namespace: 'jobs', workload_kind: 'CronJob' },
      stampMs: at(count),
      intervalMs: 12 * minute,
      spanMs: 12 * minute,
      kind: 'custom',
      types: [
        { type: 'bytes', unit: 'bytes', temporality: 'delta' },
        { type: 'depth', unit: 'count', temporality: 'gauge' },
      ],
      samples: { 'main;huge': [2n ** 55n + BigInt(count), count], 'main;back': [-count, 3] },
    }),
  ];
}

function shop(workload: string): Record<string, string> {
  return { namespace: 'shop', workload_kind: 'Deployment', workload, container: 'app' };
}

export function fillFixture(writer: ProfileWriter): void {
  const records = fixtureRecords();
  for (let from = 0; from < records.length; from += 7) writer.append(records.slice(from, from + 7));
  for (const [process, endedMs] of fixtureEnds) writer.endProcess(process, endedMs);
}

const windows = [
  ['all', -60, 240],
  ['nine', 0, 60],
  ['ten', 60, 120],
  ['across', 47.3, 133.7],
  ['short', 88, 94],
] as const;
const kinds = [
  ['heap', 'inuse_space', 'bytes'],
  ['heap', 'alloc_space', 'bytes'],
  ['cpu', 'cpu', 'nanoseconds'],
  ['goroutine', 'goroutine', 'count'],
  ['custom', 'bytes', 'bytes'],
] as const;

/** Every answer as plain JSON values, by a name that says what was asked. */
export function fixtureAnswers(reader: ProfileReader): Record<string, unknown> {
  const answers: Record<string, unknown> = {};
  for (const [name, from, to] of windows) {
    const window = { fromMs: at(from), toMs: at(to) };
    for (const [kind, type, unit] of kinds) {
      for (const aggregation of ['avg', 'last', 'peak'] as const) {
        answers[`${name}: ${kind} ${type} ${aggregation}`] = mergedAs(
          reader,
          kind,
          { type, unit },
          window,
          aggregation,
        );
      }
      answers[`${name}: ${kind} ${type} totals`] = totalsAs(reader, kind, { type, unit }, window);
    }
    answers[`${name}: one pod`] = mergedAs(
      reader,
      'heap',
      { type: 'inuse_space', unit: 'bytes' },
      window,
      'avg',
      'node-a',
    );
    answers[`${name}: series`] = reader
      .series([], window)
      .map(({ labels, kind, processId, firstMs, lastMs }) => [kind, processId, labels, firstMs, lastMs]);
    answers[`${name}: profiles`] = reader
      .profiles({ kind: 'heap', matchers: [] }, window, 1000)
      .map(({ id, stampMs, totals }) => [id, stampMs, totals.map(String)]);
  }
  const [newest] = reader.profiles({ kind: 'cpu', matchers: [] }, { fromMs: at(0), toMs: at(100) }, 1);
  answers['one profile'] = rowsOf(reader.profile(newest?.id ?? '')?.profile);
  return answers;
}

interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}
interface Type {
  readonly type: string;
  readonly unit: string;
}

function mergedAs(
  reader: ProfileReader,
  kind: string,
  peakType: Type,
  window: Window,
  aggregation: GaugeAggregation,
  node?: string,
): unknown {
  const matchers = node === undefined ? [] : [{ name: 'node', operator: '=', value: node } as const];
  const { profile, coverage } = reader.merge({ selector: { kind, matchers }, window, aggregation, peakType });
  const { profiles, processes, observedSeconds, processSeconds, profiledSeconds, trimmed } = coverage;
  return {
    coverage: { profiles, processes, observedSeconds, processSeconds, profiledSeconds, trimmed },
    divisors: profile.divisors,
    rows: rowsOf(profile),
  };
}

function rowsOf(profile: ReturnType<ProfileReader['merge']>['profile'] | undefined): unknown {
  if (!profile) return null;
  const rows = Array.from({ length: profile.stacks.size }, (_, row) => [
    stackToText(profile.stacks.stack(row)),
    ...profile.values.map((column) => String(column[row])),
  ]);
  rows.sort((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1));
  return { types: profile.sampleTypes.map(({ type, unit }) => `${type}/${unit}`), rows };
}

function totalsAs(reader: ProfileReader, kind: string, type: Type, window: Window): unknown {
  const { series } = reader.totals({ selector: { kind, matchers: [] }, window, type, stepMs: 10 * minute });
  return series.map(({ labels, processId, points }) => [
    processId,
    labels,
    points.map(({ bucketMs, value, coveredSeconds, standing, profiles }) => [
      bucketMs,
      String(value),
      coveredSeconds,
      standing.map(({ from, to }) => [from, to]),
      profiles,
    ]),
  ]);
}
