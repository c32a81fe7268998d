import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Profile as PprofMessage } from 'pprof-format';
import type { Frame } from '../../src/model/frame.ts';
import { encodeProfile } from '../../src/pprof/encode.ts';
import { emptyHeader, type Profile } from '../../src/profile/profile.ts';
import { StackTableBuilder } from '../../src/profile/stack-table-builder.ts';
import { canonicalTextOfProfile } from '../support/canonical-text.ts';
import { anyProfile } from '../support/pprof-arbitrary.ts';
import { readProfile } from '../support/pprof-decode.ts';
import { frameOf, profileFromText, textOfProfile } from '../support/profile-from-text.ts';

test('decoding what was encoded gives the same profile', () => {
  fc.assert(
    fc.property(anyProfile(), (profile) => {
      const again = readProfile(encodeProfile(profile));
      assert.equal(canonicalTextOfProfile(again), canonicalTextOfProfile(profile));
      assert.deepEqual(again.header, profile.header);
      assert.deepEqual(again.sampleTypes, profile.sampleTypes);
    }),
    { numRuns: 200 },
  );
});

test('inlined functions go back into the location of their caller, innermost line first', () => {
  const inlined = (name: string): Frame => ({ ...frameOf(name), inlined: true });
  const profile = profileOfStacks(
    [frameOf('main'), inlined('f'), inlined('g'), frameOf('leaf')],
    [frameOf('main'), inlined('f')],
  );
  const written = PprofMessage.decode(encodeProfile(profile, { gzip: 'none' }));
  const names = written.location.map(({ line }) =>
    line.map(({ functionId }) => written.stringTable.strings[Number(written.function[Number(functionId) - 1]?.name)]),
  );
  assert.deepEqual(names, [['leaf'], ['g', 'f', 'main'], ['f', 'main']]);
  assert.deepEqual(
    written.sample.map(({ locationId }) => locationId),
    [[1, 2], [3]],
  );
});

test('every mapping has its symbols, the main binary is first, and there is always one with a name', () => {
  const shop = { file: '/app/shop', buildId: 'b1' };
  const vdso = { file: '', buildId: '' };
  const withMapping = profileOfStacks([
    { ...frameOf('a'), mapping: vdso },
    { ...frameOf('b'), mapping: shop },
  ]);
  assert.deepEqual(mappingsOf(withMapping), [
    ['/app/shop', true],
    ['', true],
  ]);
  assert.deepEqual(mappingsOf(profileFromText('main 1')), [['checkout', true]]);
});

test('a frame without symbols keeps its address and its file', () => {
  const address: Frame = {
    ...frameOf(''),
    function: undefined,
    address: 2n ** 63n + 5n,
    mapping: { file: '/lib/libc.so', buildId: 'x' },
  };
  const again = readProfile(encodeProfile(profileOfStacks([address])));
  assert.deepEqual(again.stacks.stack(0).frames, [address]);
});

test('averages are rounded so that the total is right', () => {
  const profile = profileFromText('a 1\nb 1\nc 1\nd 10', { divisors: [3] });
  assert.equal(textOfProfile(readProfile(encodeProfile(profile))), 'a 1\nd 3');
  const negative = profileFromText('a -1\nb -7', { divisors: [2] });
  assert.equal(textOfProfile(readProfile(encodeProfile(negative))), 'b -4');
  const big = profileFromText(`a ${2n ** 60n + 1n}\nb 2`, { divisors: [3] });
  assert.equal(textOfProfile(readProfile(encodeProfile(big))), `a ${(2n ** 60n + 2n) / 3n}`);
});

test('encoding may be stopped every few thousand rows, locations and kilobytes', () => {
  const profile = profileOfStacks(...Array.from({ length: 20_000 }, (_, i) => [frameOf(`f${i}`)]));
  let checks = 0;
  const whole = encodeProfile(profile, { check: () => void checks++ });
  assert.equal(readProfile(whole).stacks.size, 20_000);
  assert.ok(checks > 10, `${checks} checks`);
  for (let stopAt = 1; stopAt <= checks; stopAt++) {
    let left = stopAt;
    const check = (): void => {
      if (--left === 0) throw new Error('stopped');
    };
    assert.throws(() => encodeProfile(profile, { check }), /stopped/);
  }
});

test('functions of several trees are one where they say the same', () => {
  const { stacks, ...rest } = profileOfStacks([frameOf('main')], [frameOf('main'), frameOf('f')]);
  const { size, parent, frame, frameCount } = stacks.tree;
  const tree = { size, parent, frame, frameCount, frameAt: () => structuredClone(frameOf('main')) };
  const { leaf, labelSet, labelSets } = stacks;
  const profile = {
    ...rest,
    stacks: { tree, size: stacks.size, leaf, labelSet, labelSets, stack: (row: number) => stacks.stack(row) },
  };
  const written = PprofMessage.decode(encodeProfile(profile, { gzip: 'none' }));
  assert.deepEqual([written.location.length, written.function.length], [2, 1]);
});

function mappingsOf(profile: Profile): unknown[] {
  const written = PprofMessage.decode(encodeProfile(profile, { gzip: 'none', mainMapping: 'checkout' }));
  return written.mapping.map((mapping) => [
    written.stringTable.strings[Number(mapping.filename)],
    mapping.hasFunctions && mapping.hasFilenames && mapping.hasLineNumbers,
  ]);
}

function profileOfStacks(...stacks: readonly (readonly Frame[])[]): Profile {
  const table = new StackTableBuilder();
  for (const frames of stacks) table.intern({ frames, labels: [] });
  return {
    sampleTypes: [{ type: 'samples', unit: 'count' }],
    stacks: table,
    values: [new Float64Array(table.size).fill(1)],
    divisors: [1],
    header: emptyHeader,
  };
}
