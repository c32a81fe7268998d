import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MergeAnswer, ProfileReader, ProfileRecord, ProfileWriter } from '../../src/store/profile-store.ts';
import {
  cpuTypes,
  defaultLabels,
  goroutineTypes,
  type RecordInput,
  recordOf,
  stackToText,
  valuesByStack,
} from '../support/store-records.ts';

export interface StoreUnderTest {
  readonly writer: () => ProfileWriter;
  readonly reader: () => ProfileReader;
}

/** 2023-11-14T22:00:00Z, the start of an hour. */
export const hourStart = 1_699_999_200_000;
const minute = 60_000;

/** What every pair of `ProfileWriter` and `ProfileReader` promises. `fresh` makes an empty store that can be opened again. */
export function profileStoreContract(name: string, fresh: () => StoreUnderTest): void {
  const at = (minutes: number): number => hourStart + minutes * minute;

  /** Stores records, then asks a reader, then closes both and asks once more: the answers must be equal. */
  async function asked<T>(inputs: readonly RecordInput[], ask: (reader: ProfileReader) => T): Promise<T> {
    const store = fresh();
    let first: T;
    {
      await using writer = store.writer();
      for (const outcome of writer.append(inputs.map(recordOf))) assert.equal(outcome.kind, 'stored');
      await using reader = store.reader();
      first = ask(reader);
    }
    await using writer = store.writer();
    await using reader = store.reader();
    assert.deepEqual(ask(reader), first, 'a restart changed the answer');
    assert.ok(writer);
    return first;
  }

  const merged = (
    reader: ProfileReader,
    from: number,
    to: number,
    {
      aggregation = 'avg' as 'avg' | 'last' | 'peak',
      kind = 'heap',
      type = 'inuse_space',
      unit = 'bytes',
      workload = '',
    } = {},
  ): { answer: MergeAnswer; values: Record<string, number> } => {
    const matchers = workload ? [{ name: 'workload', operator: '=' as const, value: workload }] : [];
    const answer = reader.merge({
      selector: { kind, matchers },
      window: { fromMs: at(from), toMs: at(to) },
      aggregation,
      peakType: { type, unit },
    });
    const column = answer.profile.sampleTypes.findIndex((sample) => sample.type === type);
    const divisor = answer.profile.divisors[column] ?? 1;
    const values = Object.entries(valuesByStack(answer.profile, type)).map(([stack, value]) => [
      stack,
      Number(value) / divisor,
    ]);
    return { answer, values: Object.fromEntries(values) as Record<string, number> };
  };
  const gauge = (stampMs: number, inuse: number, more: Partial<RecordInput> = {}): RecordInput => ({
    stampMs,
    samples: { 'main;hold': [0, inuse] },
    ...more,
  });

  test(`${name}: the same profile again is a duplicate with the same id, and counts once`, async () => {
    const store = fresh();
    await using writer = store.writer();
    const record = recordOf({ stampMs: at(0), spanMs: minute, samples: { 'main;a': [5, 1] } });
    const [first] = writer.append([record]);
    const [second] = writer.append([record]);
    const [third] = writer.append([recordOf({ stampMs: at(1), samples: { 'main;a': [7, 1] } })]);
    const [old] = writer.append([record]);
    assert.equal(first?.kind, 'stored');
    assert.deepEqual(second, { ...first, kind: 'duplicate' });
    assert.deepEqual(old, { ...first, kind: 'duplicate' });
    assert.equal(third?.kind, 'stored');
    await using reader = store.reader();
    assert.deepEqual(merged(reader, 0, 5, { type: 'alloc_space' }).values, { 'main;a': 12 });
  });

  test(`${name}: another profile at a stored stamp, or an older one, is refused and holds nothing up`, async () => {
    const store = fresh();
    await using writer = store.writer();
    const record = (minutes: number, value: number, process = 'pod-1'): ProfileRecord =>
      recordOf({ process, stampMs: at(minutes), samples: { 'main;a': [value, 1] } });
    writer.append([record(0, 1), record(2, 2)]);
    const outcomes = writer.append([record(2, 9), record(1, 9), record(0, 9), record(1, 9, 'pod-2'), record(3, 3)]);
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.kind === 'conflict' ? outcome.reason : outcome.kind)),
      ['duplicate_time', 'out_of_order', 'duplicate_time', 'stored', 'stored'],
    );
    assert.deepEqual(outcomes[0], { kind: 'conflict', reason: 'duplicate_time', lastStampMs: at(2) });
    await using reader = store.reader();
    assert.deepEqual(merged(reader, 0, 5, { type: 'alloc_space' }).values, { 'main;a': 15 });
  });

  test(`${name}: sums count what is stamped in [from, to), over hours and processes`, async () => {
    const cpu = (minutes: number, value: number, process: string): RecordInput => ({
      process,
      kind: 'cpu',
      types: cpuTypes,
      spanMs: 10_000,
      stampMs: at(minutes),
      samples: { 'main;work': [value, value * 10_000_000], 'main;idle': [0, 0] },
    });
    await asked(
      [cpu(-1, 1, 'a'), cpu(0, 10, 'a'), cpu(59, 100, 'a'), cpu(60, 1000, 'a'), cpu(30, 5, 'b')],
      (reader) => {
        const { answer, values } = merged(reader, 0, 60, { kind: 'cpu', type: 'samples' });
        assert.deepEqual(values, { 'main;work': 115 });
        assert.deepEqual(valuesByStack(answer.profile, 'cpu'), { 'main;work': 1_150_000_000n });
        assert.equal(answer.coverage.profiles, 3);
        assert.equal(answer.coverage.processes, 2);
        assert.equal(answer.coverage.profiledSeconds, 30);
        assert.deepEqual(answer.temporalities, ['delta', 'delta']);
        assert.deepEqual(merged(reader, -1, 61, { kind: 'cpu', type: 'samples' }).values, { 'main;work': 1116 });
        return answer.coverage;
      },
    );
  });

  test(`${name}: an hour of constant in-use equals one snapshot, and three pods are three times one`, async () => {
    const inputs = ['a', 'b', 'c'].flatMap((process) =>
      Array.from({ length: 60 }, (_, minutes) => gauge(at(minutes), 700, { process })),
    );
    await asked(inputs, (reader) => {
      const { answer, values } = merged(reader, 0, 60);
      assert.deepEqual(values, { 'main;hold': 2100 });
      assert.equal(answer.coverage.observedSeconds, 3600);
      assert.equal(answer.coverage.processSeconds, 10_800);
      for (const aggregation of ['last', 'peak'] as const) {
        assert.deepEqual(merged(reader, 0, 60, { aggregation }).values, { 'main;hold': 2100 });
      }
      assert.deepEqual(merged(reader, 17, 18).values, { 'main;hold': 2100 });
      return values;
    });
  });

  test(`${name}: a pod replaced half-way counts once`, async () => {
    const slot = 'shop/web-0/app';
    const before = Array.from({ length: 30 }, (_, minutes) => gauge(at(minutes), 500, { process: 'old', slot }));
    const after = Array.from({ length: 30 }, (_, minutes) =>
      gauge(at(30 + minutes), 500, { process: 'new', slot, startedMs: at(29.5) }),
    );
    await asked([...before, ...after], (reader) => {
      const { answer, values } = merged(reader, 0, 60);
      assert.equal(
        answer.coverage.observedSeconds,
        3570,
        'nothing is known of the half minute before the first scrape',
      );
      assert.deepEqual(values, { 'main;hold': 500 });
      return values;
    });
  });

  test(`${name}: a failed scrape changes nothing; silence after the last one counts one interval`, async () => {
    const inputs = [0, 1, 3, 4].map((minutes) => gauge(at(minutes), 300));
    await asked(inputs, (reader) => {
      const { answer, values } = merged(reader, 0, 30);
      assert.deepEqual(values, { 'main;hold': 300 });
      assert.equal(answer.coverage.observedSeconds, 300);
      return values;
    });
  });

  test(`${name}: a crash loop does not stack up`, async () => {
    const inputs = Array.from({ length: 20 }, (_, index) =>
      gauge(at(index / 4), 400, { process: `run-${index}`, slot: 'shop/web-0/app' }),
    );
    await asked(inputs, (reader) => {
      for (const aggregation of ['avg', 'last', 'peak'] as const) {
        assert.deepEqual(merged(reader, 0, 5, { aggregation }).values, { 'main;hold': 400 });
      }
      assert.equal(merged(reader, 0, 5).answer.coverage.processes, 20);
      return merged(reader, 0, 5).values;
    });
  });

  test(`${name}: a service that started ten minutes ago shows its real size in an hour's window`, async () => {
    await asked(
      Array.from({ length: 10 }, (_, minutes) => gauge(at(50 + minutes), 900)),
      (reader) => assert.deepEqual(merged(reader, 0, 60).values, { 'main;hold': 900 }),
    );
  });

  test(`${name}: a snapshot still stands for a window that begins after it, across the edge of an hour`, async () => {
    await asked([gauge(at(59.5), 100), gauge(at(60.5), 300)], (reader) => {
      const { answer, values } = merged(reader, 60, 61);
      assert.deepEqual(values, { 'main;hold': 200 });
      assert.equal(answer.coverage.profiles, 1);
      assert.deepEqual(merged(reader, 60, 60.5).values, { 'main;hold': 100 });
      assert.equal(merged(reader, 60, 60.5).answer.coverage.profiles, 0);
      assert.deepEqual(merged(reader, 70, 80).values, {});
      return values;
    });
  });

  test(`${name}: the end of a process ends its snapshot, and processes that are still there go on`, async () => {
    const store = fresh();
    await using writer = store.writer();
    writer.append([gauge(at(0), 100, { process: 'gone' }), gauge(at(0), 10, { process: 'stays' })].map(recordOf));
    writer.endProcess('gone', at(0.5));
    writer.endProcess('gone', at(0.9));
    writer.endProcess('never seen', at(0.5));
    await using reader = store.reader();
    assert.deepEqual(merged(reader, 0, 1).values, { 'main;hold': 60 });
    assert.deepEqual(merged(reader, 0, 1, { aggregation: 'last' }).values, { 'main;hold': 10 });
    assert.deepEqual(merged(reader, 0, 1, { aggregation: 'peak' }).values, { 'main;hold': 110 });
  });

  test(`${name}: peak is the moment of the largest total over all processes, for all types of gauges`, async () => {
    const two = (minutes: number, a: number, b: number, process: string): RecordInput => ({
      process,
      stampMs: at(minutes),
      samples: { 'main;a': [1, a], 'main;b': [1, b] },
    });
    await asked([two(0, 9, 0, 'p'), two(1, 1, 5, 'p'), two(1, 2, 3, 'q'), two(2, 1, 1, 'p')], (reader) => {
      const { answer, values } = merged(reader, 0, 10, { aggregation: 'peak' });
      assert.deepEqual(values, { 'main;a': 3, 'main;b': 8 });
      assert.deepEqual(valuesByStack(answer.profile, 'alloc_space'), { 'main;a': 4n, 'main;b': 4n });
      return values;
    });
  });

  test(`${name}: all 64 bits of values survive: negative ones, sums beyond 2^53, averages beyond 2^63 byte-seconds`, async () => {
    const big = 2n ** 62n + 1n;
    const inputs: RecordInput[] = [
      {
        stampMs: at(0),
        samples: { 'main;big': [2n ** 62n, big], 'main;less': [-3, 5], 'main;edge': [2 ** 53 - 1, 0] },
      },
      {
        stampMs: at(1),
        samples: { 'main;big': [2n ** 62n - 1n, big], 'main;less': [-4, 5], 'main;edge': [2 ** 53 - 1, 0] },
      },
    ];
    await asked(inputs, (reader) => {
      const { answer } = merged(reader, 0, 2);
      assert.deepEqual(valuesByStack(answer.profile, 'alloc_space'), {
        'main;big': 2n ** 63n - 1n,
        'main;less': -7n,
        'main;edge': 2n ** 54n - 2n,
      });
      const divisor = BigInt(answer.profile.divisors[1] ?? 0);
      assert.equal((valuesByStack(answer.profile, 'inuse_space')['main;big'] ?? 0n) / divisor, big);
      const [page] = reader.profiles({ kind: 'heap', matchers: [] }, { fromMs: at(0), toMs: at(1) }, 1);
      assert.deepEqual(page?.totals, [2n ** 62n - 3n + 2n ** 53n - 1n, big + 5n]);
      return page;
    });
  });

  test(`${name}: sums stay exact beyond 2^53`, async () => {
    const value = 2 ** 51 + 1;
    const inputs = Array.from({ length: 50 }, (_, index) => ({
      stampMs: at(index),
      spanMs: minute,
      samples: { 'main;a': [value, value], 'main;b': [index, 3] } as const,
    }));
    await asked(inputs, (reader) => {
      const { answer } = merged(reader, 0, 50);
      assert.deepEqual(valuesByStack(answer.profile, 'alloc_space'), {
        'main;a': 50n * BigInt(value),
        'main;b': 1225n,
      });
      assert.deepEqual(valuesByStack(answer.profile, 'inuse_space'), {
        'main;a': 3000n * BigInt(value),
        'main;b': 9000n,
      });
    });
  });

  test(`${name}: labels and names with odd characters come back as they were`, async () => {
    const workload = 'a "quoted" \\ ünï {x="y"}\n\u0000;';
    const labels = { ...defaultLabels, workload, 'app.kubernetes.io/part-of': "o'neil", empty: '' };
    const input: RecordInput = {
      labels,
      process: "p'1\n",
      stampMs: at(0),
      samples: { 'main;λ<script>{tag=ü "x"}': [1, 2], 'main;λ<script>{bytes=-9223372036854775808}': [1, 3] },
    };
    await asked([input], (reader) => {
      const { answer, values } = merged(reader, 0, 1, { workload });
      assert.deepEqual(values, {
        'main;λ<script>{tag=ü "x"}': 2,
        'main;λ<script>{bytes=-9223372036854775808}': 3,
      });
      const [series] = reader.series([{ name: 'workload', operator: '=', value: workload }], {
        fromMs: at(0),
        toMs: at(1),
      });
      const { empty: _, ...kept } = labels;
      assert.deepEqual(series?.labels, kept);
      assert.equal(series.processId, "p'1\n");
      return answer.coverage;
    });
  });

  test(`${name}: workloads are merged by content, and series of other runtimes by type`, async () => {
    const other = { ...defaultLabels, workload: 'cart', pod: 'cart-1' };
    const inputs: RecordInput[] = [
      { stampMs: at(0), samples: { 'main;a': [4, 10], 'main;b{bytes=8}': [1, 20] } },
      {
        stampMs: at(0),
        labels: other,
        process: 'cart-1',
        types: [{ type: 'inuse_space', unit: 'bytes', temporality: 'gauge' }],
        samples: { 'main;b{bytes=8}': [5], 'main;a': [1], 'node;x': [7] },
      },
    ];
    await asked(inputs, (reader) => {
      const { answer, values } = merged(reader, 0, 1);
      assert.deepEqual(values, { 'main;a': 11, 'main;b{bytes=8}': 25, 'node;x': 7 });
      assert.deepEqual(valuesByStack(answer.profile, 'alloc_space'), { 'main;a': 4n, 'main;b{bytes=8}': 1n });
      assert.equal(answer.profile.stacks.size, 3);
      assert.deepEqual(merged(reader, 0, 1, { workload: 'cart' }).values, {
        'main;a': 1,
        'main;b{bytes=8}': 5,
        'node;x': 7,
      });
      return values;
    });
  });

  test(`${name}: totals by bucket: sums where they are stamped, gauges as value·seconds cut at the edges`, async () => {
    const inputs: RecordInput[] = [
      { stampMs: at(0.5), spanMs: minute, samples: { 'main;a': [6, 10], 'main;b': [4, 20] } },
      { stampMs: at(1.5), spanMs: 2 * minute, samples: { 'main;a': [5, 50] } },
    ];
    await asked(inputs, (reader) => {
      const ask = (type: string) =>
        reader.totals({
          selector: { kind: 'heap', matchers: [] },
          window: { fromMs: at(0), toMs: at(2) },
          type: { type, unit: 'bytes' },
          stepMs: minute,
        });
      const secondsAt = (from: number, to: number) => [{ from: at(from) / 1000, to: at(to) / 1000 }];
      assert.deepEqual(ask('inuse_space')[0]?.points, [
        { bucketMs: at(0), value: 900n, coveredSeconds: 30, standing: secondsAt(0.5, 1), profiles: 1 },
        { bucketMs: at(1), value: 900n + 1500n, coveredSeconds: 60, standing: secondsAt(1, 2), profiles: 1 },
      ]);
      assert.deepEqual(ask('alloc_space')[0]?.points, [
        { bucketMs: at(0), value: 10n, coveredSeconds: 60, standing: secondsAt(0.5, 1), profiles: 1 },
        { bucketMs: at(1), value: 5n, coveredSeconds: 120, standing: secondsAt(1, 2), profiles: 1 },
      ]);
      assert.deepEqual(ask('no such type'), []);
      return ask('inuse_space');
    });
  });

  test(`${name}: series are those with a profile in the window, by matchers and kind`, async () => {
    const goroutines: RecordInput = {
      kind: 'goroutine',
      types: goroutineTypes,
      stampMs: at(90),
      samples: { main: [3] },
      header: { periodType: { type: 'goroutine', unit: 'count' } },
    };
    await asked([gauge(at(0), 1), gauge(at(1), 1), goroutines], (reader) => {
      const kinds = (from: number, to: number, kind?: string): string[] =>
        reader.series([], { fromMs: at(from), toMs: at(to) }, kind).map((entry) => entry.kind);
      assert.deepEqual(kinds(0, 100), ['heap', 'goroutine']);
      assert.deepEqual(kinds(0, 100, 'goroutine'), ['goroutine']);
      assert.deepEqual(kinds(2, 90), []);
      const [heap, goroutine] = reader.series([], { fromMs: at(0), toMs: at(100) });
      assert.deepEqual([heap?.firstMs, heap?.lastMs], [at(0), at(1)]);
      assert.deepEqual(goroutine?.types, goroutineTypes);
      assert.deepEqual(goroutine?.periodType, { type: 'goroutine', unit: 'count' });
      assert.deepEqual(
        reader.series([{ name: 'pod', operator: '!~', value: 'pod.*' }], { fromMs: at(0), toMs: at(100) }),
        [],
      );
      return heap;
    });
  });

  test(`${name}: profiles are listed newest first, page by page, and each is read back as it was stored`, async () => {
    const header = {
      timeNanos: 1_700_000_000_123_456_789n,
      durationNanos: 10_000_000_007n,
      periodType: { type: 'space', unit: 'bytes' },
      period: 524_288n,
      defaultSampleType: 'inuse_space',
      dropFrames: 'drop',
      keepFrames: 'keep',
      docUrl: 'https://example.org',
      comments: ['one', 'two'],
    };
    const inputs = [0, 30, 61].flatMap((minutes) =>
      ['a', 'b'].map((process): RecordInput => gauge(at(minutes), minutes + 1, { process, header })),
    );
    await asked(inputs, (reader) => {
      const window = { fromMs: at(0), toMs: at(120) };
      const listed: string[] = [];
      for (let before: string | undefined; ; ) {
        const page = reader.profiles({ kind: 'heap', matchers: [] }, window, 2, before);
        before = page.at(-1)?.id;
        if (before === undefined) break;
        listed.push(...page.map((entry) => entry.id));
      }
      assert.equal(new Set(listed).size, 6);
      const found = listed.map((id) => reader.profile(id));
      assert.deepEqual(
        found.map((one) => one?.entry.stampMs),
        [61, 61, 30, 30, 0, 0].map(at),
      );
      assert.deepEqual(found[0]?.profile.header, header);
      assert.deepEqual(found[0] && valuesByStack(found[0].profile, 'inuse_space'), { 'main;hold': 62n });
      for (const id of ['', 'x', 'zz-zz', '1-1', "'; DROP TABLE profile"]) assert.equal(reader.profile(id), undefined);
      return listed;
    });
  });

  test(`${name}: increases after a stamp, by stack hash: what a checkpoint must be brought forward by`, async () => {
    const store = fresh();
    const input = (minutes: number, a: number, c: number): RecordInput => ({
      stampMs: at(minutes),
      samples: { 'main;a': [a, 999], 'main;c': [c, 0], 'main;gauge only': [0, 5] },
    });
    const records = [input(0, 1, 2), input(30, 10, 0), input(61, 100, 7)].map(recordOf);
    {
      await using writer = store.writer();
      writer.append(records);
    }
    await using writer = store.writer();
    const [first] = records;
    assert.ok(first);
    const { latestMs, types, hashHigh, hashLow, values } = writer.increasesSince(first.series, at(0));
    assert.equal(latestMs, at(61));
    assert.deepEqual(types, [{ type: 'alloc_space', unit: 'bytes', temporality: 'cumulative' }]);
    const byHash = new Map([...hashHigh].map((high, row) => [`${high},${hashLow[row]}`, values[0]?.[row]]));
    const hashOf = (row: number) => `${first.stacks.hashHigh[row]},${first.stacks.hashLow[row]}`;
    assert.deepEqual(
      byHash,
      new Map([
        [hashOf(0), 110],
        [hashOf(1), 7],
      ]),
    );
    assert.equal(writer.increasesSince(first.series, at(61)).hashHigh.length, 0);
    assert.deepEqual(writer.newest(first.series), { stampMs: at(61), contentHash: records[2]?.contentHash });
    const unknown = recordOf({ process: 'nobody', stampMs: 0, samples: {} }).series;
    assert.equal(writer.increasesSince(unknown, 0).latestMs, undefined);
    assert.equal(writer.newest(unknown), undefined);
  });

  test(`${name}: the last look at a workload is the newest stamp of any of its processes`, async () => {
    const store = fresh();
    const partition = JSON.stringify({
      container: 'app',
      namespace: 'shop',
      workload: 'checkout',
      workload_kind: 'Deployment',
    });
    {
      await using writer = store.writer();
      assert.equal(writer.lastLook(partition), undefined);
      writer.append([gauge(at(5), 1, { process: 'a' }), gauge(at(3), 1, { process: 'b' })].map(recordOf));
      assert.equal(writer.lastLook(partition), at(5));
    }
    await using writer = store.writer();
    assert.equal(writer.lastLook(partition), at(5));
    assert.equal(writer.lastLook('{}'), undefined);
    writer.append([recordOf(gauge(at(4), 1, { process: 'b' }))]);
    assert.equal(writer.lastLook(partition), at(5));
  });

  test(`${name}: two readers beside a writer see each append whole and at once`, async () => {
    const store = fresh();
    await using writer = store.writer();
    writer.append([recordOf(gauge(at(0), 1))]);
    await using one = store.reader();
    await using two = store.reader();
    for (let index = 1; index <= 130; index++) {
      const samples = { 'main;a': [1, 0], [`main;new ${index}`]: [1, 0] } as const;
      writer.append([recordOf({ process: `p${index % 3}`, stampMs: at(index), samples })]);
      for (const reader of [one, two]) {
        const { answer } = merged(reader, 0, 200);
        const values = valuesByStack(answer.profile, 'alloc_space');
        assert.equal(values['main;a'], BigInt(index));
        assert.equal(Object.keys(values).length, index + 1);
      }
    }
    assert.deepEqual(one.stats(), { ...two.stats(), bytes: one.stats().bytes });
    assert.equal(one.stats().newestMs, at(130));
    assert.equal(one.stats().oldestMs, at(0));
  });

  test(`${name}: an empty window and an empty store answer with nothing, not with an error`, async () => {
    const store = fresh();
    await using writer = store.writer();
    await using reader = store.reader();
    const { answer, values } = merged(reader, 0, 60);
    assert.deepEqual(values, {});
    assert.equal(answer.profile.stacks.size, 0);
    assert.equal(answer.coverage.profiles + answer.coverage.processes + answer.coverage.observedSeconds, 0);
    assert.deepEqual(reader.stats().oldestMs, undefined);
    assert.deepEqual(writer.append([]), []);
    assert.equal(writer.stats().series, 0);
  });

  test(`${name}: a profile without samples is stored, and keeps its process observed`, async () => {
    await asked([{ stampMs: at(0), samples: {} }, gauge(at(1), 60)], (reader) => {
      const { answer, values } = merged(reader, 0, 2);
      assert.deepEqual(values, { 'main;hold': 30 });
      assert.equal(answer.coverage.profiles, 2);
    });
  });

  test(`${name}: what is merged can be read as a table: every row has its stack`, async () => {
    await asked([{ stampMs: at(0), samples: { 'a;b;c': [1, 1], 'a;b': [2, 2], '': [3, 3] } }], (reader) => {
      const { stacks } = merged(reader, 0, 1).answer.profile;
      const texts = Array.from({ length: stacks.size }, (_, row) => stackToText(stacks.stack(row)));
      assert.deepEqual(texts.sort(), ['', 'a;b', 'a;b;c']);
    });
  });
}
