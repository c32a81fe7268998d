import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GrowthChoices } from '../../src/app/growth-choices.ts';
import type { GrowthChoice, Target, TargetState, TargetStatus } from '../../src/model/target.ts';

const hour = 3_600_000;

function stateStore(values = new Map<string, string>()) {
  let writes = 0;
  return {
    get: (key: string) => values.get(key),
    set: (key: string, value: string) => {
      writes++;
      values.set(key, value);
    },
    get writes() {
      return writes;
    },
  };
}

function statusOf(workload: string, growth?: GrowthChoice, state: TargetState = { kind: 'active' }): TargetStatus {
  const labels = { namespace: 'shop', workload_kind: 'Deployment', workload, container: 'app' };
  const target = { labels, state, ...(growth ? { growth } : {}) } as unknown as Target;
  return { target, health: 'up', transport: 'direct', transportReason: '', scrapes: [] };
}

const told = (choices: GrowthChoices) =>
  choices.all().map(({ workload, isOff, minAgeMs }) => `${workload.workload} ${isOff ? 'off' : minAgeMs}`);

test('only what is not as usual is kept, and an annotation that is taken away is forgotten', () => {
  const choices = new GrowthChoices(stateStore());
  choices.update([
    statusOf('plain'),
    statusOf('quiet', { kind: 'off' }),
    statusOf('slow', { kind: 'on', minAgeMs: 8 * hour }),
    statusOf('on', { kind: 'on', minAgeMs: undefined }),
  ]);
  assert.deepEqual(told(choices), ['quiet off', `slow ${8 * hour}`]);
  choices.update([statusOf('quiet'), statusOf('slow')]);
  assert.deepEqual(told(choices), []);
});

test('pods that differ while a roll-out lasts: one off counts, else the longest wait', () => {
  const choices = new GrowthChoices(stateStore());
  choices.update([
    statusOf('quiet'),
    statusOf('quiet', { kind: 'off' }),
    statusOf('slow', { kind: 'on', minAgeMs: hour }),
    statusOf('slow', { kind: 'on', minAgeMs: 8 * hour }),
    statusOf('slow'),
    statusOf('other', { kind: 'off' }, { kind: 'candidate', reason: 'annotated for another profiler' }),
  ]);
  assert.deepEqual(told(choices), ['quiet off', `slow ${8 * hour}`]);
});

test('after a restart, what is not seen yet is as it was; it is written only when it changes', () => {
  const store = stateStore();
  new GrowthChoices(store).update([statusOf('quiet', { kind: 'off' })]);
  assert.equal(store.writes, 1);
  const again = new GrowthChoices(store);
  again.update([]);
  assert.deepEqual(told(again), ['quiet off']);
  again.update([statusOf('quiet', { kind: 'off' })]);
  assert.equal(store.writes, 1);
});
