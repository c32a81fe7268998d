import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { storeDir } from '../../support/store-dirs.ts';

/** A mount of its own needs no rights where user namespaces are allowed: a real disk that is full, or read-only. */
const ownMount = ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=4m none "$0" && exec "$@"'];
const canMount = spawnSync('unshare', [...ownMount, storeDir(), 'true']).status === 0;
const skip = canMount ? false : 'this machine allows no mount in a namespace of its own';

function runOnMount(script: string): void {
  const mount = storeDir();
  const child = fileURLToPath(new URL(script, import.meta.url));
  const { status, stdout, stderr } = spawnSync('unshare', [...ownMount, mount, process.execPath, child, mount], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: 'done\n', stderr: '' });
}

test(
  'a disk that is really full: nothing acknowledged is lost, reading goes on, compaction waits, all resumes by itself',
  {
    skip,
  },
  () => runOnMount('disk-full-child.ts'),
);

test('a disk that is read-only at the start: refused, with the reason', { skip }, () =>
  runOnMount('read-only-child.ts'),
);

test('a folder that cannot be written any more: nothing is stored and the reason is said, reading goes on, storing resumes by itself', () => {
  const dir = storeDir();
  const child = fileURLToPath(new URL('unwritable-child.ts', import.meta.url));
  const nobody = 65_534;
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(dir, nobody, nobody);
  const rights = isRoot ? { uid: nobody, gid: nobody } : {};
  const { status, stdout, stderr } = spawnSync(process.execPath, [child, dir], { encoding: 'utf8', ...rights });
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: 'done\n', stderr: '' });
});
