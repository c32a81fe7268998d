import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { errorCatalogue } from '../../src/model/errors.ts';

test('docs/errors.md explains every code of the catalogue, with its status and in its order, and no other', async () => {
  const page = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^\| `(\w+)` \| (\d+) \| (.+) \| (.+) \|$/gm)];
  assert.deepEqual(
    documented.map(([, code, status]) => [code, Number(status)]),
    Object.entries(errorCatalogue),
  );
});
