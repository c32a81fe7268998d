import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withTransports } from '../../src/app/explain-transports.ts';
import type { Explanation } from '../../src/discovery/discoverer.ts';
import type { TargetStatus, TransportName } from '../../src/model/target.ts';
import { targetOf } from '../support/scrape-targets.ts';

const explained: Explanation = {
  subject: 'pod shop/a',
  verdict: 'scraped',
  because: '',
  rules: [],
  nearMisses: [],
  hint: undefined,
  sources: [],
};

function reached(pod: string, transport: TransportName | undefined, transportReason: string): TargetStatus {
  return { target: targetOf(pod, ['heap']), health: 'up', transport, transportReason, scrapes: [] };
}

const details = (subject: Parameters<typeof withTransports>[1], statuses: readonly TargetStatus[]) =>
  withTransports(explained, subject, statuses).rules.map(({ rule, verdict, detail }) => `${rule} ${verdict} ${detail}`);

test('explain of a pod tells how each of its sources is reached and why, and of no other pod', () => {
  const statuses = [reached('a', 'port-forward', 'direct refused'), reached('b', 'direct', 'its own address')];
  assert.deepEqual(details({ namespace: 'shop', pod: 'a' }, statuses), [
    'transport info a app: port-forward: direct refused',
  ]);
  assert.deepEqual(details({ namespace: 'bank', pod: 'a' }, statuses), []);
});

test('a transport that cannot be used is a rule that fails', () => {
  const statuses = [reached('a', undefined, 'pod-proxy is off')];
  assert.deepEqual(details({ namespace: 'shop', pod: 'a' }, statuses), [
    'transport fail a app: none: pod-proxy is off',
  ]);
});

test('what no transport can reach is not told as scraped', () => {
  const none = reached('a', undefined, 'pod-proxy is off: an admin may switch it on\nby a key');
  const subject = { namespace: 'shop', workloadKind: 'Deployment', workload: 'checkout' };
  const { verdict, because } = withTransports(explained, subject, [none, { ...none }]);
  assert.deepEqual([verdict, because], ['unresolved', 'pod-proxy is off: an admin may switch it on']);
  const one = withTransports(explained, subject, [none, reached('b', 'direct', 'its own address')]);
  assert.equal(one.verdict, 'scraped');
  const held = withTransports({ ...explained, verdict: 'held', because: 'paused' }, subject, [none]);
  assert.deepEqual([held.verdict, held.because], ['held', 'paused']);
});

test('of a large workload the first sources are told and the others counted', () => {
  const statuses = Array.from({ length: 25 }, (_, i) => reached(`p${i}`, 'direct', 'its own address'));
  const told = details({ namespace: 'shop', workloadKind: 'deployment', workload: 'checkout' }, statuses);
  assert.equal(told.length, 11);
  assert.equal(told.at(-1), 'transport info and of 15 more sources');
});

test('what to do is told once, after all rules', () => {
  const missing = 'port-forward is off: a right is missing\nadd this rule:\n- apiGroups: [""]';
  const { hint, rules } = withTransports(
    explained,
    { namespace: 'shop', workloadKind: 'Deployment', workload: 'checkout' },
    [reached('a', undefined, missing), reached('b', undefined, missing)],
  );
  assert.equal(hint, 'add this rule:\n- apiGroups: [""]');
  assert.deepEqual(
    rules.map(({ detail }) => detail),
    ['a app: none: port-forward is off: a right is missing', 'b app: none: port-forward is off: a right is missing'],
  );
});
