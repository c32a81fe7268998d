import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainUrl, readSubject } from '../../../src/ui/targets/subject.ts';

test('two parts are a pod, three a workload by kind, as kubectl writes and shortens it', () => {
  assert.deepEqual(readSubject('shop/checkout-1'), { namespace: 'shop', pod: 'checkout-1' });
  assert.deepEqual(readSubject('shop/pod/checkout-1'), { namespace: 'shop', pod: 'checkout-1' });
  const workload = (kind: string) => ({ namespace: 'shop', kind, workload: 'checkout' });
  assert.deepEqual(readSubject(' shop / deploy / checkout '), workload('Deployment'));
  assert.deepEqual(readSubject('shop/statefulsets/checkout'), workload('StatefulSet'));
  assert.deepEqual(readSubject('shop/Rollout/checkout'), workload('Rollout'));
});

test('what is neither is nothing', () => {
  for (const text of ['', 'shop', 'shop/', '/x', 'shop/deployment/', 'a/b/c/d', undefined]) {
    assert.equal(readSubject(text), undefined, text);
  }
});

test('the question of a subject', () => {
  assert.equal(explainUrl({ namespace: 'shop', pod: 'a' }), '/api/v1/explain?namespace=shop&pod=a');
});
