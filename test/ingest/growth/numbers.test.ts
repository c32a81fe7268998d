import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NumbersReader } from '../../../src/ingest/growth/numbers-reader.ts';
import { NumbersTeller } from '../../../src/ingest/growth/numbers-teller.ts';
import type { IngestJob } from '../../../src/ingest/messages.ts';
import { day, minute } from '../../../src/model/units.ts';
import { WatchedIngest, watchedJob } from '../../support/ingest-watched.ts';

const start = 1_800_000_000_000;

function heap(workload: string, stampMs: number, text: string): IngestJob {
  const labels = { namespace: 'shop', workload_kind: 'Deployment', workload, container: 'app', pod: `${workload}-1` };
  return watchedJob('heap', stampMs, text, { labels, process: { id: workload, slot: workload, startedMs: start } });
}

test('only what changed crosses, names once, and the others are the same objects as before', () => {
  const ingest = new WatchedIngest(start);
  const teller = new NumbersTeller(ingest.observer, () => ingest.nowMs);
  const reader = new NumbersReader();
  ingest.take(heap('cart', start, 'shop.a 0 0 1 5'), heap('pay', start, 'shop.a 0 0 1 7\nshop.b 0 0 1 3'));
  const first = teller.tell();
  assert.deepEqual(
    first.functions.map(([, , name]) => name),
    ['shop.a', '(other)', 'shop.b'],
  );
  const [cart, pay] = reader.read(first);

  ingest.take(heap('pay', start + minute, 'shop.b 0 0 1 4'));
  const second = teller.tell();
  assert.deepEqual([second.workloads, second.functions], [[], []]);
  const after = reader.read(second);
  assert.equal(after[0], cart);
  assert.notEqual(after[1], pay);
  assert.equal(after[1]?.heap?.bytes, 4);

  const third = teller.tell();
  assert.equal(third.rows.length, 0);
  assert.equal(reader.read(third), after, 'nothing new is the same list');
});

test('what is forgotten goes on the other side too', () => {
  const ingest = new WatchedIngest(start);
  const teller = new NumbersTeller(ingest.observer, () => ingest.nowMs);
  const reader = new NumbersReader();
  ingest.take(heap('cart', start, 'shop.a 0 0 1 5'), heap('pay', start, 'shop.b 0 0 1 7'));
  assert.equal(reader.read(teller.tell()).length, 2);
  ingest.take(heap('pay', start + day, 'shop.b 0 0 1 3'));
  assert.deepEqual(
    reader.read(teller.tell()).map(({ workload }) => workload.workload),
    ['pay'],
  );
  const told = Array.from({ length: 64 }, () => teller.tell());
  const gone = told.flatMap(({ goneFunctions }) => goneFunctions);
  assert.equal(gone.length, 1, 'the one that only cart had');
  for (const one of told) reader.read(one);
  ingest.take(heap('cart', start + day, 'shop.a 0 0 1 6'));
  const cart = reader.read(teller.tell()).find(({ workload }) => workload.workload === 'cart');
  assert.deepEqual(
    cart?.functions.map(({ name, inuseBytes }) => [name, inuseBytes]),
    [
      ['shop.a', 6],
      ['(other)', 0],
    ],
  );
});
