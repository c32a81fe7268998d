import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Target } from '../../src/model/target.ts';
import { TargetSet } from '../../src/scrape/target-set.ts';
import { targetOf } from '../support/scrape-targets.ts';

const a = targetOf('a', ['heap']);
const b = targetOf('b', ['heap']);

test('a source that two groups name belongs to the first, and passes to the other when the first lets go', () => {
  const set = new TargetSet();
  const other: Target = { ...a, warnings: ['from the other group'] };
  set.replace([{ key: 'one', targets: [a] }]);
  set.replace([{ key: 'two', targets: [other, b] }]);
  assert.equal(set.get(a.source), a);
  assert.deepEqual([...set.replace([{ key: 'one', targets: [] }])], [a.source]);
  assert.equal(set.get(a.source), other);
});

test('ranks count the active targets of one workload only', () => {
  const set = new TargetSet();
  const held: Target = { ...targetOf('aa', ['heap']), state: { kind: 'held', reason: 'x' } };
  const elsewhere: Target = { ...targetOf('ab', ['heap']), labels: { workload: 'other' } };
  set.replace([{ key: 'one', targets: [b, held, elsewhere, a] }]);
  assert.deepEqual(
    [set.rank(a.source), set.rank(b.source)],
    [
      { rank: 0, count: 2 },
      { rank: 1, count: 2 },
    ],
  );
  assert.equal(set.rank(held.source), undefined);
});

test('after any run of groups the set holds what the last state of each group says', () => {
  const name = fc.constantFrom('p', 'q', 'r', 's', 't');
  const group = fc.record({ key: fc.constantFrom('one', 'two', 'three'), names: fc.uniqueArray(name) });
  fc.assert(
    fc.property(fc.array(group, { maxLength: 12 }), (run) => {
      const set = new TargetSet();
      const last = new Map<string, readonly string[]>();
      for (const { key, names } of run) {
        last.set(key, names);
        const touched = set.replace([{ key, targets: names.map((one) => targetOf(one, ['heap'])) }]);
        for (const one of names) assert.ok(touched.has(targetOf(one, []).source));
      }
      const expected = new Set([...last.values()].flat());
      assert.deepEqual(new Set([...set.all()].map(({ labels }) => labels['pod'])), expected);
      assert.equal(set.size, expected.size);
    }),
  );
});
