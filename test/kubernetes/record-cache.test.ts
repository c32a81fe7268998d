import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { RecordCache } from '../../src/kubernetes/record-cache.ts';
import type { ObjectRecord } from '../../src/kubernetes/records.ts';

function record(name: string, uid: string, generation = 0): ObjectRecord {
  return { uid, namespace: 'shop', name, labels: {}, annotations: {}, generation };
}

test('the changes that are told, replayed, give what the cache holds', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('put' as const), name: fc.nat(4), life: fc.nat(2), generation: fc.nat(2) }),
    fc.record({ kind: fc.constant('remove' as const), name: fc.nat(4), life: fc.nat(2) }),
    fc.record({ kind: fc.constant('begin' as const) }),
    fc.record({ kind: fc.constant('end' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const cache = new RecordCache<ObjectRecord>();
      const replayed = new Map<string, ObjectRecord>();
      for (const each of steps) {
        if (each.kind === 'begin') cache.beginRelist();
        const changes =
          each.kind === 'put'
            ? cache.put(record(`pod-${each.name}`, `${each.name}/${each.life}`, each.generation))
            : each.kind === 'remove'
              ? cache.remove(`${each.name}/${each.life}`)
              : each.kind === 'end'
                ? cache.endRelist()
                : [];
        for (const change of changes) {
          assert.equal(replayed.has(change.record.uid), change.kind !== 'added');
          if (change.kind === 'removed') replayed.delete(change.record.uid);
          else replayed.set(change.record.uid, change.record);
        }
      }
      assert.deepEqual(new Map([...cache.values()].map((each) => [each.uid, each])), replayed);
      const names = [...replayed.values()].map(({ name }) => name);
      assert.equal(new Set(names).size, names.length, 'no name stands twice');
      for (const each of replayed.values()) assert.equal(cache.byName('shop', each.name), each);
    }),
  );
});

test('a relist removes what it did not put, and one that was given up removes nothing', () => {
  const cache = new RecordCache<ObjectRecord>();
  cache.put(record('a', '1'));
  cache.put(record('b', '2'));
  cache.beginRelist();
  cache.put(record('a', '1'));
  cache.beginRelist();
  assert.equal(cache.size, 2);
  cache.put(record('a', '1'));
  assert.deepEqual(
    cache.endRelist().map(({ kind, record: { name } }) => `${kind} ${name}`),
    ['removed b'],
  );
});

test('a deletion of an old life that comes late leaves the new one', () => {
  const cache = new RecordCache<ObjectRecord>();
  cache.put(record('db-0', 'old'));
  cache.put(record('db-0', 'new'));
  assert.deepEqual(cache.remove('old'), []);
  assert.equal(cache.byName('shop', 'db-0')?.uid, 'new');
});
