import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { annotationKeys, kindKeys } from '../../src/discovery/annotation-keys.ts';
import { dialectNames, dialectPrefixes } from '../../src/discovery/dialects.ts';
import { maxPorts, pprofPortNames } from '../../src/discovery/port.ts';
import { maxKinds } from '../../src/discovery/profiles.ts';
import { knownKinds } from '../../src/model/profile-type.ts';
import { transports } from '../../src/model/target.ts';

const page = await readFile(new URL('../../docs/ANNOTATIONS.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)].map(([, key = '', rest = '']) => [key, rest] as const);

test('docs/ANNOTATIONS.md lists every key that is read, in the order of the code, and no other', () => {
  const keys = [...annotationKeys, ...kindKeys.map((key) => `<kind>.${key}`)];
  assert.deepEqual(
    rows.map(([key]) => key),
    keys,
  );
});

test('docs/ANNOTATIONS.md names every transport, kind, port name, bound and dialect', () => {
  const row = (key: string) => rows.find(([name]) => name === key)?.[1] ?? '';
  for (const transport of transports) assert.ok(row('transport').includes(`\`${transport}\``), transport);
  assert.ok(page.includes(`\`all\` is \`${knownKinds.join(',')}\``));
  assert.ok(row('port').includes(`at most ${maxPorts}.`) && row('profiles').includes(`at most ${maxKinds} `));
  for (const name of pprofPortNames) assert.ok(page.includes(`\`${name}\``), name);
  for (const name of dialectNames) assert.ok(page.includes(`\`${dialectPrefixes[name]}*\``), name);
});
