import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * The part of a page between `<!-- NAME -->` and `<!-- /NAME -->` equals `expected`; with UPDATE_GOLDEN=1 it is written
 * instead.
 */
export function assertGeneratedPart(page: URL, name: string, expected: string): void {
  const text = readFileSync(page, 'utf8');
  const part = new RegExp(`(<!-- ${name} -->\n)([\\s\\S]*?)(<!-- /${name} -->)`);
  assert.match(text, part, `${page.pathname} has no part ${name}`);
  if (process.env['UPDATE_GOLDEN'])
    writeFileSync(
      page,
      text.replace(part, (_, open, __, close) => `${open}${expected}${close}`),
    );
  else
    assert.equal(part.exec(text)?.[2], expected, `${page.pathname}: run npm run test:update and read the difference`);
}
