import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { relativeChange } from '../../../src/ui/flame/colours.ts';
import { svgOf } from '../../../src/ui/flame/export.ts';
import { lookOf } from '../../../src/ui/flame/look.ts';
import { type FlameModel, nodeAtPath, prepareFlame, searchFrames } from '../../../src/ui/flame/model.ts';
import { type Palette, paletteFrom } from '../../../src/ui/flame/palette.ts';
import { boxesOf } from '../../../src/ui/flame/scene.ts';
import { diffOf, graphOf } from './answers.ts';

const source = resolve(import.meta.dirname, '../../../src/ui');
const formatValue = String;

/** The variables of a theme as the browser would have them, from the style sheets. */
function paletteOf(theme: 'light' | 'dark'): Palette {
  const css = ['style/theme.css', 'flame/flame.css']
    .map((file) => readFileSync(resolve(source, file), 'utf8'))
    .join('\n');
  const variables = new Map<string, string>();
  for (const block of theme === 'light' ? ['light'] : ['light', 'dark']) {
    for (const [, body = ''] of css.matchAll(new RegExp(`\\[data-theme="${block}"\\] \\{([^}]*)\\}`, 'g'))) {
      for (const [, name = '', value = ''] of body.matchAll(/(--[\w-]+): ([^;]+);/g)) variables.set(name, value);
    }
  }
  const valueOf = (name: string): string => {
    const value = variables.get(name) ?? '';
    return variables.get(/^var\((.*)\)$/.exec(value)?.[1] ?? '') ?? value;
  };
  return paletteFrom(valueOf, 'sans-serif');
}

function luminance(colour: string): number {
  assert.match(colour, /^#[0-9a-f]{6}$/);
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function paints(model: FlameModel, palette: Palette, options: Partial<Parameters<typeof lookOf>[2]> = {}) {
  const look = lookOf(model, palette, {
    colours: 'package',
    matches: undefined,
    unsure: undefined,
    formatValue,
    ...options,
  });
  const boxes = Array.from({ length: model.levels }, (_, level) =>
    boxesOf(model, level, { start: 0, end: 1, pixels: 1e6 }),
  ).flat();
  return boxes.map((box) => ({ ...look.paintOf(box), name: model.names[model.name[box.node] ?? 0] ?? '' }));
}

for (const theme of ['light', 'dark'] as const) {
  test(`text on every colour of the ${theme} theme has a contrast of 4.5`, () => {
    const palette = paletteOf(theme);
    const packages = Array.from({ length: 2000 }, (_, at) => `example.com/team${at}/p${at * 7}.f 1`);
    const changes = Array.from({ length: 200 }, (_, at) => `f${at} ${at} ${200 - at}`);
    const drawn = [
      ...paints(prepareFlame(graphOf(`${packages.join('\n')}\nruntime.gc 1`)), palette),
      ...paints(prepareFlame(diffOf(changes.join('\n'))), palette, { colours: 'diff' }),
      { fill: palette.match, ink: palette.matchInk },
      { fill: palette.dim, ink: palette.dimInk },
    ];
    assert.ok(new Set(drawn.map(({ fill }) => fill)).size > 300);
    for (const { fill, ink } of drawn)
      assert.ok(contrast(fill, ink) >= 4.5, `${ink} on ${fill}: ${contrast(fill, ink).toFixed(2)}`);
  });
}

test('a package has one colour, other packages of its module similar ones', () => {
  const [a, b, other] = ['x.com/m/n/p.f', 'x.com/m/n/p.g', 'x.com/m/n/q.f'].map(
    (name) => paints(prepareFlame(graphOf(`${name} 1`)), paletteOf('light')).at(-1)?.fill,
  );
  assert.equal(a, b);
  assert.notEqual(a, other);
});

test('what grew is orange, what shrank is blue, what stayed or is not sure is grey', () => {
  const palette = paletteOf('light');
  const model = prepareFlame(diffOf('more 30 10\nless 10 30\nsame 50 50\nmaybe 10 10.5\nunsure 30 10\nrest 70 89.5'));
  const unsure = Uint8Array.from(model.names, (name) => Number(name === 'unsure'));
  const fills = new Map(paints(model, palette, { colours: 'diff', unsure }).map((paint) => [paint.name, paint]));
  const channels = (name: string): number[] =>
    [1, 3, 5].map((at) => Number.parseInt(fills.get(name)?.fill.slice(at, at + 2) ?? '', 16));
  const [moreRed = 0, , moreBlue = 0] = channels('more');
  const [lessRed = 0, , lessBlue = 0] = channels('less');
  assert.ok(moreRed > moreBlue + 60 && lessBlue > lessRed + 60);
  assert.equal(fills.get('same')?.fill, palette.neutral);
  assert.deepEqual([fills.get('unsure')?.fill, fills.get('unsure')?.isHatched], [palette.neutral, true]);
  assert.equal(fills.get('more')?.isHatched, false);
});

test('a change is seen beside the frame itself, whatever the totals of the sides are', () => {
  const model = prepareFlame(diffOf('twice 20 100\nsame 80 900\nnew 0 0'));
  assert.ok(Math.abs(relativeChange(model, nodeAtPath(model, ['twice'])) - 1 / 3) < 1e-9);
});

test('matches of a search stand out, runs by how many of their frames match, the rest steps back', () => {
  const palette = paletteOf('light');
  const model = prepareFlame(
    graphOf(`wide 900\nscan 90\n${Array.from({ length: 10 }, (_, at) => `f${at} 1`).join('\n')}`),
  );
  const look = (search: string) =>
    lookOf(model, palette, {
      colours: 'package',
      matches: searchFrames(model, search).names,
      unsure: undefined,
      formatValue,
    });
  const fills = (search: string, pixels = 900): string[] =>
    boxesOf(model, 1, { start: 0, end: 1, pixels }).map((box) => look(search).paintOf(box).fill);
  assert.deepEqual(fills('scan'), [palette.dim, palette.match, palette.merged]);
  assert.deepEqual(fills('f'), [palette.dim, palette.dim, palette.match]);
  const [, , one = ''] = fills('f7');
  assert.notEqual(one, palette.match, 'one of ten is not drawn as if all were found');
  assert.notEqual(one, palette.merged);
  assert.deepEqual(fills('f7', 100), [palette.dim, palette.dim, palette.match], 'a line that is thin stands out');
});

test('an SVG has what a box is as its title, with names as text', () => {
  const model = prepareFlame(graphOf('std::vec<"T&">\u0001 3\nidle 1'));
  const look = lookOf(model, paletteOf('light'), {
    colours: 'package',
    matches: undefined,
    unsure: undefined,
    formatValue,
  });
  const svg = svgOf({
    look,
    isInverted: false,
    range: { start: 0, end: 1, pixels: 400 },
    measure: (text) => 6 * text.length,
    about: { model, formatValue },
  });
  assert.match(svg, /^<svg xmlns=/);
  assert.match(svg, /<title>std::vec&#60;&#34;T&#38;&#34;&#62;\ufffd\ntotal 3 \(75 %\)/);
  assert.equal(svg.match(/<g>/g)?.length, 3);
  assert.doesNotMatch(svg, /<script|<"T/);
});
