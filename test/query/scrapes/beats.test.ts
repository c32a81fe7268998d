import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Beat, gapsIn, lateBy } from '../../../src/query/scrapes/beats.ts';

/** Beats of ten milliseconds each, at the places of `#`; a place is one millisecond. */
function beats(drawing: string, intervalMs = 10): Beat[] {
  return drawing.split('').flatMap((mark, atMs) => (mark === '#' ? [{ atMs, intervalMs }] : []));
}

const all = { fromMs: 0, toMs: 1000 };

for (const [what, drawing, gaps, window = all] of [
  ['none', '#         #         #', []],
  ['one', '#                   #', [[10, 20, 1]]],
  ['one that came a little late', '#                       #', [[10, 24, 1]]],
  ['three', '#                                       #', [[10, 40, 3]]],
  ['a late one, which is none', '#                #', []],
  ['those in the window only', '#                                       #', [[20, 30, 1]], { fromMs: 15, toMs: 30 }],
  ['none where the window has no beat', '#                   #', [], { fromMs: 11, toMs: 19 }],
] as const) {
  test(`missing: ${what}`, () => {
    assert.deepEqual(
      gapsIn(beats(drawing), window).map(({ fromMs, toMs, scrapes }) => [fromMs, toMs, scrapes]),
      gaps,
    );
  });
}

test('nothing is missing after what nothing was to come of soon', () => {
  assert.deepEqual(gapsIn(beats('#                                       #', 0), all), []);
});

for (const [what, drawing, late] of [
  ['on its beat', '#         #         #', [0, 0, 0]],
  ['late, and the next on its beat', '#             #     #', [0, 4, 0]],
  ['after one that was off the beat: the first of a process', '#             #         #         #', [0, 0, 0, 0]],
  ['late, and the last', '#         #             #', [0, 0, 4]],
  ['the last, after one of which nothing is known', '#             #', [0, 0]],
] as const) {
  test(`late: ${what}`, () => {
    const drawn = beats(drawing);
    assert.deepEqual(
      drawn.map((_, at) => lateBy(drawn, at)),
      late,
    );
  });
}
