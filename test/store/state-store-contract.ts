import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StateStore } from '../../src/store/state-store.ts';
import { recordOf } from '../support/store-records.ts';

/** What every `StateStore` promises. `open` opens the same store again after it was closed; `fresh` makes an empty one. */
export function stateStoreContract(name: string, fresh: () => { readonly open: () => StateStore }): void {
  const seriesOf = (process: string) => recordOf({ process, stampMs: 0, samples: {} }).series;
  const checkpointOf = (process: string, stampMs: number, counter: number) => ({
    series: seriesOf(process),
    stampMs,
    leftOut: ['=request_id', '~spanid'],
    types: ['alloc_objects', 'alloc_space'],
    hashHigh: Int32Array.of(1, -2, 2 ** 31 - 1),
    hashLow: Int32Array.of(-(2 ** 31), 0, 7),
    values: [Float64Array.of(counter, 2 ** 53, 0), BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n), 5n)],
  });

  test(`${name}: a checkpoint comes back exactly, also after a restart`, async () => {
    const { open } = fresh();
    {
      await using state = open();
      state.saveCheckpoints([checkpointOf('pod-1', 1000, 10)]);
      assert.deepEqual(state.loadCheckpoint(seriesOf('pod-1')), checkpointOf('pod-1', 1000, 10));
    }
    await using state = open();
    assert.deepEqual(state.loadCheckpoint(seriesOf('pod-1')), checkpointOf('pod-1', 1000, 10));
  });

  test(`${name}: a later checkpoint replaces the one before it`, async () => {
    await using state = fresh().open();
    state.saveCheckpoints([checkpointOf('pod-1', 1000, 10), checkpointOf('pod-2', 1000, 20)]);
    state.saveCheckpoints([checkpointOf('pod-1', 2000, 11)]);
    assert.deepEqual(state.loadCheckpoint(seriesOf('pod-1')), checkpointOf('pod-1', 2000, 11));
    assert.deepEqual(state.loadCheckpoint(seriesOf('pod-2')), checkpointOf('pod-2', 1000, 20));
  });

  test(`${name}: the empty checkpoint of a process that is counted from zero is not the same as none`, async () => {
    await using state = fresh().open();
    const empty = {
      ...checkpointOf('pod-1', 999, 0),
      types: [],
      hashHigh: new Int32Array(0),
      hashLow: new Int32Array(0),
      values: [],
    };
    state.saveCheckpoints([empty]);
    assert.deepEqual(state.loadCheckpoint(seriesOf('pod-1')), empty);
    assert.equal(state.loadCheckpoint(seriesOf('pod-2')), undefined);
  });

  test(`${name}: pruning forgets checkpoints stamped before a moment, and says how many`, async () => {
    await using state = fresh().open();
    state.saveCheckpoints([checkpointOf('old', 1000, 1), checkpointOf('edge', 2000, 1), checkpointOf('new', 3000, 1)]);
    assert.equal(state.pruneCheckpoints(2000), 1);
    assert.equal(state.loadCheckpoint(seriesOf('old')), undefined);
    assert.equal(state.loadCheckpoint(seriesOf('edge'))?.stampMs, 2000);
  });

  test(`${name}: named values are kept, replaced, and absent until set`, async () => {
    const { open } = fresh();
    {
      await using state = open();
      assert.equal(state.get('collector'), undefined);
      state.set('collector', 'c-1');
      state.set('collector', 'ü "quoted"\n');
    }
    await using state = open();
    assert.equal(state.get('collector'), 'ü "quoted"\n');
  });
}
