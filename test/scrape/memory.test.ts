import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { startPprofServer } from '../support/pprof-server.ts';
import { gzipMagic } from '../support/scrape-targets.ts';

const count = 2000;
const atOnce = 50;
const bodyBytes = 2 * 2 ** 20;

interface Report {
  readonly jobs: number;
  readonly bytes: number;
  readonly failed: readonly string[];
  readonly peakMb: number;
}

test('2000 targets of 2 MB each, 50 at once and one of them without end, stay below half a gigabyte, and all others come home', async (t) => {
  const body = new Uint8Array(bodyBytes);
  body.set(gzipMagic);
  await using server = await startPprofServer(({ path }) =>
    path.startsWith('/giant/') ? { kind: 'flood' } : { kind: 'profile', bytes: body },
  );
  const child = fork(
    new URL('../support/scrape-memory-child.ts', import.meta.url),
    [server.port, count, atOnce].map(String),
    { execArgv: ['--max-semi-space-size=16'] },
  );
  t.after(() => child.kill('SIGKILL'));
  const [{ jobs, bytes, failed, peakMb }] = (await once(child, 'message')) as [Report];
  t.diagnostic(`peak ${peakMb.toFixed(0)} MB`);
  assert.deepEqual([jobs, bytes], [count - 1, (count - 1) * bodyBytes]);
  assert.equal(failed.length, 1);
  assert.match(failed[0] ?? '', /bytes/);
  assert.ok(server.mostAtOnce <= atOnce, `${server.mostAtOnce} at once`);
  assert.ok(peakMb <= 512, `peak RSS ${peakMb.toFixed(0)} MB`);
});
