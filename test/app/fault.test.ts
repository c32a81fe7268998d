import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';

test('a daemon whose ingest thread dies says so and ends with code 1', { timeout: 60_000 }, async (t) => {
  const fault = new URL('../support/ingest-thread-fault.ts', import.meta.url).href;
  const daemon = await startDaemon(await temporaryFolder(t), ['--no-self'], { NODE_OPTIONS: `--import=${fault}` });
  t.after(() => daemon.process.kill('SIGKILL'));
  const [code] = (await once(daemon.process, 'exit')) as [number | null];
  assert.equal(code, 1);
  assert.match(JSON.stringify(daemon.log), /a part died: a fault that the test put there/);
});
