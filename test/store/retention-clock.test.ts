import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RetentionClock } from '../../src/store/retention-clock.ts';

const minute = 60_000;
const hour = 60 * minute;
const noon = Date.UTC(2026, 0, 1, 12);

test('a clock that runs steadily is believed', () => {
  const clock = new RetentionClock(undefined, 0);
  assert.deepEqual(clock.observe(noon, 0), { kind: 'steady', timeMs: noon });
  assert.deepEqual(clock.observe(noon + 50 * minute, 10 * minute), { kind: 'steady', timeMs: noon + 50 * minute });
  assert.equal(clock.lastSeenMs, noon + 50 * minute);
});

test('a jump above an hour, either way, pauses until the clock has been steady for an hour', () => {
  for (const jump of [366 * 24 * hour, -3 * hour]) {
    const clock = new RetentionClock(noon, 0);
    const paused = clock.observe(noon + jump, 0);
    assert.equal(paused.kind, 'paused');
    assert.match(
      paused.kind === 'paused' ? paused.because : '',
      /the clock reads 20.* where 2026-01-01T12:00:00.000Z was expected/,
    );
    assert.equal(clock.lastSeenMs, undefined, 'a clock that is not believed is not remembered');
    assert.equal(clock.observe(noon + jump + 59 * minute, 59 * minute).kind, 'paused');
    assert.equal(clock.observe(noon + jump + hour, hour).kind, 'steady');
  }
});

test('a clock that jumps ahead and back pauses from the last jump on', () => {
  const clock = new RetentionClock(noon, 0);
  clock.observe(noon + 1000 * hour, 0);
  assert.equal(clock.observe(noon + 30 * minute, 30 * minute).kind, 'paused');
  assert.equal(clock.observe(noon + 80 * minute, 80 * minute).kind, 'paused');
  assert.deepEqual(clock.observe(noon + 90 * minute, 90 * minute), { kind: 'steady', timeMs: noon + 90 * minute });
});
