import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallTreeRequest, ComparedAnswer, ProfileRecord } from '../../src/store/profile-store.ts';
import { asked, at, gauge, merged, minute, type StoreUnderTest } from '../support/store-questions.ts';
import {
  cpuTypes,
  defaultLabels,
  goroutineTypes,
  type RecordInput,
  recordOf,
  stackToText,
  valuesByStack,
} from '../support/store-records.ts';

/** What every pair of `ProfileWriter` and `ProfileReader` promises about storing and finding. */
export function profileStoreContract(name: string, fresh: () => StoreUnderTest): void {
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
      fresh(),
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

  test(`${name}: labels and names with odd characters come back as they were`, async () => {
    const workload = 'a "quoted" \\ ünï {x="y"}\n\u0000;';
    const labels = { ...defaultLabels, workload, 'app.kubernetes.io/part-of': "o'neil", empty: '' };
    const input: RecordInput = {
      labels,
      process: "p'1\n",
      stampMs: at(0),
      samples: { 'main;λ<script>{tag=ü "x"}': [1, 2], 'main;λ<script>{bytes=-9223372036854775808}': [1, 3] },
    };
    await asked(fresh(), [input], (reader) => {
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
    await asked(fresh(), inputs, (reader) => {
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

  test(`${name}: series are those with a profile in the window, by matchers and kind`, async () => {
    const goroutines: RecordInput = {
      kind: 'goroutine',
      types: goroutineTypes,
      stampMs: at(90),
      samples: { main: [3] },
      header: { periodType: { type: 'goroutine', unit: 'count' } },
    };
    await asked(fresh(), [gauge(at(0), 1), gauge(at(1), 1), goroutines], (reader) => {
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

  test(`${name}: the pprof labels of samples are those of the workloads that have profiles in the window`, async () => {
    const cart = { ...defaultLabels, workload: 'cart' };
    const inputs: RecordInput[] = [
      { stampMs: at(0), samples: { 'main;a{route=/pay,tag=b}': [1, 1], 'main;a{route=/cart}': [1, 0], main: [1, 1] } },
      { stampMs: at(1), samples: { 'main;b{bytes=8}': [1, 1] } },
      { stampMs: at(90), labels: cart, process: 'cart', samples: { 'x{route=/zoo,zone=}': [1, 1] } },
    ];
    await asked(fresh(), inputs, (reader) => {
      const list = (from: number, to: number, workload = '.*', kind: string | undefined = 'heap') =>
        Object.fromEntries(
          reader.sampleLabels(
            { kind, matchers: [{ name: 'workload', operator: '=~', value: workload }] },
            { fromMs: at(from), toMs: at(to) },
          ),
        );
      const checkout = { bytes: [], route: ['/cart', '/pay'], tag: ['b'] };
      const all = { bytes: [], route: ['/cart', '/pay', '/zoo'], tag: ['b'], zone: [''] };
      assert.deepEqual(list(0, 100, 'checkout'), checkout);
      assert.deepEqual(list(0, 60), checkout);
      assert.deepEqual(list(0, 100), all);
      assert.deepEqual(list(0, 100, '.*', undefined), all);
      assert.deepEqual(list(60, 100), { route: ['/zoo'], zone: [''] });
      assert.deepEqual([list(20, 60), list(0, 100, 'nobody'), list(0, 100, '.*', 'cpu')], [{}, {}, {}]);
      return all;
    });
  });

  test(`${name}: two questions are answered in trees of the same nodes, by the names that builds are compared by`, async () => {
    const inputs: RecordInput[] = [
      { stampMs: at(0), samples: { 'main;serve.func1': [10, 0], 'main;gone': [5, 0] } },
      { stampMs: at(40), samples: { 'main;serve.func2': [3, 0], 'main;serve.func3': [4, 0], new: [1, 0] } },
      {
        stampMs: at(50),
        labels: { ...defaultLabels, workload: 'cart' },
        process: 'cart',
        samples: { 'main;serve.func1;x': [2, 0] },
      },
    ];
    await asked(fresh(), inputs, (reader) => {
      const type = { type: 'alloc_space', unit: 'bytes' };
      const request = (from: number, to: number, kind = 'heap'): CallTreeRequest => ({
        selector: { kind, matchers: [] },
        window: { fromMs: at(from), toMs: at(to) },
        aggregation: 'avg',
        peakType: type,
        type,
        maxNodes: 100,
      });
      const both = reader.callTrees(request(30, 60), request(0, 30));
      const lines = linesOf(both);
      assert.deepEqual(lines, [
        'total 0/0 10/15',
        'total;main 0/0 9/15',
        'total;main;gone 0/5 0/5',
        'total;main;serve.func 7/10 9/10',
        'total;main;serve.func;x 2/0 2/0',
        'total;new 1/0 1/0',
      ]);
      assert.deepEqual([both.compare.coverage.profiles, both.base.coverage.profiles], [2, 1]);
      assert.deepEqual([both.compare.temporality, both.base.temporality], ['cumulative', 'cumulative']);
      const half = reader.callTrees(request(0, 30), request(100, 110));
      assert.deepEqual(linesOf(half), [
        'total 0/0 15/0',
        'total;main 0/0 15/0',
        'total;main;gone 5/0 5/0',
        'total;main;serve.func 10/0 10/0',
      ]);
      assert.equal(half.base.temporality, undefined);
      assert.equal(reader.callTrees(request(100, 110), request(0, 30, 'cpu')).trees, undefined);
      return lines;
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
    await asked(fresh(), inputs, (reader) => {
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

  test(`${name}: what is merged can be read as a table: every row has its stack`, async () => {
    await asked(fresh(), [{ stampMs: at(0), samples: { 'a;b;c': [1, 1], 'a;b': [2, 2], '': [3, 3] } }], (reader) => {
      const { stacks } = merged(reader, 0, 1).answer.profile;
      const texts = Array.from({ length: stacks.size }, (_, row) => stackToText(stacks.stack(row)));
      assert.deepEqual(texts.sort(), ['', 'a;b', 'a;b;c']);
    });
  });
}

/** Nodes by path, with the self and the total of both sides. */
function linesOf({ trees }: ComparedAnswer): string[] {
  assert.ok(trees);
  const { compare, base } = trees;
  const paths: string[] = [];
  return Array.from({ length: compare.size }, (_, node) => {
    const name = compare.names[compare.name[node] ?? 0] ?? '';
    paths[node] = node === 0 ? name : `${paths[compare.parent[node] ?? 0]};${name}`;
    return `${paths[node]} ${compare.self[node]}/${base.self[node]} ${compare.total[node]}/${base.total[node]}`;
  }).sort();
}
