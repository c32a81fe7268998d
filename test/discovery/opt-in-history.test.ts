import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OptInHistory, type OptInState } from '../../src/discovery/opt-in-history.ts';
import { objectOf, ours, podOf } from '../support/discovery-records.ts';

type Said = Record<string, string>;
const scrape = (value = 'true'): Said => ({ scrape: value });
const workload = (generation: number, said: Said = {}) => objectOf('checkout', { generation, annotations: ours(said) });
const pod = (hash: string, said: Said = {}) =>
  podOf({ name: `checkout-${hash}`, labels: { 'pod-template-hash': hash }, annotations: ours(said) });
const state = (change: Partial<OptInState>): OptInState => ({
  key: 'k',
  workload: undefined,
  namespace: undefined,
  pods: [],
  ...change,
});

/** How many removals these states show, one after the other. */
function removals(...states: Partial<OptInState>[]): number {
  const history = new OptInHistory();
  for (const [index, each] of states.entries()) history.observe(state(each), index);
  return history.removals;
}

test('a rollout undo that drops the annotation of a Deployment is a removal', () => {
  assert.equal(removals({ workload: workload(3, scrape()) }, { workload: workload(4) }), 1);
});

test('taking the annotation off by hand is none: the generation stays', () => {
  assert.equal(removals({ workload: workload(3, scrape()) }, { workload: workload(3) }), 0);
});

test('an opt-in that was carried over earlier roll-outs is removed by the one that drops it only', () => {
  const states = [3, 4, 5].map((generation) => ({ workload: workload(generation, scrape()) }));
  assert.equal(removals(...states, { workload: workload(6) }), 1);
});

test('saying false instead is no removal', () => {
  assert.equal(removals({ workload: workload(3, scrape()) }, { workload: workload(4, scrape('no')) }), 0);
});

test('a workload whose Namespace opts in is opted in still', () => {
  const namespace = objectOf('shop', { annotations: ours(scrape()) });
  assert.equal(removals({ workload: workload(3, scrape()), namespace }, { workload: workload(4), namespace }), 0);
});

test('an opt-in in the pod template is removed once all pods are of a revision without it', () => {
  const before = { workload: workload(3), pods: [pod('a', scrape())] };
  const during = { workload: workload(4), pods: [pod('a', scrape()), pod('b')] };
  const after = { workload: workload(4), pods: [pod('b')] };
  assert.equal(removals(before, during), 0);
  assert.equal(removals(before, during, after), 1);
});

test('a moment without pods, as in a Recreate roll-out, does not hide the removal', () => {
  const before = { workload: workload(3), pods: [pod('a', scrape())] };
  assert.equal(removals(before, { workload: workload(4), pods: [] }, { workload: workload(4), pods: [pod('b')] }), 1);
});

test('scaling to nothing and back is no removal', () => {
  const before = { workload: workload(3), pods: [pod('a', scrape())] };
  assert.equal(removals(before, { workload: workload(4), pods: [] }, { ...before, workload: workload(5) }), 0);
});

test('a removal is remembered with its time until the opt-in is back or the workload is gone', () => {
  const history = new OptInHistory();
  history.observe(state({ workload: workload(1, scrape()) }), 1);
  assert.equal(history.observe(state({ workload: workload(2) }), 5), true);
  assert.equal(history.observe(state({ workload: workload(2) }), 6), false);
  assert.equal(history.removedAt('k'), 5);
  history.observe(state({ workload: workload(2, scrape()) }), 7);
  assert.equal(history.removedAt('k'), undefined);
  history.observe(state({ workload: workload(3) }), 8);
  history.forget('k');
  assert.equal(history.removedAt('k'), undefined);
  assert.equal(history.removals, 2);
});
