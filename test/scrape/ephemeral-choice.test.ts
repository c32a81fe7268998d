import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Target, TransportName } from '../../src/model/target.ts';
import { TransportBook } from '../../src/scrape/transport-book.ts';
import { FetchError, type FetchFailure, type Transport } from '../../src/scrape/transports/transport.ts';
import { bodyOf, targetOf } from '../support/scrape-targets.ts';

/** Which transports an `auto` target was asked by, given how each fails; those that do not fail answer with a profile. */
async function askedBy(
  failures: Readonly<Partial<Record<TransportName, FetchFailure>>>,
  missing: (target: Target) => string | undefined = () => undefined,
  names: readonly TransportName[] = ['direct', 'port-forward', 'ephemeral'],
): Promise<{ readonly asked: readonly string[]; readonly outcome: string }> {
  const asked: string[] = [];
  const transports = names.map((name): Transport => {
    const fetch: Transport['fetch'] = async () => {
      asked.push(name);
      const failure = failures[name];
      if (failure) throw new FetchError(failure, `${name} ${failure}`);
      return bodyOf();
    };
    return { name, fetch, ...(name === 'ephemeral' ? { missing } : {}) };
  });
  const book = new TransportBook({ transports });
  const target = targetOf('a', ['heap']);
  const choice = book.choose(target);
  assert.ok(choice.kind === 'chosen');
  const request = {
    endpoint: { scheme: 'http', host: '10.1.0.7', port: 6060 } as const,
    path: '/x',
    timeoutMs: 10_000,
    maxBytes: 1000,
  };
  const outcome = await choice.transport.fetch(target, request, new AbortController().signal).then(
    () => {
      const now = book.choose(target);
      return now.kind === 'chosen' ? now.reason : now.message;
    },
    (error: Error) => error.message,
  );
  return { asked, outcome };
}

test('auto puts no sidecar into a pod whose loopback was refused already: it would ask the same loopback', async () => {
  assert.deepEqual(await askedBy({ direct: 'refused', 'port-forward': 'refused' }), {
    asked: ['direct', 'port-forward'],
    outcome: 'direct refused; port-forward refused',
  });
});

test('auto takes the sidecar where there is no port-forward, and never after a time-out', async () => {
  const without = ['direct', 'ephemeral'] as const;
  assert.deepEqual(await askedBy({ direct: 'refused' }, undefined, without), {
    asked: ['direct', 'ephemeral'],
    outcome: 'direct refused on 10.1.0.7:6060; pprof answers on 127.0.0.1 by ephemeral',
  });
  assert.deepEqual((await askedBy({ direct: 'timeout' }, undefined, without)).asked, ['direct']);
});

test('auto passes by a sidecar that the target may not have', async () => {
  const { asked } = await askedBy({ direct: 'refused' }, () => 'the namespace has not the label', [
    'direct',
    'ephemeral',
  ]);
  assert.deepEqual(asked, ['direct']);
});

test('a target that names the transport is told why it may not have it', () => {
  const transport: Transport = { name: 'ephemeral', fetch: async () => bodyOf(), missing: () => 'no label' };
  const book = new TransportBook({ transports: [transport] });
  assert.deepEqual(book.choose(targetOf('a', ['heap'], { transport: 'ephemeral' })), {
    kind: 'missing',
    message: 'no label',
  });
});
