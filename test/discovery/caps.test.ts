import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type Contender, overCaps } from '../../src/discovery/caps.ts';
import { defaultDiscoveryRules, outcomeOf } from '../support/discovery-records.ts';

const limits = (targets: number, targetsPerNamespace: number) => ({
  ...defaultDiscoveryRules.limits,
  targets,
  targetsPerNamespace,
});

function contender(name: string, namespace: string, createdMs: number): Contender {
  const [target] = outcomeOf({ on: { pod: { scrape: 'true' } }, pod: { name, namespace } }).targets;
  assert.ok(target);
  return { target: { ...target, source: name }, createdMs };
}

const four = [
  contender('a', 'shop', 4),
  contender('b', 'shop', 3),
  contender('c', 'bank', 2),
  contender('d', 'shop', 1),
];

test('under the caps nobody waits', () => {
  assert.deepEqual([...overCaps(four, limits(4, 4))], []);
});

test('over limits.targets the newest wait', () => {
  const why = 'there are more than limits.targets (2)';
  assert.deepEqual(
    [...overCaps(four, limits(2, 9))],
    [
      ['b', why],
      ['a', why],
    ],
  );
});

test('over limits.targetsPerNamespace the newest of that namespace wait, and take no place from others', () => {
  assert.deepEqual([...overCaps(four, limits(3, 2))], [['a', 'shop has more than limits.targetsPerNamespace (2)']]);
});

test('no cap is ever exceeded, and nobody waits who is older than one who runs in the same namespace', () => {
  const pods = fc.array(fc.tuple(fc.constantFrom('shop', 'bank'), fc.nat(20)), { maxLength: 20 });
  fc.assert(
    fc.property(pods, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }), (drawn, most, perNamespace) => {
      const all = drawn.map(([namespace, age], index) => contender(`p${index}`, namespace, age));
      const held = overCaps(all, limits(most, perNamespace));
      const run = all.filter(({ target }) => !held.has(target.source));
      assert.ok(run.length <= most);
      for (const namespace of ['shop', 'bank']) {
        const isHere = ({ target }: Contender) => target.labels['namespace'] === namespace;
        const here = run.filter(isHere);
        assert.ok(here.length <= perNamespace);
        const newest = Math.max(...here.map(({ createdMs }) => createdMs));
        const waiting = all.filter((each) => isHere(each) && held.has(each.target.source));
        assert.ok(waiting.every(({ createdMs }) => createdMs >= newest));
      }
    }),
    { numRuns: 50 },
  );
});
