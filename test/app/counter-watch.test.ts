import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { CounterWatch, counterNames, readExposition, seriesKey } from '../support/counter-watch.ts';
import { eventually } from '../support/daemon.ts';
import { assertBeginsAnew, overcounted } from '../support/growth-kill-checks.ts';
import { freePort } from '../support/prometheus.ts';

/** What the kill test looks at a daemon with is itself shown to see what it is there for. */

const done = seriesKey('done_total', {});

test('labels are read whatever is in them, and in any order', () => {
  const text = `# TYPE a_total counter\na_total{b="x\\"y,z=\\"",a="back\\\\slash"} 3\n# TYPE g gauge\ng 1e3\n`;
  const { types, values } = readExposition(text);
  assert.equal(values.get(seriesKey('a_total', { a: 'back\\slash', b: 'x"y,z="', instance: 'left out' })), 3);
  assert.equal(values.get(seriesKey('g', {})), 1000);
  assert.deepEqual(counterNames({ types }), ['a_total']);
});

test('a daemon that goes on from an older value is seen at the kill', async () => {
  const port = await freePort();
  const watch = new CounterWatch(`http://127.0.0.1:${port}`, 20);
  // Killed at 1000, and back with the 900 that were written down last.
  await live(watch, port, [10, 500, 1000]);
  await live(watch, port, [900, 905, 910]);
  assert.throws(() => assertBeginsAnew(watch, done), /was 1000 before the kill and 9\d\d after it/);
});

test('a daemon that begins at 0 is in order, and a rate beyond what it counted is not', async () => {
  const port = await freePort();
  const watch = new CounterWatch(`http://127.0.0.1:${port}`, 20);
  await live(watch, port, [10, 500, 1000]);
  await live(watch, port, [0, 5, 10]);
  assertBeginsAnew(watch, done);
  const timeMs = Date.now();
  assert.equal(watch.increase(done, 0, timeMs), 1010);
  assert.equal(overcounted(watch, { series: done, points: [{ timeMs, value: 1010 / 30 }] }), undefined);
  const burst = overcounted(watch, { series: done, points: [{ timeMs, value: 1600 / 30 }] });
  assert.match(burst ?? '', /^done_total\{\}: 1600 read, 1010 counted in 30 s$/);
});

/** A daemon that says these values in turn, each for a few readings, and is gone. */
async function live(watch: CounterWatch, port: number, values: readonly number[]): Promise<void> {
  let asked = 0;
  const server = createServer((_, response) => {
    const value = values[Math.min(Math.floor(asked++ / 2), values.length - 1)];
    response.end(`# TYPE done_total counter\ndone_total ${value}\n`);
  });
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  const following = watch.follow(new AbortController().signal);
  await eventually(async () => asked >= 2 * values.length, 10_000, 'last value');
  server.closeAllConnections();
  server.close();
  await following;
}
