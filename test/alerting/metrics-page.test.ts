import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { parseMetrics } from '../support/metrics-page.ts';
import { prometheusTools } from '../support/promtool.ts';

const tools = await prometheusTools();

/** Of scrapes, of profiles that were stored, and of functions in them. */
const shown = ['flameherd_target_up', 'flameherd_heap_inuse_bytes', 'flameherd_function_cpu_seconds_total'];

test('promtool has nothing against the /metrics of a daemon that profiles itself', { skip: tools.skip }, async (t) => {
  assert.equal(tools.kind, 'found');
  const daemon = await startDaemon(await temporaryFolder(t), ['--interval', '1s']);
  t.after(() => daemon.kill());
  const page = await eventually(
    async () => {
      const text = await (await fetch(`${daemon.opsUrl}/metrics`)).text();
      const read = parseMetrics(text);
      return shown.every((name) => read.samples(name).length > 0) && text;
    },
    30_000,
    'page that tells of a target and its functions',
  );
  const { status, stdout, stderr } = spawnSync(tools.promtool, ['check', 'metrics'], { input: page, encoding: 'utf8' });
  assert.equal(status, 0, `${stdout}\n${stderr}`);
});

test('promtool sees what is wrong with a page', { skip: tools.skip }, () => {
  assert.equal(tools.kind, 'found');
  const input = '# TYPE flameherd_seen counter\nflameherd_seen 1\n';
  assert.notEqual(spawnSync(tools.promtool, ['check', 'metrics'], { input }).status, 0);
});
