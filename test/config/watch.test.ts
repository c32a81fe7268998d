import assert from 'node:assert/strict';
import { mkdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ConfigWatch } from '../../src/config/watch.ts';
import { eventually, temporaryFolder } from '../support/daemon.ts';

/** A watch of `file` that keeps what it read at each change. */
async function watching(t: TestContext, file: string) {
  const read: string[] = [];
  let missing = 0;
  const watch = new ConfigWatch({ file, everyMs: 15, settleMs: 5 });
  await watch.mark();
  watch.start(
    async () => read.push(await readFile(file, 'utf8')),
    () => missing++,
  );
  t.after(async () => {
    watch[Symbol.dispose]();
    await watch.idle();
  });
  return {
    watch,
    read,
    missing: () => missing,
    /** What came until this text, which is written last, has been told of. */
    until: (text: string) => eventually(async () => read.at(-1) === text && [...read], 5_000, `change to ${text}`),
  };
}

test('a file that is written anew or replaced by a rename is one change each', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'flameherd.yml');
  await writeFile(file, 'one');
  const { until } = await watching(t, file);
  await writeFile(file, 'two');
  assert.deepEqual(await until('two'), ['two']);
  await writeFile(`${file}.new`, 'three');
  await rename(`${file}.new`, file);
  assert.deepEqual(await until('three'), ['two', 'three']);
});

test('a ConfigMap changes by a symlink two steps away, as the kubelet does it', async (t) => {
  const folder = await temporaryFolder(t);
  const swap = async (name: string, text: string) => {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'config.yaml'), text);
    await symlink(name, join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  await swap('..2026_11_23_07', 'one');
  await symlink(join('..data', 'config.yaml'), join(folder, 'config.yaml'));
  const { until } = await watching(t, join(folder, 'config.yaml'));
  await swap('..2026_11_23_08', 'two');
  await rm(join(folder, '..2026_11_23_07'), { recursive: true });
  assert.deepEqual(await until('two'), ['two']);
});

test('a file that vanishes is no change, told once when it stays away, and its return with other content is one', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'flameherd.yml');
  await writeFile(file, 'one');
  const { until, missing, read } = await watching(t, file);
  await rename(file, `${file}.away`);
  await eventually(async () => missing() === 1, 5_000, 'word of the missing file');
  assert.deepEqual(read, []);
  await writeFile(file, 'two');
  assert.deepEqual(await until('two'), ['two']);
  assert.equal(missing(), 1);
});

test('what is read by another way is no news: a mark before it says so', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'flameherd.yml');
  await writeFile(file, 'one');
  const watch = new ConfigWatch({ file, everyMs: 15, settleMs: 5 });
  await watch.mark();
  await writeFile(file, 'two');
  await watch.mark();
  const read: string[] = [];
  watch.start(
    async () => read.push(await readFile(file, 'utf8')),
    () => assert.fail('it is there'),
  );
  t.after(() => watch[Symbol.dispose]());
  await watch.idle();
  await writeFile(file, 'three');
  await eventually(async () => read.includes('three'), 5_000, 'change to three');
  assert.deepEqual(read, ['three']);
});

test('a change that is refused is told once, and the next one again', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'flameherd.yml');
  await writeFile(file, 'one');
  let told = 0;
  const watch = new ConfigWatch({ file, everyMs: 5, settleMs: 5 });
  await watch.mark();
  watch.start(
    async () => {
      told++;
      throw new Error('refused');
    },
    () => assert.fail('it is there'),
  );
  t.after(() => watch[Symbol.dispose]());
  await writeFile(file, 'bad');
  await eventually(async () => told === 1, 5_000, 'first change');
  for (let looks = 0; looks < 10; looks++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(told, 1);
  await utimes(file, 1, 1);
  await eventually(async () => told === 2, 5_000, 'second change');
});
