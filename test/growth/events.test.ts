import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { endEvents, eventId, nextEvent } from '../../src/growth/events.ts';
import type { GrowthEvent, GrowthTier, SignalVerdict, Workload } from '../../src/model/growth.ts';

const workload: Workload = { namespace: 'shop', workloadKind: 'Deployment', workload: 'checkout', container: 'app' };
const verdictOf = (tier: GrowthTier | undefined, perSecond = 1): SignalVerdict => ({
  signal: 'heap',
  tier,
  perSecond,
  functions: [],
  pods: ['checkout-1'],
  judged: 1,
  gates: [],
});

/** One letter a bucket: `.` nothing, `s` suspected, `l` likely, `-` not judged. */
function history(letters: string, stepMs = 1000): { events: GrowthEvent[]; told: string[] } {
  const events = new Map<string, GrowthEvent>();
  const told: string[] = [];
  let open: GrowthEvent | undefined;
  for (const [index, letter] of letters.split('').entries()) {
    const atMs = (index + 1) * stepMs;
    const tier = letter === 's' ? 'suspected' : letter === 'l' ? 'likely' : undefined;
    const verdict = letter === '-' ? undefined : verdictOf(tier, index);
    const { event, changes } = nextEvent(open, { workload, signal: 'heap', atMs, verdict, revision: 'r1' });
    if (event) events.set(event.id, event);
    told.push(...changes.map(({ kind }) => `${index} ${kind}`));
    open = event?.resolvedMs === undefined ? event : undefined;
  }
  return { events: [...events.values()], told };
}

test('an event opens, becomes likely and is resolved, each told once', () => {
  const { events, told } = history('..ssslls..s.');
  //                                012345678901
  assert.deepEqual(told, ['2 opened', '5 likely', '8 resolved', '10 opened', '11 resolved']);
  assert.deepEqual(
    events.map(({ tier, openedMs, likelyMs, resolvedMs }) => [tier, openedMs, likelyMs, resolvedMs]),
    [
      ['likely', 3000, 6000, 9000],
      ['suspected', 11_000, undefined, 12_000],
    ],
  );
});

test('it keeps the verdict of the last bucket in which it was found', () => {
  const [event] = history('sss..').events;
  assert.equal(event?.verdict.perSecond, 2);
});

test('what is likely at once is opened and likely in one bucket', () => {
  assert.deepEqual(history('l').told, ['0 opened', '0 likely']);
});

test('what is not judged any more ends', () => {
  assert.deepEqual(history('ss-').told, ['0 opened', '2 resolved']);
});

test('ids tell workloads, signals and moments apart, and are the same every time', () => {
  const other = { ...workload, container: 'sidecar' };
  const ids = [
    eventId(workload, 'heap', 1),
    eventId(workload, 'heap', 2),
    eventId(workload, 'goroutines', 1),
    eventId(other, 'heap', 1),
  ];
  assert.equal(new Set(ids).size, 4);
  assert.ok(ids.every((id) => /^[0-9a-f]{16}$/.test(id)));
  assert.equal(eventId(workload, 'heap', 1), ids[0]);
});

test('ending what is open resolves each event once', () => {
  const { events } = history('s');
  const { events: ended, changes } = endEvents(events, 5000);
  assert.deepEqual(
    ended.map(({ id, resolvedMs }) => [id, resolvedMs]),
    [[events[0]?.id, 5000]],
  );
  assert.deepEqual(
    changes.map(({ kind }) => kind),
    ['resolved'],
  );
});

test('whatever is found, events do not overlap, and each is told of in its order', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[.sl-]{0,40}$/), (letters) => {
      const { events, told } = history(letters);
      let endMs = 0;
      for (const { openedMs, likelyMs = openedMs, resolvedMs = Infinity, tier } of events) {
        assert.ok(openedMs > endMs && likelyMs >= openedMs && resolvedMs > likelyMs);
        assert.equal(tier === 'likely', letters.slice(openedMs / 1000 - 1, resolvedMs / 1000 - 1).includes('l'));
        endMs = resolvedMs;
      }
      const count = (kind: string): number => told.filter((text) => text.endsWith(kind)).length;
      assert.equal(count('opened'), events.length);
      assert.equal(count('resolved'), events.filter(({ resolvedMs }) => resolvedMs !== undefined).length);
      assert.equal(count('likely'), events.filter(({ likelyMs }) => likelyMs !== undefined).length);
    }),
  );
});
