import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { configKeys } from '../../src/config/keys.ts';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'SECURITY.md'), 'utf8');
const quoted = [...text.matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name);

test('the threat model names code and tests that are there', () => {
  const files = quoted.filter((name) => /^\.?(src|test|deploy|github)\//.test(name));
  assert.ok(files.length > 30, `only ${files.length} are named`);
  assert.deepEqual(
    files.filter((name) => !existsSync(join(root, name))),
    [],
  );
});

test('the threat model names keys of the configuration that are there', () => {
  const sections = new Set(configKeys.map(({ path }) => path.split('.')[0]));
  const keys = quoted.filter((name) => sections.has(name.split('.')[0] ?? '') && /^\w+(\.\w+)+$/.test(name));
  assert.ok(keys.length > 15, `only ${keys.length} are named`);
  const known = configKeys.map(({ path }) => path);
  assert.deepEqual(
    keys.filter((key) => !known.some((path) => path === key || path.startsWith(`${key}.`))),
    [],
  );
});
