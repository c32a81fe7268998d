import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asked, at, gauge, merged, minute, type StoreUnderTest } from '../support/store-questions.ts';
import { type RecordInput, recordOf, valuesByStack } from '../support/store-records.ts';

/** What every pair of `ProfileWriter` and `ProfileReader` promises about values over time (DESIGN §6). */
export function profileStoreSemantics(name: string, fresh: () => StoreUnderTest): void {
  test(`${name}: an hour of constant in-use equals one snapshot, and three pods are three times one`, async () => {
    const inputs = ['a', 'b', 'c'].flatMap((process) =>
      Array.from({ length: 60 }, (_, minutes) => gauge(at(minutes), 700, { process })),
    );
    await asked(fresh(), inputs, (reader) => {
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
    await asked(fresh(), [...before, ...after], (reader) => {
      const { answer, values } = merged(reader, 0, 60);
      assert.equal(answer.coverage.observedSeconds, 3600, 'the old level stands until the new one is known');
      assert.deepEqual(values, { 'main;hold': 500 });
      return values;
    });
  });

  test(`${name}: a failed scrape changes nothing; silence after the last one counts one interval`, async () => {
    const inputs = [0, 1, 3, 4].map((minutes) => gauge(at(minutes), 300));
    await asked(fresh(), inputs, (reader) => {
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
    await asked(fresh(), inputs, (reader) => {
      for (const aggregation of ['avg', 'last', 'peak'] as const) {
        assert.deepEqual(merged(reader, 0, 5, { aggregation }).values, { 'main;hold': 400 });
      }
      assert.equal(merged(reader, 0, 5).answer.coverage.processes, 20);
      return merged(reader, 0, 5).values;
    });
  });

  test(`${name}: a service that started ten minutes ago shows its real size in an hour's window`, async () => {
    await asked(
      fresh(),
      Array.from({ length: 10 }, (_, minutes) => gauge(at(50 + minutes), 900)),
      (reader) => assert.deepEqual(merged(reader, 0, 60).values, { 'main;hold': 900 }),
    );
  });

  test(`${name}: a snapshot still stands for a window that begins after it, across the edge of an hour`, async () => {
    await asked(fresh(), [gauge(at(59.5), 100), gauge(at(60.5), 300)], (reader) => {
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
    await asked(fresh(), [two(0, 9, 0, 'p'), two(1, 1, 5, 'p'), two(1, 2, 3, 'q'), two(2, 1, 1, 'p')], (reader) => {
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
    await asked(fresh(), inputs, (reader) => {
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
    await asked(fresh(), inputs, (reader) => {
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

  test(`${name}: totals by bucket: sums where they are stamped, gauges as value·seconds cut at the edges`, async () => {
    const inputs: RecordInput[] = [
      { stampMs: at(0.5), spanMs: minute, samples: { 'main;a': [6, 10], 'main;b': [4, 20] } },
      { stampMs: at(1.5), spanMs: 2 * minute, samples: { 'main;a': [5, 50] } },
    ];
    await asked(fresh(), inputs, (reader) => {
      const ask = (type: string) =>
        reader.totals({
          selector: { kind: 'heap', matchers: [] },
          window: { fromMs: at(0), toMs: at(2) },
          type: { type, unit: 'bytes' },
          stepMs: minute,
        }).series;
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

  test(`${name}: a profile without samples is stored, and keeps its process observed`, async () => {
    await asked(fresh(), [{ stampMs: at(0), samples: {} }, gauge(at(1), 60)], (reader) => {
      const { answer, values } = merged(reader, 0, 2);
      assert.deepEqual(values, { 'main;hold': 30 });
      assert.equal(answer.coverage.profiles, 2);
    });
  });
}
