import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podsWithSidecars } from '../../src/sidecar/listing.ts';
import { containerOf, podOf } from '../support/discovery-records.ts';

const sidecar = (name: string, change: object) =>
  containerOf(name, [], {
    role: 'ephemeral',
    image: 'r.io/sidecar@sha256:00',
    running: false,
    startedMs: undefined,
    ...change,
  });

test('every pod that carries a sidecar is listed, with what became of each and who added it', () => {
  const carrying = podOf({
    name: 'b',
    containers: [
      containerOf('flameherd-7'),
      sidecar('flameherd-3', { waiting: 'ImagePullBackOff', addedBy: 'node-2/bb' }),
      sidecar('flameherd-2', { running: true, startedMs: 5_000, addedBy: 'node-1/aa' }),
      sidecar('flameherd-1', { startedMs: 1_000, finishedMs: 2_000 }),
      sidecar('debugger', {}),
    ],
  });
  const image = 'r.io/sidecar@sha256:00';
  assert.deepEqual(
    podsWithSidecars([podOf({ name: 'c' }), carrying, { ...carrying, namespace: 'a', name: 'z' }]).map(
      ({ namespace, pod }) => [namespace, pod],
    ),
    [
      ['a', 'z'],
      ['shop', 'b'],
    ],
  );
  assert.deepEqual(podsWithSidecars([carrying]), [
    {
      namespace: 'shop',
      pod: 'b',
      uid: 'uid-b',
      node: 'node-1',
      attempts: 3,
      maxAttempts: 3,
      sidecars: [
        { name: 'flameherd-1', image, state: 'ended', reason: '', sinceMs: 2_000, by: '' },
        { name: 'flameherd-2', image, state: 'running', reason: '', sinceMs: 5_000, by: 'node-1/aa' },
        {
          name: 'flameherd-3',
          image,
          state: 'waiting',
          reason: 'ImagePullBackOff',
          sinceMs: undefined,
          by: 'node-2/bb',
        },
      ],
    },
  ]);
});
