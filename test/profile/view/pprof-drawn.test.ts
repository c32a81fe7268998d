import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { PprofLabel } from '../../../src/model/frame.ts';
import type { View } from '../../../src/model/view.ts';
import { encodeProfile } from '../../../src/pprof/encode.ts';
import { emptyHeader, type Profile } from '../../../src/profile/profile.ts';
import { StackTableBuilder } from '../../../src/profile/stack-table-builder.ts';
import { applyView } from '../../../src/profile/view/apply-view.ts';
import { noGo } from '../../support/no-go.ts';
import { anyProfile } from '../../support/pprof-arbitrary.ts';
import { readProfile } from '../../support/pprof-decode.ts';
import { framedText, pprofViews, viewOf } from '../../support/pprof-views.ts';
import { drawnFrame } from '../../support/view-drawing.ts';

const expression = fc.constantFrom('main', 'serve', 'query', 'fib', 'shop', '^$', 'a;b', 'e$', 'i|q', 'app', '.');
const nameViews = fc.array(
  fc.record(
    { focus: expression, ignore: expression, hide: expression, show: expression, show_from: expression },
    { requiredKeys: [] },
  ),
  { minLength: 12, maxLength: 12 },
);
const dropped = fc.constantFrom('', 'serve', 'main|fib', 'query', '.*e.*', '(((', '.*');

/** Any profile; pprof was told to look for no names, so names are not missing where a system name is there. */
const named = fc.tuple(anyProfile(), dropped, dropped).map(([profile, dropFrames, keepFrames]): Profile => {
  const { tree } = profile.stacks;
  for (let id = 1; id < tree.frameCount; id++) {
    const { function: fn } = tree.frameAt(id);
    if (fn) Object.assign(fn, { name: fn.name || fn.systemName });
  }
  return { ...profile, header: { ...profile.header, dropFrames, keepFrames } };
});

/** Numbers of one key are in one unit, or in none: pprof reads all in the first. */
const label: fc.Arbitrary<PprofLabel> = fc.oneof(
  fc.record({ key: fc.constantFrom('route', 'n'), text: fc.constantFrom('/cart', '/pay', '5', '512') }),
  ...[
    ['n', ''],
    ['bytes', 'bytes'],
    ['bytes', ''],
    ['wait', 'ms'],
    ['request', ''],
    ['odd', 'bogus'],
  ].map(([key = '', unit = '']) =>
    fc.record({
      key: fc.constant(key),
      number: fc.constantFrom(-5n, 5n, 512n, 1500n, 4096n, 2n ** 40n, 2n ** 63n - 1n),
      unit: fc.constant(unit),
    }),
  ),
);
const labelled = fc.array(fc.array(label, { maxLength: 3 }), { minLength: 20, maxLength: 20 }).map((sets): Profile => {
  const stacks = new StackTableBuilder();
  const rows = sets.map((labels) => stacks.intern({ frames: [drawnFrame('main')], labels }));
  const values = new Float64Array(stacks.size);
  for (const [at, row] of rows.entries()) values[row] = (values[row] ?? 0) + 2 ** at;
  return {
    sampleTypes: [{ type: 'samples', unit: 'count' }],
    stacks,
    values: [values],
    divisors: [1],
    header: emptyHeader,
  };
});
const tag = fc
  .tuple(
    fc.constantFrom('', '', 'n=', 'bytes=', 'wait=', 'route=', 'odd=', 'request='),
    fc.constantFrom(
      '5',
      '-5:5',
      '512b',
      '1kb:',
      ':4kb',
      '1s:2s',
      '1500',
      ':',
      '/cart',
      '/pay,5',
      'n:5',
      '4kb:1',
      '5bogus',
      '0gb:1tb',
    ),
  )
  .map(([key, value]) => key + value);
const tagViews = fc.array(fc.record({ tagfocus: tag, tagignore: tag }, { requiredKeys: [] }), {
  minLength: 20,
  maxLength: 20,
});

async function assertPprofAgrees(given: Profile, filters: readonly View['filters'][]): Promise<void> {
  const body = encodeProfile(given);
  const profile = readProfile(body);
  const answers = await pprofViews(
    body,
    0,
    filters.map((one) => ({ filters: one })),
  );
  for (const [i, one] of filters.entries()) {
    const shown = applyView(profile, viewOf({ filters: one }), () => {});
    const known = answers[i]?.profile;
    assert.ok(known);
    assert.equal(stacksText(shown), stacksText(known), JSON.stringify({ ...one, drop: profile.header.dropFrames }));
  }
}

/** Without the parts by label: pprof writes no label whose text is empty. */
function stacksText(profile: Profile): string {
  return framedText(profile).replace(/\n\[label\][^]*/, '');
}

/** The same profiles each time: a difference must be told by what changed here. */
async function assertAllAgree(profiles: fc.Arbitrary<Profile>, views: fc.Arbitrary<View['filters'][]>): Promise<void> {
  const runs = { seed: Number(process.env['VIEW_SEED'] ?? 7), numRuns: Number(process.env['VIEW_RUNS'] ?? 5) };
  const drawn = fc.sample(fc.tuple(profiles, views), runs);
  for (const [profile, filters] of drawn) await assertPprofAgrees(profile, filters);
}

test('go tool pprof makes the same of drawn profiles by names', { skip: noGo }, () => assertAllAgree(named, nameViews));

test('go tool pprof makes the same of drawn profiles by labels', { skip: noGo }, () =>
  assertAllAgree(labelled, tagViews),
);
