import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/testing-kubernetes.md', root), 'utf8');
const starred = new Set([...range(1, 17), 25, 31, 33, 35, 36, 37, 38]);

interface Case {
  readonly number: number;
  readonly star: boolean;
  readonly tests: readonly { readonly file: string; readonly name: string }[];
}

const cases = page
  .split(/^### /m)
  .slice(1)
  .map((text): Case => {
    const [, number = '', star = ''] = /^C(\d+)(\*?) /.exec(text) ?? assert.fail(text.slice(0, 60));
    const tests = [...text.matchAll(/^- (test\/\S+): (.+)$/gm)].map(([, file = '', name = '']) => ({ file, name }));
    return { number: Number(number), star: star === '*', tests };
  });

test('docs/testing-kubernetes.md has each of the 38 cases once, in order, with its star', () => {
  assert.deepEqual(
    cases.map(({ number }) => number),
    range(1, 38),
  );
  assert.deepEqual(new Set(cases.filter(({ star }) => star).map(({ number }) => number)), starred);
});

test('each case has a test, and each with a star has one that npm test runs', () => {
  for (const { number, star, tests } of cases) {
    const counting = star ? tests.filter(({ file }) => file.endsWith('.test.ts')) : tests;
    assert.ok(counting.length > 0, `C${number} has no test`);
  }
});

test('every test that docs/testing-kubernetes.md names is in the file that it names', () => {
  const missing = cases.flatMap(({ number, tests }) =>
    tests.filter(({ file, name }) => !has(file, name)).map(({ file, name }) => `C${number}: ${file}: ${name}`),
  );
  assert.deepEqual(missing, []);
});

test('a name that no test has, or a template is not filled with, is seen', () => {
  const file = 'test/kubernetes/reflector-faults.test.ts';
  assert.ok(has(file, 'a Retry-After is waited for'));
  assert.ok(has(file, 'the copy equals the server again after a watch that falls silent (watch-list served)'));
  assert.ok(!has(file, 'the copy equals the server again after a watch that sings (watch-list served)'));
  assert.ok(!has(file, 'a Retry-After is waited'));
  assert.ok(!has('test/kubernetes/nothing.test.ts', 'anything'));
});

/** Whether the file has a test of this name; where the name is a template, what fills it must stand in the file too. */
function has(file: string, name: string): boolean {
  const source = sourceOf(file);
  const titles = source.matchAll(/\btest\(\s*(?:'((?:[^'\\]|\\.)+)'|"((?:[^"\\]|\\.)+)"|`((?:[^`\\]|\\.)+)`)/g);
  return [...titles].some(([, single, double, template]) => {
    if (template === undefined) return unescaped(single ?? double ?? '') === name;
    const pattern = template.split(/\$\{[^}]*\}/).map((part) => unescaped(part).replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const filled = new RegExp(`^${pattern.join('(.+)')}$`).exec(name)?.slice(1);
    return filled?.every((text) => /^\d+$/.test(text) || source.includes(text.replace(/^"|"$/g, ''))) ?? false;
  });
}

function sourceOf(file: string): string {
  try {
    return readFileSync(new URL(file, root), 'utf8');
  } catch {
    return '';
  }
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
