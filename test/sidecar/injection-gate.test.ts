import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GateKeys, InjectionGate } from '../../src/sidecar/injection-gate.ts';

const keysOf = (pod: string): GateKeys => ({ pod, namespace: 'shop', image: 'i' });
const gateOf = () => new InjectionGate({ injectionsPerMinute: 100, denials: 3, retryAfterMs: 1000 });

test('whoever waits for a trial is woken at its end, though the trial began anew after a conflict', {
  timeout: 10_000,
}, async () => {
  const gate = gateOf();
  gate.enter(keysOf('a'), 0);
  const waits = gate.trial(keysOf('b'));
  gate.enter(keysOf('a'), 1);
  assert.equal(gate.trial(keysOf('a')), undefined);
  assert.throws(() => gate.enter(keysOf('b'), 1), { reason: 'held' });
  gate.left('a');
  await waits;
  assert.equal(gate.trial(keysOf('b')), undefined);
  gate.enter(keysOf('b'), 2);
});

test('an image that came needs no trial, until it fails', () => {
  const gate = gateOf();
  gate.enter(keysOf('a'), 0);
  gate.runs(keysOf('a'), 1);
  gate.enter(keysOf('b'), 2);
  assert.equal(gate.trial(keysOf('c')), undefined);
  gate.failed('image', 'i', 'gone', 3);
  gate.left('a');
  gate.left('b');
  assert.throws(() => gate.enter(keysOf('c'), 4), {
    reason: 'image',
    message: /^gone; tried again at 1970-01-01T00:00:01/,
  });
  gate.enter(keysOf('c'), 1003);
  assert.throws(() => gate.enter(keysOf('d'), 3000), { reason: 'held' });
});

test('a conflict does not use up the one try that is let through when the time is over', () => {
  const gate = gateOf();
  gate.failed('pod', 'a', 'ended', 0);
  gate.failed('image', 'i', 'gone', 0);
  gate.enter(keysOf('a'), 1000);
  gate.enter(keysOf('a'), 1001);
  assert.throws(() => gate.enter(keysOf('b'), 1001), { reason: 'image' });
  gate.left('a');
  assert.throws(() => gate.enter(keysOf('a'), 1002), { reason: 'failed' });
});
