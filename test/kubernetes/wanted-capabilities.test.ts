import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configOf } from '../../src/config/load.ts';
import { wantedCapabilities } from '../../src/kubernetes/wanted-capabilities.ts';

const wanted = (more: object = {}) => wantedCapabilities(configOf([more]).config, false);
const ephemeral = { enabled: true, image: `registry.example.com/x@sha256:${'0a'.repeat(32)}` };

test('outside a cluster only port-forward is asked for by default', () => {
  assert.deepEqual(wanted(), ['port-forward']);
});

test('the right to Events is asked for by sidecars and by growth, and once', () => {
  assert.deepEqual(wanted({ growth: { kubernetesEvents: true } }), ['port-forward', 'events']);
  assert.deepEqual(wanted({ transports: { ephemeral } }), ['port-forward', 'ephemeral', 'events']);
  assert.deepEqual(wanted({ transports: { ephemeral }, growth: { kubernetesEvents: true } }), [
    'port-forward',
    'ephemeral',
    'events',
  ]);
});
