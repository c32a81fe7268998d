import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minute } from '../../../src/model/units.ts';
import {
  builtText,
  cellsOf,
  countScrapes,
  runsOf,
  type ScrapedProcess,
  scrapesOf,
} from '../../../src/ui/timeline/provenance.ts';

const hourly = { fromMs: 0, toMs: 60 * minute };
const failures = [{ reason: 'timeout', message: 'no answer within 10 s' }];

/** A scrape each minute but in minutes 20 to 25, which are missing; minute 30 failed, 40 was late, 50 was trimmed. */
function process(): ScrapedProcess {
  const minutes = Array.from({ length: 60 }, (_, at) => at).filter((at) => (at < 20 || at > 25) && at !== 30);
  return {
    process: 'pod-1',
    labels: { pod: 'pod-1' },
    startedMs: null,
    endedMs: null,
    running: true,
    stored: {
      time: minutes.map((at) => at * minute),
      interval: minutes.map(() => minute),
      span: minutes.map(() => 10_000),
      trimmed: minutes.map((at) => (at === 50 ? 312 : 0)),
      late: minutes.map((at) => (at === 40 ? 17_250 : 0)),
    },
    failed: { time: [30 * minute], failure: [0] },
    failuresFromMs: 0,
    missing: { from: [20 * minute], to: [26 * minute], scrapes: [6] },
  };
}

test('each scrape has its outcome, in order of time, and says why', () => {
  const scrapes = scrapesOf(process(), failures, hourly);
  assert.equal(scrapes.length, 60);
  const told = [0, 20, 25, 30, 40, 50].map((at) => `${scrapes[at]?.outcome}: ${scrapes[at]?.text}`);
  assert.deepEqual(told, [
    'ok: covers 10.0 s',
    'missing: no scrape is known of',
    'missing: no scrape is known of',
    'failed: timeout: no answer within 10 s',
    'late: 17.3 s late',
    'trimmed: 312 samples folded into (other)',
  ]);
});

test('what a graph was built from is counted in its window alone', () => {
  const all = countScrapes(scrapesOf(process(), failures, hourly));
  assert.equal(builtText(all), 'Built from 53 of 60 scrapes: 1 failed, 6 missing, 1 late, 1 trimmed');
  const early = countScrapes(scrapesOf(process(), failures, { fromMs: 0, toMs: 10 * minute }));
  assert.equal(builtText(early), 'Built from all 10 scrapes');
  const inGap = countScrapes(scrapesOf(process(), failures, { fromMs: 22 * minute, toMs: 24 * minute }));
  assert.equal(builtText(inGap), 'Built from 0 of 2 scrapes: 2 missing');
  assert.equal(builtText(countScrapes([])), 'No scrapes are known of this window');
});

test('a gap of a year is not walked through to draw its last hour', () => {
  const gap = { ...process(), missing: { from: [-525_600 * minute], to: [60 * minute], scrapes: [525_660] } };
  const missing = scrapesOf(gap, failures, hourly).filter(({ outcome }) => outcome === 'missing');
  assert.deepEqual([missing.length, missing[0]?.atMs, missing.at(-1)?.atMs], [60, 0, 59 * minute]);
});

test('where there is room a cell is one scrape, as wide as its interval', () => {
  const cells = cellsOf(scrapesOf(process(), failures, hourly), hourly, 600);
  assert.equal(cells.length, 60);
  assert.deepEqual([cells[7]?.left, cells[7]?.width, cells[7]?.outcome], [70, 10, 'ok']);
});

test('where there is none a cell is as bad as the worst of its scrapes', () => {
  const cells = cellsOf(scrapesOf(process(), failures, hourly), hourly, 60);
  assert.equal(cells.length, 20);
  assert.deepEqual(
    cells.map(({ outcome }) => outcome[0]).join(''),
    // Minutes 20 to 25 are missing, 30 failed, 40 late, 50 trimmed.
    'oooooommmofoolootooo',
  );
  assert.equal(cells.flatMap(({ scrapes }) => scrapes).length, 60);
});

test('trouble of the same kind one after the other is told once', () => {
  const runs = runsOf(scrapesOf(process(), failures, hourly));
  assert.deepEqual(
    runs.map(({ fromMs, toMs, count, outcome }) => [fromMs / minute, toMs / minute, count, outcome]),
    [
      [20, 25, 6, 'missing'],
      [30, 30, 1, 'failed'],
      [40, 40, 1, 'late'],
      [50, 50, 1, 'trimmed'],
    ],
  );
});
