import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { flameherd } from '../support/app-command.ts';
import { fillFixture } from '../support/store-compatibility.ts';
import { writerOn } from '../support/store-dirs.ts';

/** `flameherd store …` on files, as an operator calls it. */

const parent = mkdtempSync(join(tmpdir(), 'flameherd-store-command-'));
const data = join(parent, 'data');

before(async () => {
  await using writer = writerOn(data);
  fillFixture(writer);
});
after(() => rmSync(parent, { recursive: true, force: true }));

test('store compact turns hours into chunks, once; store stat shows what there is', async () => {
  const compacted = await flameherd(['store', 'compact', '--data', data]);
  assert.deepEqual([compacted.stderr, compacted.code], ['', 0]);
  assert.match(
    compacted.stdout,
    /^219 profiles of 3 hours compacted, [\d.]+ KiB → [\d.]+ KiB\n3 hours and 1 days rolled up\n$/,
  );
  const again = await flameherd(['store', 'compact', '--data', data]);
  assert.match(again.stdout, /^0 profiles of 0 hours compacted/);

  const stat = await flameherd(['store', 'stat', '--data', data]);
  assert.match(stat.stdout, /detail-20260731\.db +open +[\d.]+ KiB +\d+ +2026-07-31T00Z \+ 24h/);
  assert.match(stat.stdout, /waiting +0 hours to compact, 0 chunks to restate, 0 hours and 0 days to roll up/);
  assert.doesNotMatch(stat.stdout, /head-/);
  const json = JSON.parse((await flameherd(['store', 'stat', '--json', '--data', data])).stdout) as { series: number };
  assert.equal(json.series, 11);
});

test('store backup makes a store of its own, and takes no folder that exists', async () => {
  const copy = join(parent, 'copy');
  const made = await flameherd(['store', 'backup', '--data', data, copy]);
  assert.deepEqual([made.stderr, made.code], ['', 0]);
  assert.ok(existsSync(join(copy, 'meta.db')));
  const verified = await flameherd(['store', 'verify', '--data', copy]);
  assert.match(verified.stdout, /✓ detail-20260731\.db +\d+ read\n/);
  assert.match(verified.stdout, /\nNothing is damaged\.\n$/);
  const refused = await flameherd(['store', 'backup', '--data', data, copy]);
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /copy exists; a backup makes a folder of its own\nhint: name a folder that does not exist yet/,
  );
});

test('store verify names the file and the hour that are damaged, and exits with 1', async () => {
  const copy = join(parent, 'damaged');
  await flameherd(['store', 'backup', '--data', data, copy]);
  const file = join(copy, readdirSync(copy).find((name) => /^detail-.*\.db$/.test(name)) ?? '');
  const bytes = readFileSync(file);
  bytes.fill(0x55, bytes.length - 4096);
  writeFileSync(file, bytes);
  const { code, stdout } = await flameherd(['store', 'verify', '--data', copy]);
  assert.equal(code, 1);
  assert.match(stdout, /✗ detail-20260731\.db/);
  assert.match(stdout, /\n\d+ damaged\.\n$/);
});

test('while a collector has the store, compact says who has it; stat, verify and backup work', async () => {
  await using _writer = writerOn(data);
  const refused = await flameherd(['store', 'compact', '--data', data]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /another flameherd is writing to .*\nhint: stop it/);
  for (const command of [['stat'], ['verify'], ['backup', join(parent, 'live-copy')]]) {
    const { code, stderr } = await flameherd(['store', ...command, '--data', data]);
    assert.deepEqual([stderr, code], ['', 0], command[0]);
  }
});

test('without a store each says so', async () => {
  for (const command of [['stat'], ['verify'], ['backup', join(parent, 'nothing-copy')]]) {
    const { code, stderr } = await flameherd(['store', ...command, '--data', join(parent, 'nothing')]);
    assert.equal(code, 1);
    assert.match(stderr, /nothing holds no store: there is no meta\.db\nhint: /, command[0]);
  }
});
