import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TSchema } from 'typebox';
import { Check, Errors } from 'typebox/value';
import { listSchemas, rangeSchema } from '../../src/http/answer-schemas.ts';
import { aroundNoon, askJson, heapProfile, minuteMs, noonMs, rangeQuestion } from '../support/query-ask.ts';
import { memoryReader } from '../support/query-memory-reader.ts';

const reader = memoryReader([
  heapProfile('a', noonMs, 'main;serve{endpoint=/cart} 7 70\nmain 3 30'),
  heapProfile('b', noonMs + minuteMs, 'main;serve{endpoint=/pay} 1 10'),
]);
const page = { matchers: [], window: aroundNoon, limit: 100, cursor: undefined };

/** What members an object has is part of the contract: none that the schema does not name. */
function assertSchema(schema: TSchema, answer: unknown): void {
  assert.ok(Check(schema, answer), JSON.stringify([...Errors(schema, answer)]));
  const { properties } = schema as { properties?: Record<string, unknown> };
  const unnamed = Object.keys(answer as object).filter((name) => !Object.hasOwn(properties ?? {}, name));
  assert.deepEqual(unnamed, []);
}

for (const [what, question] of [
  ['a whole', rangeQuestion('allocs')],
  ['groups and other', rangeQuestion('heap', { groupBy: ['pod', 'endpoint'], limit: 1 })],
  ['a function', rangeQuestion('heap', { functionName: 'serve', groupBy: ['pod'], limit: 1 })],
  ['a function that is nowhere', rangeQuestion('heap', { functionName: 'nowhere' })],
  ['nothing', rangeQuestion('cpu')],
] as const) {
  test(`${what} over time is as the schema of query_range says`, () => {
    assertSchema(rangeSchema, askJson(reader, question));
  });
}

for (const kind of ['profile-types', 'labels', 'series'] as const) {
  test(`the list of ${kind} is as its schema says`, () => {
    assertSchema(listSchemas[kind], askJson(reader, { kind, ...page }));
  });
}

test('the values of a label are as their schema says', () => {
  for (const name of ['pod', 'endpoint', 'nobodys']) {
    assertSchema(listSchemas['label-values'], askJson(reader, { kind: 'label-values', name, ...page }));
  }
});
