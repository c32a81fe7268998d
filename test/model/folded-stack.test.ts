import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { foldedStack, parseFoldedStack } from '../../src/model/folded-stack.ts';

test('a stack is its names joined by ;, with \\ before what would end a name', () => {
  assert.equal(foldedStack(['main', 'serve', 'query']), 'main;serve;query');
  assert.equal(foldedStack(['a;b', String.raw`c\d`, 'e\nf\r']), String.raw`a\;b;c\\d;e\nf\r`);
});

test('a folded stack is read back to the same names, whatever is in them', () => {
  const name = fc.string({ unit: fc.constantFrom('a', ';', '\\', '\n', '\r', 'n', 'é', '𝛼') });
  fc.assert(
    fc.property(fc.array(name, { minLength: 1 }), (names) => {
      assert.deepEqual(parseFoldedStack('root', foldedStack(names)), names);
    }),
  );
});

for (const [text, said] of [
  [String.raw`main;a\b`, String.raw`root: "\\b" at character 7 means nothing`],
  ['main\\', String.raw`root: "\\" at character 5 means nothing`],
] as const) {
  test(`${JSON.stringify(text)} is no stack`, () => {
    assert.throws(() => parseFoldedStack('root', text), { code: 'bad_parameter', message: said });
  });
}

test('what a terminal takes for a command, or for another direction of writing, is written out, and read back', () => {
  const names = ['a\u001b[2Jb', '\u202egnp\u2028', '\\u001b', '\t;\n'];
  const text = foldedStack(names);
  assert.equal(text, String.raw`a\u001b[2Jb;\u202egnp\u2028;\\u001b;\u0009\;\n`);
  assert.deepEqual(parseFoldedStack('root', text), names);
});
