import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { flameherd } from '../support/app-command.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;

test('a store that a later version wrote is refused at the start, left as it is, and named by the doctor', async (t) => {
  const folder = await temporaryFolder(t);
  const data = join(folder, 'data');
  const daemon = await startDaemon(data, ['--no-self']);
  assert.equal(await daemon.stop(), 0);
  const meta = new Database(join(data, 'meta.db'));
  meta.pragma('user_version = 99');
  meta.close();
  const { code, stderr } = await flameherd([
    'serve',
    '--data',
    data,
    '--listen',
    '127.0.0.1:0',
    '--ops-listen',
    '127.0.0.1:0',
  ]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /meta\.db has meta schema 99; this flameherd knows up to \d+\nhint: run the version of flameherd that wrote it, or a later one/,
  );
  await writeFile(join(folder, 'config.yml'), `data: ${data}\nhttp: { listen: 127.0.0.1:1 }\n`);
  const doctor = await flameherd(['doctor', '--config', join(folder, 'config.yml')]);
  assert.equal(doctor.code, 1);
  assert.match(doctor.stdout, /^✗ store +meta\.db has meta schema 99/m);
  const again = new Database(join(data, 'meta.db'), { readonly: true });
  assert.equal(again.pragma('user_version', { simple: true }), 99);
  again.close();
});

test('a folder of the store that cannot be made ends the start with a reason', async () => {
  const { code, stderr } = await flameherd([
    'serve',
    '--data',
    '/proc/nope/data',
    '--listen',
    '127.0.0.1:0',
    '--ops-listen',
    '127.0.0.1:0',
  ]);
  assert.equal(code, 1);
  assert.match(stderr, /\/proc\/nope cannot be made: .*\nhint: choose a folder/);
});

test('a folder that belongs to another user is told by the doctor with the fsGroup to set', async (t) => {
  const folder = await temporaryFolder(t);
  await chmod(folder, 0o755);
  const data = join(folder, 'data');
  await mkdir(data, { mode: 0o755 });
  await writeFile(join(folder, 'config.yml'), `data: ${data}\nhttp: { listen: 127.0.0.1:1 }\n`);
  const isRoot = process.getuid?.() === 0;
  if (!isRoot) await chmod(data, 0o555);
  const asOther = isRoot ? { uid: 65_534, gid: 65_534 } : {};
  const args = [main, 'doctor', '--config', join(folder, 'config.yml')];
  const failed = await promisify(execFile)(process.execPath, args, asOther).catch((error: { stdout: string }) => error);
  assert.match(
    failed.stdout,
    /^✗ disk +\S+data cannot be written to: .*\n +user \d+ may not write there: .*securityContext\.fsGroup: \d+/m,
  );
});
