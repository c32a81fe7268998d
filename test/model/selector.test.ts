import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatMatchers, type Matcher, matchOperators, readMatchers } from '../../src/model/selector.ts';

const matcher: fc.Arbitrary<Matcher> = fc.record(
  {
    name: fc.constantFrom('namespace', 'workload', 'container', 'a.b/c'),
    operator: fc.constantFrom(...matchOperators),
    value: fc.oneof(fc.constant(''), fc.string({ unit: 'binary' })),
  },
  { noNullPrototype: true },
);
const byName = (a: Matcher, b: Matcher) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

test('matchers that are written are read again as they were, those of empty values, too', () => {
  fc.assert(
    fc.property(fc.array(matcher, { maxLength: 4 }), (matchers) => {
      assert.deepEqual(readMatchers(formatMatchers(matchers)).sort(byName), matchers.toSorted(byName));
    }),
  );
  assert.equal(
    formatMatchers([
      { name: 'workload', operator: '=', value: 'checkout' },
      { name: 'container', operator: '=', value: '' },
    ]),
    '{workload="checkout",container=""}',
  );
});
