import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GrowthAnswer, VerdictEntry } from '../../../src/ui/api/answers.ts';
import {
  bySureness,
  byTier,
  countsText,
  findingText,
  growsText,
  intervalOf,
  keptCommand,
  nameText,
  podsText,
  queryOfLink,
  slopeOf,
  whyNotText,
} from '../../../src/ui/growth/words.ts';
import { signalEntry } from './judged.ts';

const hour = 3_600_000;

test('a finding is said with its slope, interval, rise, baseline and reason', () => {
  const judged = signalEntry();
  assert.equal(slopeOf(judged), '+36 MiB/h');
  assert.equal(intervalOf(judged), '+18 MiB/h to +54 MiB/h');
  assert.equal(
    findingText(judged, 14 * hour),
    'for 4 h; 100 MiB over the stretch that shows it; above all it held before (1 MiB); likely: a day of one ramp',
  );
  assert.equal(podsText(judged), '1 of 2 processes old enough to be judged');
});

test('what is not known is not said', () => {
  const judged = signalEntry({
    perSecond: null,
    low: null,
    rise: null,
    baseline: null,
    likelyBecause: null,
    startMs: null,
  });
  assert.deepEqual([slopeOf(judged), intervalOf(judged), findingText(judged, hour)], ['', '', '']);
  assert.equal(nameText({ namespace: 'shop', workload: 'cart', container: '' }), 'shop/cart');
  assert.equal(nameText({ namespace: 'shop', workload: 'cart', container: 'app' }), 'shop/cart (app)');
});

test('why nothing is found is the first condition that is not met, as a sentence', () => {
  const gate = { name: 'age', passed: false, text: 'the process is 1 h old', value: 6, needed: 33 };
  assert.equal(whyNotText({ gates: [{ ...gate, passed: true }, gate] }), 'The process is 1 h old.');
  assert.equal(whyNotText({ gates: [{ ...gate, passed: true }] }), 'Nothing rises.');
  assert.equal(whyNotText({ gates: [] }), 'Not judged yet.');
});

test('goroutines are many', () => {
  const texts = [
    growsText({ signal: 'goroutines', state: 'open' }),
    growsText({ signal: 'heap', state: 'open' }),
    growsText({ signal: 'goroutines', state: 'resolved' }),
  ];
  assert.deepEqual(texts, ['Goroutines grow', 'Live heap grows', 'Goroutines grew']);
});

test('the surest finding comes first, and what is not judged last', () => {
  const signals = [
    signalEntry({ signal: 'allocations', tier: null }),
    signalEntry({ signal: 'goroutines', tier: 'suspected' }),
    signalEntry(),
  ];
  assert.deepEqual(
    bySureness(signals).map(({ tier }) => tier),
    ['likely', 'suspected', null],
  );
  const verdicts = [
    { workload: 'a', tier: null, skipped: 'a Job' },
    { workload: 'b', tier: null, skipped: null },
    { workload: 'c', tier: 'likely', skipped: null },
  ] as unknown as VerdictEntry[];
  const { found, none, skipped } = byTier(verdicts);
  assert.deepEqual(
    [found, none, skipped].map((some) => some.map(({ workload }) => workload)),
    [['c'], ['b'], ['a']],
  );
});

test('counts are told by tier', () => {
  const meta = { workloads: 6, tiers: { likely: 1, suspected: 1, none: 3, skipped: 1 } } as GrowthAnswer['meta'];
  assert.equal(countsText(meta), '6 workloads: 1 likely, 1 suspected, 3 without a finding, 1 not judged.');
});

test('the kept profiles are compared by go tool pprof; one alone where there was nothing before', () => {
  const [base, compare] = ['/api/v1/growth/e1/profile?side=base', '/api/v1/growth/e1/profile?side=compare'];
  assert.equal(
    keptCommand({ baseProfile: base, compareProfile: compare }, 'http://h:1'),
    "go tool pprof -http=: -diff_base 'http://h:1/api/v1/growth/e1/profile?side=base' 'http://h:1/api/v1/growth/e1/profile?side=compare'",
  );
  assert.equal(
    keptCommand({ baseProfile: null, compareProfile: compare }, 'http://h:1'),
    "go tool pprof -http=: 'http://h:1/api/v1/growth/e1/profile?side=compare'",
  );
  assert.equal(keptCommand({ baseProfile: null, compareProfile: null }, 'http://h:1'), undefined);
});

test('the query of a link is what it selects', () => {
  assert.equal(queryOfLink(signalEntry().links.profiles), 'heap{workload="a&b"}');
});
