import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startLargeCluster } from '../support/kubernetes-large-cluster.ts';

interface Report {
  readonly pods: number;
  readonly targets: number;
  readonly peakMb: number;
  readonly cpuMs: number;
}

/** What a process needs for a cluster of which a tenth opts in through its Deployments after the list. */
async function measure(pods: number, watchList: boolean): Promise<Report> {
  await using cluster = await startLargeCluster(pods, watchList);
  const folder = mkdtempSync(join(tmpdir(), 'flameherd-memory-'));
  copyFileSync(new URL('../fixtures/kubernetes-tls/ca.crt', import.meta.url), join(folder, 'ca.crt'));
  writeFileSync(join(folder, 'token'), 'token-1\n');
  writeFileSync(join(folder, 'namespace'), 'flameherd');
  const optedIn = pods / 10 / 10;
  const child = fork(new URL('../support/kubernetes-memory-child.ts', import.meta.url), [folder, String(optedIn)], {
    // As in deploy/: without it V8 lets its youngest generation grow by 100 MB while the list is read.
    execArgv: ['--max-semi-space-size=4'],
    env: { ...process.env, KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(cluster.port) },
  });
  try {
    assert.equal((await once(child, 'message'))[0], 'listed');
    const report = once(child, 'message');
    cluster.optIn(optedIn);
    const [told] = (await report) as [Report];
    await once(child, 'exit');
    return told;
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const watchList of [true, false]) {
  const pods = watchList ? 50_000 : 20_000;
  test(`${pods} pods, listed ${watchList ? 'by watch-list' : 'page by page'}, stay below 256 MB`, async (t) => {
    const { peakMb, cpuMs, ...rest } = await measure(pods, watchList);
    t.diagnostic(`peak ${peakMb.toFixed(0)} MB, ${cpuMs.toFixed(0)} ms CPU`);
    assert.deepEqual(rest, { pods, targets: pods / 10 });
    assert.ok(peakMb <= 256, `peak RSS ${peakMb.toFixed(0)} MB`);
  });
}
