import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseTokens, TokenFile } from '../../src/auth/token-file.ts';

const alice = 'alice-0123456789abcdef';
const bob = 'bob-0123456789abcdef';

async function tokenFile(t: TestContext, text: string) {
  const directory = await mkdtemp(join(tmpdir(), 'flameherd-tokens-'));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, 'tokens');
  await writeFile(path, text);
  const clock = { ms: 0 };
  const warnings: string[] = [];
  const log = { warn: (message: string) => void warnings.push(message), error: () => {} };
  return { directory, path, clock, warnings, open: () => TokenFile.open(path, () => clock.ms, log) };
}

test('a line is a role, a token and perhaps a name', () => {
  const tokens = parseTokens(`# people\n\nadmin:${alice}   Alice B.\r\n  read:${bob}\n`);
  assert.deepEqual(
    tokens.map(({ role, name }) => ({ role, name })),
    [
      { role: 'admin', name: 'Alice B.' },
      { role: 'read', name: '' },
    ],
  );
});

for (const [text, message] of [
  ['', 'it holds no token'],
  ['# nothing\n', 'it holds no token'],
  [`admin:${alice}\nwrite:${bob}`, 'line 2 is not ROLE:TOKEN'],
  [`admin: ${alice}`, 'line 1 is not ROLE:TOKEN'],
  ['read:short', 'line 1: the token is shorter than 16'],
] as const) {
  test(`refused: ${JSON.stringify(text)}`, () => assert.throws(() => parseTokens(text), { message }));
}

test('a file that is missing or bad is refused at the start, by its path', async (t) => {
  const file = await tokenFile(t, 'read:short');
  await assert.rejects(file.open(), {
    code: 'bad_config',
    message: /^auth\.tokenFile .*tokens: line 1: the token is shorter/,
  });
  await rm(file.path);
  await assert.rejects(file.open(), { code: 'bad_config', message: /ENOENT/ });
});

test('each token has its role, and anything else has none', async (t) => {
  const tokens = await (await tokenFile(t, `admin:${alice}\nread:${bob}`)).open();
  assert.equal((await tokens.find(alice))?.role, 'admin');
  assert.equal((await tokens.find(bob))?.role, 'read');
  for (const other of ['', 'admin', alice.slice(1), `${alice} `, `admin:${alice}`]) {
    assert.equal(await tokens.find(other), undefined, other);
  }
});

test('a change counts from the next look on, at most a second later', async (t) => {
  const file = await tokenFile(t, `read:${alice}`);
  const tokens = await file.open();
  await writeFile(file.path, `admin:${alice}\nread:${bob}\n`);
  file.clock.ms = 999;
  assert.equal(await tokens.find(bob), undefined);
  file.clock.ms = 1000;
  assert.equal((await tokens.find(bob))?.role, 'read');
  assert.equal((await tokens.find(alice))?.role, 'admin');
});

test('a mounted Secret that is swapped by a symlink is seen', async (t) => {
  const file = await tokenFile(t, `read:${alice}`);
  const next = join(file.directory, 'next');
  await writeFile(next, `read:${bob}\n`);
  const tokens = await file.open();
  await symlink(next, join(file.directory, 'link'));
  await rename(join(file.directory, 'link'), file.path);
  file.clock.ms = 5000;
  assert.equal((await tokens.find(bob))?.role, 'read');
  assert.equal(await tokens.find(alice), undefined);
});

test('a file that went bad or away changes nothing, is told once, and counts again when it is whole', async (t) => {
  const file = await tokenFile(t, `read:${alice}`);
  const tokens = await file.open();
  await writeFile(file.path, `root:${bob}`);
  for (file.clock.ms = 1000; file.clock.ms <= 3000; file.clock.ms += 1000) {
    assert.equal((await tokens.find(alice))?.role, 'read');
  }
  assert.match(tokens.problem ?? '', /line 1 is not ROLE:TOKEN/);
  assert.equal(file.warnings.length, 1);
  await rm(file.path);
  file.clock.ms = 10_000;
  assert.equal((await tokens.find(alice))?.role, 'read');
  await writeFile(file.path, `read:${bob}`);
  file.clock.ms = 20_000;
  assert.equal((await tokens.find(bob))?.role, 'read');
  assert.equal(await tokens.find(alice), undefined);
  assert.equal(tokens.problem, undefined);
});
