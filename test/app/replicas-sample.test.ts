import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { cpuProfile } from '../support/app-counters.ts';
import { eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { byPath, startPprofServer } from '../support/pprof-server.ts';

test('scrape.replicasSample profiles CPU on so many processes of a workload, in turn: each has its own, and is left out in others', async (t) => {
  const cpu = byPath({ '/debug/pprof/profile': { kind: 'profile', bytes: cpuProfile(100) } });
  await using one = await startPprofServer(cpu);
  await using other = await startPprofServer(cpu);
  const folder = await temporaryFolder(t);
  const targets = [one, other].map(({ url }) => `  - { name: shop, url: '${url}', interval: 1s, profiles: [cpu] }\n`);
  await writeFile(`${folder}/config.yml`, `scrape: { self: false, replicasSample: 1 }\ntargets:\n${targets.join('')}`);
  const daemon = await startDaemon(`${folder}/data`, ['--config', `${folder}/config.yml`]);
  t.after(() => daemon.kill());
  await eventually(async () => one.requests.length > 1 && other.requests.length > 1, 20_000, 'CPU profile of each');
  const metrics = await (await fetch(`${daemon.opsUrl}/metrics`)).text();
  const left = /^flameherd_scrapes_skipped_total\{cause="turn"\} (\d+)$/m.exec(metrics)?.[1];
  assert.ok(Number(left) > 0, `left out for another's turn: ${left}`);
});
