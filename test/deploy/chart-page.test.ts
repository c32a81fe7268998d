import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isMap, isScalar, parseDocument } from 'yaml';
import { chartFolder } from '../support/chart.ts';
import { assertGeneratedPart } from '../support/golden.ts';

interface Value {
  readonly path: string;
  readonly fallback: unknown;
  readonly comment: string;
}

/** The values that have a comment, in the order of the file. */
function documented(): readonly Value[] {
  const document = parseDocument(readFileSync(join(chartFolder, 'values.yaml'), 'utf8'));
  const below = (node: unknown, path: readonly string[], firstComment = ''): Value[] => {
    if (!isMap(node)) return [];
    return node.items.flatMap(({ key, value }, i) => {
      if (!isScalar(key)) return [];
      // The comment of the first key of a block is that of the block.
      const comment = key.commentBefore ?? (i === 0 ? (node.commentBefore ?? firstComment) : '');
      const here = [...path, String(key.value)];
      const js = document.getIn(here, false);
      const fallback: unknown = isMap(value) || typeof js === 'object' ? JSON.parse(JSON.stringify(js)) : js;
      const own = comment === '' ? [] : [{ path: here.join('.'), fallback, comment }];
      return [...own, ...below(value, here)];
    });
  };
  return below(document.contents, []);
}

test('docs/HELM.md lists every value of the chart with its default and meaning', () => {
  const values = documented();
  assert.ok(values.length > 90, `${values.length} values have comments`);
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const rows = values.map(({ path, fallback, comment }) => {
    const meaning = comment
      .split('\n')
      .map((line) => line.trim())
      .join(' ');
    const shown = fallback === '' ? '(empty)' : typeof fallback === 'string' ? fallback : JSON.stringify(fallback);
    return `| \`${path}\` | \`${cell(shown)}\` | ${cell(meaning)} |\n`;
  });
  const page = new URL('../../docs/HELM.md', import.meta.url);
  assertGeneratedPart(page, 'values', `| value | default | meaning |\n|---|---|---|\n${rows.join('')}`);
});
