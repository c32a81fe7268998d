import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AskedProcess } from '../../src/model/asked-process.ts';
import type { ScrapesQuestion } from '../../src/query/engine.ts';
import { injected, jsonAnswer, minute, nowMs } from '../support/http-fakes.ts';

const known = ['a', 'b'].map((pod): AskedProcess => {
  const nothing = { startedMs: undefined, failures: [], failuresFromMs: nowMs };
  return { processId: pod, labels: { namespace: 'shop', pod }, isAsked: true, intervalMs: minute, ...nothing };
});

async function asked(t: Parameters<typeof injected>[0], query: string): Promise<ScrapesQuestion & { kinds: string[] }> {
  const kinds: string[] = [];
  const { app, asked: seen } = await injected(t, {
    answer: () => jsonAnswer({}),
    asked: (kind) => {
      kinds.push(kind);
      return known;
    },
  });
  const reply = await app.inject(`/api/v1/scrapes?query=${query}`);
  assert.equal(reply.statusCode, 200, reply.payload);
  return { ...(seen.questions[0] as ScrapesQuestion), kinds };
}

test('scrapes are asked for by a query, with what the collector knows of the processes it selects', async (t) => {
  const { kinds, asked: processes, window, limit } = await asked(t, encodeURIComponent('heap{pod="b"}'));
  assert.deepEqual([kinds, processes.map(({ processId }) => processId)], [['heap'], ['b']]);
  assert.deepEqual([window, limit], [{ fromMs: nowMs - 60 * minute, toMs: nowMs }, 50]);
});

test('a label that no target has excludes none: it may be one of samples', async (t) => {
  const { asked: processes } = await asked(t, `${encodeURIComponent('cpu{endpoint="/cart"}')}&limit=2&from=now-2h`);
  assert.equal(processes.length, 2);
});
