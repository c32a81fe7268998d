import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { granularities, plainView, type View, viewPresets } from '../../../src/model/view.ts';
import { callTreeOf } from '../../../src/profile/call-tree.ts';
import { mergeProfiles } from '../../../src/profile/merge.ts';
import type { Profile } from '../../../src/profile/profile.ts';
import { topOf } from '../../../src/profile/top.ts';
import { applyView } from '../../../src/profile/view/apply-view.ts';
import { canonicalTextOfProfile } from '../../support/canonical-text.ts';
import { anyProfile } from '../../support/pprof-arbitrary.ts';
import { drawing } from '../../support/view-drawing.ts';

const expression = fc.constantFrom('main', 'serve', 'query', 'fib', 'shop', '^$', 'e$', '[a-m]', 'app', '.', 'no such');
const filters = fc.record(
  { focus: expression, ignore: expression, hide: expression, show: expression, show_from: expression },
  { requiredKeys: [] },
);
const views: fc.Arbitrary<View> = fc.record({
  filters,
  presets: fc.subarray([...viewPresets]),
  granularity: fc.constantFrom(...granularities),
  collapseRecursion: fc.boolean(),
});
/** What drop_frames takes away is no matter of these properties. */
const profiles = anyProfile().map(
  (profile): Profile => ({ ...profile, header: { ...profile.header, dropFrames: '' } }),
);

const nothing = (): void => {};
const view = (profile: Profile, wanted: Partial<View>): Profile =>
  applyView(profile, { ...plainView, ...wanted }, nothing);

function totals({ values, stacks }: Profile): bigint[] {
  return values.map((column) => {
    let sum = 0n;
    for (const value of column.subarray(0, stacks.size)) sum += BigInt(value);
    return sum;
  });
}

test('focus and ignore of one expression are the whole', () => {
  fc.assert(
    fc.property(profiles, expression, (profile, given) => {
      const [inside, outside] = [
        view(profile, { filters: { focus: given } }),
        view(profile, { filters: { ignore: given } }),
      ];
      assert.equal(canonicalTextOfProfile(mergeProfiles([inside, outside])), canonicalTextOfProfile(profile));
    }),
  );
});

test('hide, presets, granularity and recursion change no total', () => {
  fc.assert(
    fc.property(profiles, views, (profile, drawn) => {
      const { hide } = drawn.filters;
      const shown = applyView(profile, { ...drawn, filters: hide === undefined ? {} : { hide } }, nothing);
      assert.deepEqual(totals(shown), totals(profile));
    }),
  );
});

test('the plain view is the profile itself, and filters that match nothing change nothing', () => {
  fc.assert(
    fc.property(profiles, (profile) => {
      assert.equal(view(profile, {}), profile);
      const filters = { ignore: 'no such', hide: 'no such', tagignore: 'no such' };
      assert.equal(canonicalTextOfProfile(view(profile, { filters })), canonicalTextOfProfile(profile));
    }),
  );
});

test('what functions have themselves is the total of the root, less what has no frame', () => {
  fc.assert(
    fc.property(profiles, views, (profile, drawn) => {
      const shown = applyView(profile, drawn, nothing);
      for (const type of shown.values.keys()) {
        const tree = callTreeOf(shown, type);
        const self = topOf(tree).rows.reduce((sum, row) => sum + BigInt(row.self), BigInt(tree.self[0] ?? 0));
        assert.equal(self, BigInt(tree.total[0] ?? 0));
        assert.equal(BigInt(tree.total[0] ?? 0), totals(shown)[type]);
      }
    }),
  );
});

test('a view of a view is the view, and keeps types, header and divisors', () => {
  fc.assert(
    fc.property(profiles, filters, fc.boolean(), (profile, given, collapseRecursion) => {
      const once = view(profile, { filters: given, collapseRecursion });
      // A second show_from would begin at what the first one uncovered inside of locations.
      const { show_from: _, ...again } = given;
      const { focus: __, ...hiding } = again;
      assert.equal(drawing(view(once, { filters: hiding, collapseRecursion })), drawing(once));
      assert.equal(once.header, profile.header);
      assert.equal(once.sampleTypes, profile.sampleTypes);
      assert.equal(once.divisors, profile.divisors);
    }),
  );
});

test('rows differ, and the tree holds nothing but their stacks', () => {
  fc.assert(
    fc.property(profiles, views, (profile, drawn) => {
      const { stacks } = applyView(profile, drawn, nothing);
      const rows = new Set(
        Array.from({ length: stacks.size }, (_, row) => `${stacks.leaf[row]} ${stacks.labelSet[row]}`),
      );
      assert.equal(rows.size, stacks.size);
      const nodes = new Set([0]);
      for (const leaf of stacks.leaf.subarray(0, stacks.size)) {
        for (let node = leaf; node !== 0; node = stacks.tree.parent[node] as number) nodes.add(node);
      }
      assert.equal(nodes.size, stacks.tree.size);
      for (let node = 1; node < stacks.tree.size; node++) assert.ok((stacks.tree.parent[node] as number) < node);
    }),
  );
});

test('collapsing recursion keeps the self of every function, and no stack has a function twice', () => {
  fc.assert(
    fc.property(profiles, (profile) => {
      const shown = view(profile, { collapseRecursion: true });
      const selfOf = (of: Profile): string[] =>
        topOf(callTreeOf(of, 0))
          .rows.filter((row) => BigInt(row.self) !== 0n)
          .map((row) => `${row.function} ${row.self}`)
          .sort();
      assert.deepEqual(selfOf(shown), selfOf(profile));
      const tree = callTreeOf(shown, 0);
      for (let leaf = 1; leaf < tree.size; leaf++) {
        const names: string[] = [];
        for (let node = leaf; node !== 0; node = tree.parent[node] as number)
          names.push(tree.names[tree.name[node] ?? 0] ?? '');
        assert.equal(new Set(names).size, names.length);
      }
    }),
  );
});
