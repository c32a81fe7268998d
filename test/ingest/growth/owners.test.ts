import assert from 'node:assert/strict';
import { test } from 'node:test';
import { otherNumber } from '../../../src/ingest/growth/workload-functions.ts';
import { KnownStacks } from '../../../src/ingest/known-stacks.ts';
import type { Frame } from '../../../src/model/frame.ts';
import { encodeProfile } from '../../../src/pprof/encode.ts';
import { emptyHeader } from '../../../src/profile/profile.ts';
import { StackTableBuilder } from '../../../src/profile/stack-table-builder.ts';
import { jobOf } from '../../support/ingest-pipeline.ts';
import { WatchedIngest } from '../../support/ingest-watched.ts';

const start = 1_800_000_000_000;

function frame(name: string, file: string, more: Partial<Frame> = {}): Frame {
  const fn = { name, systemName: name, file, startLine: 0 };
  return { function: fn, line: 1, column: 0, inlined: false, folded: false, mapping: undefined, address: 0n, ...more };
}

/** In use, by owner. */
function ownersOf(stacks: readonly (readonly Frame[])[]): Record<string, number | undefined> {
  const table = new StackTableBuilder();
  for (const frames of stacks) table.intern({ frames, labels: [] });
  const bytes = encodeProfile({
    sampleTypes: [{ type: 'inuse_space', unit: 'bytes' }],
    stacks: table,
    values: [Float64Array.from(stacks, (_, row) => 10 ** row)],
    divisors: [1],
    header: emptyHeader,
  });
  const ingest = new WatchedIngest(start);
  ingest.take(jobOf({ bytes, stampMs: start }));
  return Object.fromEntries(ingest.numbersOf().functions.map(({ name, inuseBytes }) => [name, inuseBytes]));
}

const main = frame('main.main', '/src/main.go');
const alloc = frame('runtime.mallocgc', '/usr/local/go/src/runtime/malloc.go');

test('a sample belongs to its leaf-most own frame, inlined ones among them, or to the leaf', () => {
  const inlined = frame('shop.(*Cart).add', '/src/shop/cart.go', { inlined: true });
  const grow = frame('strings.(*Builder).grow', '/usr/local/go/src/strings/builder.go', { inlined: true });
  assert.deepEqual(
    ownersOf([
      [main, alloc],
      [main, frame('shop.Serve', '/src/shop/serve.go'), inlined, alloc],
      [main, frame('shop.Serve', '/src/shop/serve.go'), grow],
      [frame('runtime.bgsweep', '/usr/local/go/src/runtime/mgcsweep.go'), alloc],
    ]),
    { 'runtime.mallocgc': 1000, 'shop.Serve': 100, 'shop.(*Cart).add': 10, 'main.main': 1, '(other)': 0 },
  );
});

test('what a profile calls (other) itself is of the rest', () => {
  const folded = { ...frame('(other)', ''), function: { name: '(other)', systemName: '', file: '', startLine: 0 } };
  assert.deepEqual(ownersOf([[main], [folded], [main, folded]]), { 'main.main': 101, '(other)': 10 });
  assert.deepEqual(ownersOf([[main], [frame('(other)', '/src/other.js')]]), { 'main.main': 1, '(other)': 10 });
});

test('closures go by the name that two builds share, and code without symbols by its binary', () => {
  const binary = { file: '/opt/lib/libacme.so.1', buildId: '' };
  const bare = { function: undefined, line: 0, mapping: binary };
  assert.deepEqual(
    ownersOf([
      [main, frame('shop.Serve.func1', '/src/shop/serve.go'), alloc],
      [main, frame('shop.Serve.func2.1', '/src/shop/serve.go'), alloc],
      [main, frame('', '', { ...bare, address: 4096n })],
      [main, frame('', '', { ...bare, address: 8192n })],
    ]),
    { '[libacme.so.1]': 1100, 'shop.Serve.func': 11, '(other)': 0 },
  );
});

test('owners lie with the stacks: they move when the table grows, and are forgotten with what they are of', () => {
  const stacks = new KnownStacks();
  const [ours, theirs] = [{}, {}];
  stacks.begin(1);
  stacks.rowFor(7, 8, 0);
  assert.equal(stacks.hasOwnersOf(ours), false);
  stacks.setOwner(stacks.at, 8192);
  stacks.setDescribed(stacks.at);
  stacks.begin(5000);
  for (let at = 0; at < 5000; at++) stacks.rowFor(at, -at, at);
  assert.equal(stacks.owner, 0);
  stacks.begin(1);
  assert.equal(stacks.rowFor(7, 8, 3), 3);
  assert.deepEqual([stacks.owner, stacks.isDescribed(stacks.at), stacks.rowOf(7, 8)], [8192, true, 3]);
  assert.equal(stacks.hasOwnersOf(ours), true);
  assert.equal(stacks.hasOwnersOf(theirs), false);
  stacks.begin(1);
  stacks.rowFor(7, 8, 0);
  assert.deepEqual([stacks.owner, stacks.isDescribed(stacks.at)], [0, true]);
  assert.equal(otherNumber, 1);
});

test('rows are told from those of profiles long ago, also when the numbers of profiles are used up', () => {
  const stacks = new KnownStacks();
  stacks.begin(1);
  stacks.rowFor(1, 1, 0);
  stacks.setOwner(stacks.at, 5);
  for (let profile = 2; profile <= 2 ** 18 + 5; profile++) {
    stacks.begin(1);
    if (profile % 65_536 === 0) stacks.rowFor(2, 2, 0);
    assert.equal(stacks.rowOf(1, 1), -1);
  }
  assert.equal(stacks.rowFor(1, 1, 9), 9);
  assert.equal(stacks.owner, 5);
  assert.equal(stacks.rowOf(2, 2), -1);
});
