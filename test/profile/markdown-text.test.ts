import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { cleanText } from '../../src/model/clean-text.ts';
import { markdownCell, markdownName, markdownTable } from '../../src/profile/markdown-text.ts';

test('a name stands in a code span that nothing in it can end', () => {
  assert.equal(markdownName('net/http.(*conn).serve'), '`net/http.(*conn).serve`');
  assert.equal(markdownName('a`b'), '``a`b``');
  assert.equal(markdownName('`raw`'), '`` `raw` ``');
  assert.equal(markdownName('a``b`'), '``` a``b` ```');
  assert.equal(markdownName('<img src=x onerror=alert(1)> @team #12'), '`<img src=x onerror=alert(1)> @team #12`');
});

test('line ends and what turns text around are spaces, long names are cut, and no name is empty', () => {
  assert.equal(markdownName('a\n\n# heading\r\u202Eb\u0000'), '`a # heading b`');
  assert.equal(markdownName(' \n'), '`?`');
  assert.equal(markdownName('x'.repeat(240)), `\`${'x'.repeat(240)}\``);
  assert.equal(markdownName('é'.repeat(200)), `\`${'é'.repeat(120)}…\``);
});

test('a | stays in its cell', () => {
  assert.equal(markdownCell('a|b'), '`a\\|b`');
  assert.equal(
    markdownTable(['-self', 'function'], [['1 s', markdownCell('map[string]interface {}')]]),
    '| self | function |\n| ---: | --- |\n| 1 s | `map[string]interface {}` |\n',
  );
});

test('whatever the names, a row has its cells and each shows its name', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '|', '\\', '`', '\n', '<', ' ', '*', 'é', '😀') });
  const property = fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (names) => {
    const lines = markdownTable(
      names.map(() => 'name'),
      [names.map(markdownCell)],
    ).split('\n');
    assert.equal(lines.length, 4);
    const cells = cellsOf(lines[2] ?? '');
    assert.deepEqual(cells.map(shownIn), names.map(shownName));
  });
  fc.assert(property);
});

/** As GitHub cuts a row: `\` and what follows belong together, and then `\|` is `|`. */
function cellsOf(line: string): string[] {
  const cells = [...line.matchAll(/\|((?:\\.|[^|\\])*)(?=\|)/g)].map(([, cell = '']) => cell);
  return cells.map((cell) => cell.trim().replaceAll('\\|', '|'));
}

/** The text of a cell that is one code span. */
function shownIn(cell: string): string {
  const [, fence = '', inner = ''] = /^(`+)([^]*?[^`])\1$/.exec(cell) ?? [];
  assert.ok(fence !== '' && !new RegExp(`(?<!\`)${fence}(?!\`)`).test(inner), cell);
  const isPadded = inner.startsWith(' ') && inner.endsWith(' ') && inner.trim() !== '';
  return oneBackslash(isPadded ? inner.slice(1, -1) : inner);
}

function shownName(name: string): string {
  return oneBackslash(cleanText(name, 240) || '?');
}

/** Before a `|` there may be one `\` more than in the name. */
function oneBackslash(text: string): string {
  return text.replaceAll(/\\+\|/g, '\\|');
}
