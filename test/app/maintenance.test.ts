import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Maintenance } from '../../src/app/maintenance.ts';
import { type LogFields, type Logger, silentLogger } from '../../src/observe/logger.ts';
import type { CompactionReport } from '../../src/store/compaction-report.ts';

const minute = 60_000;
const nothing: CompactionReport = {
  hours: [],
  restated: 0,
  rolledHours: 0,
  rolledDays: 0,
  hoursToRoll: 0,
  cpuMs: 0,
  failures: [],
  isUnfinished: false,
};
const hour = {
  hourMs: Date.UTC(2026, 6, 31, 9),
  file: 'head-20260731T09.db',
  profiles: 6000,
  bytesBefore: 12_000_000,
  bytesAfter: 4_000_000,
  durationMs: 3456,
};
const failure = {
  doing: 'compacting head-20260731T09.db',
  message: 'database or disk is full',
  hint: 'free some disk',
  damagedHourMs: undefined,
};

/** A store and a thread that note what is asked of them, and answer what a test tells them to. */
function scene(reports: (CompactionReport | Error)[] = [], waits: boolean[] = [], pausedBecause?: string) {
  const calls: string[] = [];
  const lines: string[] = [];
  const say = (level: string) => (message: string, fields?: LogFields) =>
    void lines.push(
      `${level} ${message}${fields && Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : ''}`,
    );
  const logger: Logger = { ...silentLogger, info: say('info'), warn: say('warn'), error: say('error') };
  const clock = { ms: 0 };
  const called = async <T>(name: string, answer: T): Promise<T> => {
    calls.push(name);
    return answer;
  };
  const maintenance = new Maintenance({
    retention: () => ({ maxAgeMs: 1, maxBytes: 1 }),
    ingest: {
      seal: () => called('seal', waits.shift() ?? true),
      dropCompacted: () => called('drop', undefined),
      quarantine: (ms, because) => called(`quarantine ${new Date(ms).toISOString()} ${because}`, undefined),
      retain: () => called('retain', { removedFiles: [], removedBytes: 0, oldestMs: undefined, pausedBecause }),
    },
    compaction: {
      run: async () => {
        calls.push('compact');
        const report = reports.shift() ?? nothing;
        if (report instanceof Error) throw report;
        return report;
      },
      close: () => called('close', undefined),
    },
    growth: { prune: () => called('prune', undefined) },
    logger,
    now: () => clock.ms,
  });
  const turn = async (): Promise<string> => {
    calls.length = 0;
    await maintenance.run();
    clock.ms += minute;
    return calls.join(', ');
  };
  return { maintenance, turn, lines, calls };
}

test('each minute it compacts what waits, if anything does; retention has its turn every ten minutes', async () => {
  const { turn } = scene([], [true, false, true, ...Array.from({ length: 8 }, () => false)]);
  assert.equal(await turn(), 'seal, compact, drop, retain, prune');
  assert.equal(await turn(), 'seal');
  assert.equal(await turn(), 'seal, compact, drop');
  for (let minutes = 3; minutes < 10; minutes++) assert.equal(await turn(), 'seal');
  assert.equal(await turn(), 'seal, retain, prune');
});

test('while there is more to do it goes on at once, and frees what is replaced in between', async () => {
  const { turn } = scene([
    { ...nothing, isUnfinished: true },
    { ...nothing, isUnfinished: true },
  ]);
  assert.equal(
    await turn(),
    'seal, compact, drop, retain, prune, seal, compact, drop, seal, compact, drop',
    'retention is not held up by a long backlog',
  );
});

test('each compacted hour is a line in the log and counts', async () => {
  const { turn, lines, maintenance } = scene([{ ...nothing, hours: [hour, hour], cpuMs: 700, hoursToRoll: 3 }]);
  await turn();
  const line =
    'info compacted an hour {"hour":"2026-07-31T09:00:00.000Z","file":"head-20260731T09.db","profiles":6000,"bytes":"12MB → 4MB","seconds":3.5}';
  assert.deepEqual(lines, [line, line]);
  assert.deepEqual(maintenance.totals, {
    hours: 2,
    profiles: 12_000,
    bytesBefore: 24_000_000,
    bytesAfter: 8_000_000,
    cpuMs: 700,
    failures: 0,
    hoursToRoll: 3,
  });
});

test('what fails is tried again each minute, counted, and logged when it changes', async () => {
  const failed = { ...nothing, failures: [failure], isUnfinished: true };
  const { turn, lines, maintenance } = scene([failed, failed, nothing, nothing]);
  assert.equal(await turn(), 'seal, compact, drop, retain, prune');
  for (let minutes = 1; minutes < 4; minutes++) assert.equal(await turn(), 'seal, compact, drop');
  assert.deepEqual(lines, [
    'error compacting head-20260731T09.db failed and is tried again: database or disk is full {"hint":"free some disk"}',
  ]);
  assert.equal(maintenance.totals.failures, 2);
});

test('an hour that turned out to be damaged is quarantined', async () => {
  const damaged = { ...failure, message: 'page 7 is broken', damagedHourMs: Date.UTC(2026, 6, 31, 9) };
  const { turn } = scene([{ ...nothing, failures: [damaged] }]);
  assert.equal(
    await turn(),
    'seal, compact, quarantine 2026-07-31T09:00:00.000Z page 7 is broken, drop, retain, prune',
  );
});

test('a run that fails altogether is logged, counted and tried again, and does not hold up retention', async () => {
  const { turn, lines, maintenance } = scene([new Error('the compaction thread ended with code 1')]);
  assert.equal(await turn(), 'seal, compact, retain, prune');
  assert.deepEqual(lines, ['error compaction failed and is tried again: the compaction thread ended with code 1']);
  assert.equal(maintenance.totals.failures, 1);
  assert.equal(await turn(), 'seal, compact, drop');
});

test('turns never overlap', async () => {
  const { maintenance, calls } = scene();
  await Promise.all([maintenance.run(), maintenance.run()]);
  assert.deepEqual(calls, ['seal', 'compact', 'drop', 'retain', 'prune']);
});

test('closing ends the run under way, and nothing more is asked of the store', async () => {
  const { maintenance, calls } = scene([{ ...nothing, isUnfinished: true }]);
  const turn = maintenance.run();
  await Promise.resolve();
  await maintenance[Symbol.asyncDispose]();
  await turn;
  assert.ok(calls.includes('close'));
  assert.deepEqual(
    calls.filter((call) => call === 'drop' || call === 'retain'),
    [],
  );
});

test('while the clock is not trusted, growth forgets nothing either', async () => {
  const { turn, lines } = scene([], [], 'the clock jumped by 3 h');
  assert.equal(await turn(), 'seal, compact, drop, retain');
  assert.deepEqual(lines, ['warn retention waits: the clock jumped by 3 h']);
});
