import assert from 'node:assert/strict';
import { test } from 'node:test';
import { granularities, plainView, type View, type ViewFilter, viewFilters } from '../../../src/model/view.ts';
import type { Profile } from '../../../src/profile/profile.ts';
import { StackTableBuilder } from '../../../src/profile/stack-table-builder.ts';
import { applyView } from '../../../src/profile/view/apply-view.ts';
import { drawing, drawnFrame, drawnProfile } from '../../support/view-drawing.ts';

const everything: View = {
  filters: { focus: 'f', ignore: 'no such', hide: 'h', show: 'f|g|h', show_from: 'f', tagignore: 'no such' },
  presets: ['runtime', 'libc'],
  granularity: 'lines',
  collapseRecursion: true,
};

function refusal(name: ViewFilter, expression: string): { code: string; message: string } {
  try {
    applyView(drawnProfile('main 1'), { ...plainView, filters: { [name]: expression } }, () => {});
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message };
  }
  throw new Error(`${name}=${expression} was taken`);
}

for (const name of viewFilters) {
  test(`${name} that is no expression is told with its name, the value and why`, () => {
    assert.deepEqual(refusal(name, 'a('), {
      code: 'bad_parameter',
      message: `${name}: "a(" is no RE2 expression: error parsing regexp: missing closing ): \`a(\``,
    });
  });
}

test('look-ahead and back-references are none of RE2', () => {
  assert.match(refusal('focus', 'a(?=b)').message, /^focus: "a\(\?=b\)" is no RE2 expression: /);
  assert.match(refusal('hide', String.raw`(a)\1`).message, /is no RE2 expression: /);
});

test('an expression may be 1,024 characters long', () => {
  applyView(drawnProfile('main 1'), { ...plainView, filters: { hide: 'a'.repeat(1024) } }, () => {});
  assert.deepEqual(refusal('hide', 'a'.repeat(1025)), {
    code: 'bad_parameter',
    message: `hide: "${'a'.repeat(80)}…" has 1025 characters; at most 1024 are allowed`,
  });
});

test('a short expression with a large program is refused', () => {
  assert.match(
    refusal('show', '[a-z]{1000}'.repeat(5)).message,
    /compiles to \d+ instructions; at most 4096 are allowed$/,
  );
});

test('a bad part of a tag list, and a number that no label can hold, are refused', () => {
  assert.match(refusal('tagfocus', 'key=a,(b').message, /^tagfocus: "\(b" is no RE2 expression/);
  assert.match(refusal('tagignore', '9223372036854775808:').message, /^tagignore: 9223372036854775808 is beyond/);
});

test('an expression that takes back-tracking for ever takes no time here', () => {
  const profile = drawnProfile(`${'a'.repeat(50_000)}! 1`);
  const shown = applyView(profile, { ...plainView, filters: { ignore: '(a*)*b|(a|aa)+$x' } }, () => {});
  assert.equal(shown.stacks.size, 1);
});

test('an empty expression is no filter', () => {
  const profile = drawnProfile('main 1');
  const filters = Object.fromEntries(viewFilters.map((name) => [name, '']));
  assert.equal(drawing(applyView(profile, { ...plainView, filters }, () => {})), 'main 1');
});

test('stacks of 200,000 frames pass every step', () => {
  const frames = Array.from({ length: 200_002 }, (_, i) => ['f@f.go', 'g@g.go', 'h@h.go', '^f@f.go'][i % 4]);
  const deep = drawnProfile(`${frames.join(';')} 3`, { dropFrames: 'nothing' });
  assert.equal(drawing(applyView(deep, everything, () => {})), 'f f.go;g g.go 3');
});

test('work that is not wanted any more stops in every step', () => {
  const wide = wideProfile(10_000);
  let checks = 0;
  applyView(wide, everything, () => checks++);
  assert.ok(checks > 20, `${checks} checks`);
  for (let stopAt = 1; stopAt < checks; stopAt += Math.ceil(checks / 6)) {
    let left = stopAt;
    const stop = (): void => {
      if (--left === 0) throw new Error('stopped');
    };
    assert.throws(() => applyView(wide, everything, stop), /stopped/);
  }
});

const repeated = (text: string): string => text.repeat(Math.ceil(300_000 / text.length));

/** None would end if something took a time that grows with the square of a name. */
const hostileNames = [
  `f!libpython3${repeated('.so')}?`,
  `f!libc${repeated('.so.1')}?`,
  `f!${repeated('/')}x`,
  `f@${repeated('/src/runtime/')}x`,
  `f@gems/${repeated('-1')}.rb`,
  `f@${repeated('.a')}_`,
  `f@${repeated('node_modules/')}`,
  `f@site-packages/${repeated('.py')}`,
  `${repeated('(')}\n@f.java`,
  `${repeated('a.')}-`,
  `${repeated('a/')}-`,
  `${repeated('<')}-@f.rs`,
  `${repeated('operator()')}x`,
  `${repeated('runtime/')}x`,
];

test('names of any make take a time that grows with their length', () => {
  const stacks = new StackTableBuilder();
  for (const name of hostileNames) stacks.intern({ frames: [drawnFrame('main'), drawnFrame(name)], labels: [] });
  const values = [new Float64Array(stacks.size).fill(1)];
  const dropping = drawnProfile('main 1', { dropFrames: 'nothing|(a|b)*c' });
  const profile = { ...dropping, stacks, values };
  for (const granularity of granularities) {
    const shown = applyView(profile, { ...everything, filters: { hide: '(a*)*$x' }, granularity }, () => {});
    assert.ok(shown.stacks.size > 0);
  }
});

function wideProfile(stacks: number): Profile {
  const lines = Array.from({ length: stacks }, (_, i) => `f;g${i};h;f${i} ${i}`);
  return drawnProfile(lines.join('\n'), { dropFrames: 'nothing' });
}
