import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { day, hour, minute } from '../../../src/model/units.ts';
import type { ProfileWriter } from '../../../src/store/profile-store.ts';
import { openSqliteReader } from '../../../src/store/sqlite/reader.ts';
import type { SqliteWriterOptions } from '../../../src/store/sqlite/writer.ts';
import { compactAll } from '../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../support/store-dirs.ts';
import { recordOf, valuesByStack } from '../../support/store-records.ts';

/** The start of a month and of a UTC day. */
const startMs = Date.UTC(2026, 0, 1);
const ages = { maxAgeMs: 7 * day, rollup1hMaxAgeMs: 35 * day, rollup1dMaxAgeMs: 400 * day, maxBytes: 1e13 };

/** A store in which time passes: what `now` says is what every part of it goes by. */
class Running implements AsyncDisposable {
  readonly dataDir = storeDir();
  nowMs = startMs;
  writer: ProfileWriter;
  readonly #options: Partial<SqliteWriterOptions>;

  constructor(options: Partial<SqliteWriterOptions> = {}) {
    this.#options = { retention: ages, now: () => this.nowMs, monotonicMs: () => this.nowMs, ...options };
    this.writer = writerOn(this.dataDir, this.#options);
  }

  store(more: Partial<Parameters<typeof recordOf>[0]> = {}): string {
    const [outcome] = this.writer.append([
      recordOf({ stampMs: this.nowMs, samples: { 'main;always': [1, 3] }, ...more }),
    ]);
    return outcome?.kind === 'conflict' ? outcome.reason : (outcome?.kind ?? '');
  }

  async compact(): Promise<void> {
    await compactAll(this.writer, this.dataDir, this.nowMs);
  }

  retain(): string[] {
    return [...this.writer.retain(this.nowMs).removedFiles];
  }

  async restart(): Promise<void> {
    await this.writer[Symbol.asyncDispose]();
    this.writer = writerOn(this.dataDir, this.#options);
  }

  files(kind = ''): string[] {
    return readdirSync(this.dataDir)
      .filter((name) => name.endsWith('.db') && name.startsWith(kind) && !/^(lock|meta|state)/.test(name))
      .sort();
  }

  bytes(except = /^lock/): number {
    const names = readdirSync(this.dataDir).filter((name) => !except.test(name));
    return names.reduce((sum, name) => sum + statSync(join(this.dataDir, name)).size, 0);
  }

  all<T>(sql: string): T[] {
    const meta = new Database(join(this.dataDir, 'meta.db'));
    try {
      return meta.prepare<[], T>(sql).all();
    } finally {
      meta.close();
    }
  }

  /** What the profiles of a window add up to. */
  async sum(fromMs: number, toMs: number): Promise<number> {
    await using reader = openSqliteReader({ dataDir: this.dataDir });
    const { profile } = reader.merge({
      selector: { kind: 'heap', matchers: [] },
      window: { fromMs, toMs },
      aggregation: 'avg',
      peakType: { type: 'inuse_space', unit: 'bytes' },
    });
    return Number(valuesByStack(profile, 'alloc_space')['main;always'] ?? 0n);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.writer[Symbol.asyncDispose]();
  }
}

/** A profile a day for some days, with the jobs every few days: what they do does not depend on how often they run. */
async function live(running: Running, days: number, every = 4): Promise<void> {
  for (let passed = 1; passed <= days; passed++) {
    running.store();
    running.nowMs += day;
    if (passed % every !== 0) continue;
    await running.compact();
    running.retain();
  }
}

test('profiles are held for a week, hours for five, days for longer; the sums of what is left never change', async () => {
  await using running = new Running();
  await live(running, 80);
  const endMs = running.nowMs;
  const names = running.files();
  assert.ok(!names.includes('detail-20260314.db') && names.includes('detail-20260315.db'), names.join());
  assert.deepEqual(running.files('roll1h'), ['roll1h-202602.db', 'roll1h-202603.db']);
  assert.deepEqual(running.files('roll1d'), ['roll1d-2026.db']);
  assert.equal(await running.sum(endMs - 2 * day, endMs), 2, 'from single profiles');
  assert.equal(await running.sum(endMs - 40 * day, endMs - 20 * day), 20, 'from hours');
  assert.equal(await running.sum(startMs, startMs + 10 * day), 10, 'from days');
  assert.equal(running.writer.stats().oldestMs, Date.UTC(2026, 2, 15));
  const rows = (table: string): number => running.all(`SELECT 1 FROM ${table}`).length;
  assert.equal(
    rows(`file WHERE kind = 'head' AND from_ms < ${Date.UTC(2026, 2, 15)}`),
    0,
    'compacted heads are forgotten',
  );
  assert.equal(rows(`hour WHERE hour < ${Date.UTC(2026, 1, 1) / hour}`), 0);
  assert.ok(rows('hour') >= 28 + 20, 'hours are known for as long as their roll-ups are held');
  assert.equal(rows('day'), 80);
  await running.restart();
  assert.equal(await running.sum(startMs, startMs + 10 * day), 10);
});

test('what is removed is free at once: no file is left behind, none is rewritten', async () => {
  await using running = new Running({ retention: { ...ages, maxAgeMs: 2 * day } });
  for (let minutes = 0; minutes < 300; minutes++) {
    const stacks = Array.from(
      { length: 200 },
      (_, at) => [`main;f${(at * minutes) % 997}`, [minutes + at, at]] as const,
    );
    running.store({ samples: Object.fromEntries(stacks) });
    running.nowMs += minute;
  }
  running.nowMs += 2 * day;
  running.store();
  await running.compact();
  // Opening a file makes its companions.
  running.writer.stats();
  assert.equal(running.writer.stats().bytes, running.bytes());
  const facts = (): number => running.bytes(/^(lock|meta|state)/);
  const before = facts();
  running.nowMs += day;
  const report = running.writer.retain(running.nowMs);
  assert.deepEqual(report.removedFiles, ['detail-20260101.db']);
  assert.ok(report.removedBytes > 100_000, `${report.removedBytes} bytes`);
  assert.equal(before - facts(), report.removedBytes);
  assert.deepEqual(running.files('detail'), []);
});

test('over the cap the oldest goes first, down to the cap, and the newest of each kind stays', async () => {
  const retention = { ...ages };
  await using running = new Running({ retention });
  await live(running, 40);
  const [oldest = '', ...others] = running.files('detail');
  running.writer.stats();
  retention.maxBytes = running.writer.stats().bytes;
  assert.deepEqual(running.retain(), []);
  retention.maxBytes = running.writer.stats().bytes - 1;
  assert.deepEqual(running.retain(), [oldest]);
  retention.maxBytes = 1;
  assert.deepEqual(running.retain(), [...others.slice(0, -1), 'roll1h-202601.db']);
  assert.deepEqual(running.files(), [others.at(-1), 'roll1d-2026.db', 'roll1h-202602.db']);
  assert.equal(running.store(), 'stored');
});

test('a late profile of a time of which only sums are left is refused, and the sums stay', async () => {
  await using running = new Running();
  await live(running, 12);
  assert.equal(running.store({ process: 'late', stampMs: startMs + day }), 'expired');
  assert.equal(running.store({ process: 'late', stampMs: startMs + day - minute, intervalMs: hour }), 'expired');
  assert.equal(running.store({ process: 'late', stampMs: running.nowMs - 2 * day }), 'stored');
  assert.equal(
    running.store({ process: 'import', stampMs: startMs - 30 * day }),
    'stored',
    'nothing is known of that time',
  );
  running.nowMs += 10 * minute;
  await running.compact();
  assert.equal(await running.sum(startMs, startMs + 2 * day), 2);
  assert.equal(await running.sum(startMs, running.nowMs), 13);
});

test('an event that concerns hours past the horizon leaves their sums as they are', async () => {
  await using running = new Running();
  running.store({ process: 'quiet' });
  await live(running, 12);
  running.writer.endProcess('quiet', startMs + 10_000);
  assert.equal(running.store({ process: 'quiet' }), 'stored');
  assert.deepEqual(running.all('SELECT * FROM stale'), []);
  assert.deepEqual(running.all('SELECT * FROM hour WHERE rolled = 0 AND hour < (SELECT max(hour) FROM hour)'), []);
});

test('symbols go when nothing refers to them any more: with their workload, or with an epoch that is over', async () => {
  const short = { ...ages, maxAgeMs: day, rollup1hMaxAgeMs: day, rollup1dMaxAgeMs: day };
  await using running = new Running({ retention: short });
  const partitions = (): number[] => running.all<{ id: number }>('SELECT id FROM partition').map(({ id }) => id);
  const symbols = (): number[] =>
    running.all<{ id: number }>('SELECT DISTINCT partition AS id FROM dictionary').map(({ id }) => id);
  running.store({ labels: { namespace: 'shop', workload: 'gone' }, process: 'gone' });
  for (let days = 0; days < 40; days++) {
    running.store({ samples: { [`main;build${days}`]: [1, 1] } });
    await live(running, 1, days % 4 === 3 ? 1 : 2);
  }
  const inJanuary = partitions();
  assert.ok(inJanuary.length > 3, 'days are held until their year is over');
  running.nowMs = Date.UTC(2027, 0, 3);
  await live(running, 4);
  assert.equal(partitions().length, 1);
  assert.ok(!inJanuary.includes(partitions()[0] ?? 0), 'an id is never used twice');
  assert.deepEqual(symbols(), partitions());
});

test('an epoch of which most stacks are gone ends when it is a week old; one that is in use goes on', async () => {
  await using running = new Running();
  const store = (workload: string, stacks: readonly string[]): string =>
    running.store({
      labels: { namespace: 'shop', workload },
      process: workload,
      samples: Object.fromEntries(stacks.map((stack) => [stack, [1, 1]])),
    });
  const epochs = (): Record<string, number> =>
    Object.fromEntries(
      running
        .all<{ key: string; epoch: number }>('SELECT key, max(epoch) AS epoch FROM partition GROUP BY key')
        .map(({ key, epoch }) => [/steady|changing/.exec(key)?.[0] ?? key, epoch]),
    );
  for (let days = 0; days < 24; days++) {
    for (let half = 0; half < 2; half++) {
      store('steady', ['main;a', 'main;b', `main;rare${days % 4}`]);
      store('changing', ['main;a', `main;build${days}`, `main;build${days};f`]);
      running.nowMs += 12 * hour;
    }
    if (days === 15) await running.restart();
  }
  assert.deepEqual(epochs(), { steady: 1, changing: 3 });
  running.store({ labels: { namespace: 'shop', workload: 'changing' }, process: 'late', stampMs: startMs });
  assert.deepEqual(epochs(), { steady: 1, changing: 3 }, 'a late profile makes nothing old');
});

test('a clock that jumps, ahead or back, removes nothing for its age until it has run steadily', async () => {
  for (const jumpMs of [366 * day, -366 * day]) {
    await using running = new Running();
    let monotonicMs = 0;
    await running.writer[Symbol.asyncDispose]();
    await using writer = writerOn(running.dataDir, { retention: ages, monotonicMs: () => monotonicMs });
    running.writer = writer;
    running.store();
    running.nowMs += hour;
    running.store();
    await running.compact();
    assert.equal(writer.retain(running.nowMs).pausedBecause, undefined);
    running.nowMs += jumpMs;
    const { removedFiles, pausedBecause } = writer.retain(running.nowMs);
    assert.deepEqual(removedFiles, []);
    assert.match(pausedBecause ?? '', /the clock reads 202[47]-.* removal by age waits/);
    running.nowMs += 2 * hour;
    monotonicMs += 2 * hour;
    assert.equal(writer.retain(running.nowMs).pausedBecause, undefined);
  }
});

test('a crash between taking a file from the list and unlinking it is finished at the next start', async () => {
  await using running = new Running();
  await live(running, 3, 3);
  await running.writer[Symbol.asyncDispose]();
  running.all(`UPDATE file SET state = 'removed' WHERE name = 'detail-20260101.db' RETURNING id`);
  assert.ok(existsSync(join(running.dataDir, 'detail-20260101.db')));
  await running.restart();
  assert.deepEqual(running.files('detail'), ['detail-20260102.db', 'detail-20260103.db']);
  assert.deepEqual(running.all(`SELECT name FROM file WHERE state = 'removed'`), []);
});

test('files that are listed and gone, or there and never listed, are put right at the start', async () => {
  await using running = new Running();
  await live(running, 3, 3);
  await running.writer[Symbol.asyncDispose]();
  rmSync(join(running.dataDir, 'detail-20260101.db'));
  for (const name of ['detail-20251231.db', 'roll1h-202512.db']) writeFileSync(join(running.dataDir, name), '');
  await running.restart();
  assert.deepEqual(running.files('detail'), ['detail-20260102.db', 'detail-20260103.db']);
  assert.deepEqual(running.files('roll1h'), ['roll1h-202601.db']);
  assert.equal(running.all(`SELECT 1 FROM file WHERE name = 'detail-20260101.db'`).length, 0);
  assert.equal(await running.sum(startMs, startMs + 3 * day), 3, 'sums are left of the day whose file is gone');
  assert.equal(running.store({ process: 'late', stampMs: startMs + hour }), 'expired');
});

test('heads that are not compacted yet go with the detail of their day', async () => {
  await using running = new Running();
  await live(running, 2, 2);
  running.store({ process: 'late', stampMs: startMs + hour });
  assert.deepEqual(running.files('head'), ['head-20260101T01.db']);
  running.nowMs += 8 * day;
  assert.deepEqual(running.retain(), ['detail-20260101.db', 'head-20260101T01.db', 'detail-20260102.db']);
});
