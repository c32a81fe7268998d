import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { diffProfiles } from '../../src/profile/diff.ts';
import { mergeProfiles } from '../../src/profile/merge.ts';
import { emptyHeader, type Profile } from '../../src/profile/profile.ts';
import { canonicalTextOfProfile } from '../support/canonical-text.ts';
import { anyProfile } from '../support/pprof-arbitrary.ts';
import { profileFromText, textOfProfile } from '../support/profile-from-text.ts';

const bytes = { type: 'alloc_space', unit: 'bytes' };
const objects = { type: 'alloc_objects', unit: 'count' };

test('rows of one stack and one label set are added', () => {
  const merged = mergeProfiles([
    profileFromText(`
      main;serve;query {route=/pay} 4
      main;idle                     2`),
    profileFromText(`
      main;serve;query {route=/pay} 1
      main;serve;query              8`),
  ]);
  assert.equal(textOfProfile(merged), 'main;idle 2\nmain;serve;query 8\nmain;serve;query {route=/pay} 5');
});

test('a diff is what was compared minus the base, and what did not change is 0', () => {
  const base = profileFromText('main;a 4\nmain;b 7\nmain;gone 1');
  const compare = profileFromText('main;a 5\nmain;b 7\nmain;new 2');
  assert.equal(textOfProfile(diffProfiles(base, compare)), 'main;a 1\nmain;gone -1\nmain;new 2');
});

test('sample types are those that all have, in the order of the first', () => {
  const both = profileFromText('main 1 16', { types: [objects, bytes] });
  const turned = profileFromText('main 32 2', { types: [bytes, objects] });
  const one = profileFromText('main 64', { types: [bytes] });
  assert.deepEqual(mergeProfiles([both, turned]).sampleTypes, [objects, bytes]);
  assert.equal(textOfProfile(mergeProfiles([both, turned])), 'main 3 48');
  assert.equal(textOfProfile(mergeProfiles([both, one])), 'main 80');
  assert.throws(() => mergeProfiles([one, profileFromText('main 1')]), {
    code: 'bad_query',
    message: 'profiles without a sample type in common: alloc_space/bytes; samples/count',
  });
});

test('averages of different lengths of time meet on a common divisor', () => {
  const merged = mergeProfiles([
    profileFromText('main 10', { divisors: [4] }),
    profileFromText('main 9', { divisors: [6] }),
  ]);
  assert.deepEqual(merged.divisors, [12]);
  assert.equal(textOfProfile(merged), 'main 48');
});

test('headers: longest period, earliest known time, sum of durations, comments once', () => {
  const header = (timeNanos: bigint, period: bigint, comments: string[]) =>
    profileFromText('main 1', { header: { timeNanos, durationNanos: 10n, period, comments } });
  const merged = mergeProfiles([header(0n, 5n, ['a', 'b']), header(9n, 7n, ['b', 'c']), header(8n, 6n, [])]);
  assert.deepEqual(merged.header, {
    ...emptyHeader,
    timeNanos: 8n,
    durationNanos: 30n,
    period: 7n,
    comments: ['a', 'b', 'c'],
  });
});

test('sums stay exact beyond 2^53, and one beyond int64 is refused', () => {
  const max = profileFromText(`main ${2n ** 63n - 2n}`);
  const one = profileFromText('main 1');
  const odd = profileFromText(`main ${2n ** 53n - 1n}`);
  assert.equal(textOfProfile(mergeProfiles([odd, one, one])), `main ${2n ** 53n + 1n}`);
  assert.equal(textOfProfile(mergeProfiles([max, one])), `main ${2n ** 63n - 1n}`);
  assert.throws(() => mergeProfiles([max, one, one]), { code: 'bad_profile', message: /beyond int64/ });
});

test('merging no profiles gives an empty one', () => {
  assert.equal(textOfProfile(mergeProfiles([])), '');
});

test('merge is commutative and associative, and totals are sums of totals', () => {
  fc.assert(
    fc.property(anyProfile(), anyProfile(), anyProfile(), (a, b, c) => {
      const all = canonicalTextOfProfile(mergeProfiles([a, b, c]));
      assert.equal(canonicalTextOfProfile(mergeProfiles([c, a, b])), all);
      assert.equal(canonicalTextOfProfile(mergeProfiles([mergeProfiles([a, b]), c])), all);
      assert.equal(canonicalTextOfProfile(mergeProfiles([a, mergeProfiles([b, c])])), all);
      assert.equal(totalOf(mergeProfiles([a, b])), totalOf(a) + totalOf(b));
    }),
    { numRuns: 60 },
  );
});

test('a profile minus itself is nothing, and a diff added to its base is what was compared', () => {
  fc.assert(
    fc.property(anyProfile(), anyProfile(), (a, b) => {
      assert.equal(textOfProfile(diffProfiles(a, a)), '');
      assert.equal(canonicalTextOfProfile(mergeProfiles([diffProfiles(a, b), a])), canonicalTextOfProfile(b));
    }),
    { numRuns: 60 },
  );
});

function totalOf(profile: Profile): bigint {
  return Array.from(profile.values[0] ?? [], BigInt).reduce((sum, value) => sum + value, 0n);
}
