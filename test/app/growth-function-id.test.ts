import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Daemon, eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';

/** What a link from a metric needs: the labels that say which function it is. */
async function functionIn(
  daemon: Daemon,
  metric: string,
): Promise<{ readonly id: string; readonly name: string } | undefined> {
  const page = await (await fetch(`${daemon.opsUrl}/metrics`)).text();
  const line = page.split('\n').find((each) => each.startsWith(`${metric}{`) && !each.includes('function="(other)"'));
  const [, id = '', name = ''] = /function_id="([0-9a-f]{16})",function="([^"\\]*)"/.exec(line ?? '') ?? [];
  return line === undefined ? undefined : { id, name };
}

test('the function_id of a metric stands for the function in query_range, also of one that takes CPU alone', async (t) => {
  const daemon = await startDaemon(await temporaryFolder(t), ['--interval', '2s']);
  t.after(() => daemon.kill());
  for (const [metric, query] of [
    ['flameherd_function_cpu_seconds_total', 'cpu'],
    ['flameherd_function_heap_inuse_bytes', 'heap'],
  ] as const) {
    const { id, name } = await eventually(() => functionIn(daemon, metric), 30_000, `a series of ${metric}`);
    const { function: answered } = await daemon.getJson<{ function: string }>(
      `/api/v1/query_range?query=${query}&function=${id}`,
    );
    assert.ok(id !== '' && answered === name, `${metric}: ${id} is ${name}, and was taken for ${answered}`);
  }
});
