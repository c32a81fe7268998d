import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const child = new URL('../support/nursery-child.ts', import.meta.url).pathname;

test('threads may have a larger nursery than the main thread', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['--max-semi-space-size=2', child], { encoding: 'utf8' });
  assert.equal(stderr, '');
  const { main, thread } = JSON.parse(stdout) as { main: number; thread: number };
  assert.ok(main <= 2 * 2 * 1024 ** 2, `main ${main}`);
  assert.ok(thread > 2 * 8 * 1024 ** 2, `thread ${thread}`);
});
