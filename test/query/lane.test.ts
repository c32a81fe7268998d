import assert from 'node:assert/strict';
import { test } from 'node:test';
import { laneOf } from '../../src/query/lane.ts';
import { aroundNoon, mergeQuestion, minuteMs, noonMs, rangeQuestion } from '../support/query-ask.ts';

const day = { fromMs: noonMs, toMs: noonMs + 24 * 60 * minuteMs };
const week = { fromMs: noonMs, toMs: noonMs + 7 * 24 * 60 * minuteMs };

test('one workload or a few for a day at most is small, all else that is merged is wide', () => {
  const queries: Record<string, string> = {
    'cpu{workload="checkout"}': 'small',
    'cpu{pod=~"checkout-1|checkout-2"}': 'small',
    'cpu{namespace="shop"}': 'wide',
    'cpu{workload=~"check.*"}': 'wide',
    'cpu{workload=~"a|b|c|d|e"}': 'wide',
    'cpu{workload!="checkout"}': 'wide',
    'cpu{workload=""}': 'wide',
    cpu: 'wide',
  };
  for (const [query, lane] of Object.entries(queries)) {
    assert.equal(laneOf(mergeQuestion(query, { window: day })), lane, query);
    assert.equal(laneOf(rangeQuestion(query, { window: day })), lane, query);
    assert.equal(laneOf(mergeQuestion(query, { window: week })), 'wide', query);
  }
});

test('what reads no samples is a list; a single profile is small', () => {
  const list = { matchers: [], window: week, limit: 10, cursor: undefined };
  assert.equal(laneOf({ kind: 'series', ...list }), 'lists');
  assert.equal(laneOf({ kind: 'label-values', name: 'pod', ...list }), 'lists');
  assert.equal(laneOf({ kind: 'store-stats' }), 'lists');
  assert.equal(laneOf({ kind: 'profile', id: '1-a' }), 'small');
  const { selector } = mergeQuestion('cpu');
  assert.equal(laneOf({ kind: 'profiles', selector, window: aroundNoon, limit: 10, cursor: undefined }), 'lists');
});
