import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Value } from 'typebox/value';
import type { RolloutsQuestion } from '../../src/query/engine.ts';
import { answerQuestion } from '../../src/query/engine-local.ts';
import { injected, minute, nowMs } from '../support/http-fakes.ts';
import { memoryReader } from '../support/query-memory-reader.ts';
import { drawnPods } from '../support/query-rollouts.ts';

const path = '/api/v1/rollouts?namespace=shop&workload=checkout';

async function asked(t: Parameters<typeof injected>[0], search: string): Promise<RolloutsQuestion> {
  const { app, asked: seen } = await injected(t);
  const reply = await app.inject(path + search);
  assert.equal(reply.statusCode, 200, reply.payload);
  return seen.questions[0] as RolloutsQuestion;
}

test('roll-outs are asked for by workload: of all that is stored, of one kind, of a window', async (t) => {
  const whole = {
    kind: 'rollouts',
    namespace: 'shop',
    workload: 'checkout',
    workloadKind: undefined,
    window: undefined,
  };
  assert.deepEqual(await asked(t, ''), whole);
  assert.deepEqual(await asked(t, '&workload_kind=StatefulSet&from=now-2h'), {
    ...whole,
    workloadKind: 'StatefulSet',
    window: { fromMs: nowMs - 120 * minute, toMs: nowMs },
  });
  assert.deepEqual((await asked(t, '&to=now-1h')).window, { fromMs: 0, toMs: nowMs - 60 * minute });
});

test('what is missing or unknown is named', async (t) => {
  const { app } = await injected(t);
  const detail = async (url: string) => (await app.inject(url)).json<{ detail: string }>().detail;
  assert.equal(await detail('/api/v1/rollouts?namespace=shop'), 'workload: is missing');
  assert.match(await detail(`${path}&window=1h`), /"window": no such parameter; allowed are namespace, workload,/);
});

test('answers have the shape that the OpenAPI document gives', async (t) => {
  const laterMs = nowMs + 20 * minute;
  const reader = memoryReader(drawnPods('r1 a ##########..........\nr2 b .....###############'));
  const { app } = await injected(t, { answer: (question) => answerQuestion(reader, question, laterMs) });
  const document = (await app.inject('/api/v1/openapi.json')).json<{
    paths: Record<string, { get: { responses: Record<string, { content: Record<string, { schema: object }> }> } }>;
  }>();
  const schema = document.paths['/api/v1/rollouts']?.get.responses['200']?.content['application/json']?.schema ?? {};
  const answer = (await app.inject(path)).json<{ revisions: object[]; rollouts: object[] }>();
  assert.deepEqual([answer.revisions.length, answer.rollouts.length], [2, 1]);
  const strict = JSON.parse(JSON.stringify(schema), (_, node: unknown) =>
    isObjectSchema(node) ? { ...node, additionalProperties: false } : node,
  ) as object;
  assert.deepEqual([...Value.Errors(strict, answer)], []);
});

function isObjectSchema(node: unknown): node is object {
  return typeof node === 'object' && node !== null && 'type' in node && node.type === 'object';
}
