import assert from 'node:assert/strict';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { quarantineIn } from '../../src/app/damage.ts';
import type { Logger } from '../../src/observe/logger.ts';
import { startQueryPool } from '../../src/query/pool.ts';
import { openSqliteReader } from '../../src/store/sqlite/reader.ts';
import { rangeQuestion } from '../support/query-ask.ts';
import { compactAll } from '../support/store-compaction.ts';
import { storeDir, writerOn } from '../support/store-dirs.ts';
import { at, gauge, minute } from '../support/store-questions.ts';
import { recordOf } from '../support/store-records.ts';

const hour = 60 * minute;

/** Notes what is logged as errors. */
function noting(lines: string[]): Logger {
  const error = (message: string): void => void lines.push(message);
  const logger: Logger = { debug: error, info: error, warn: error, error, with: () => logger };
  return logger;
}

test('an hour that a query thread finds damaged is quarantined: told of once, and left out by all from then on', async () => {
  const dataDir = storeDir();
  await using writer = writerOn(dataDir);
  for (const minutes of [1, 61, 130]) writer.append([recordOf(gauge(at(minutes), minutes))]);
  await compactAll(writer, dataDir, at(0) + 48 * hour);
  const file = openSync(join(dataDir, 'detail-20231114.db'), 'r+');
  writeSync(file, new Uint8Array(100), 0, 100, 0);
  closeSync(file);

  const logged: string[] = [];
  const marked: number[] = [];
  const quarantine = async (hourMs: number, because: string): Promise<void> => {
    marked.push(hourMs);
    writer.quarantine(hourMs, because);
  };
  await using pool = startQueryPool({
    dataDir,
    onFault: (error) => assert.fail(error),
    onDamage: quarantineIn({ quarantine }, noting(logged)),
  });
  const question = rangeQuestion('heap', { window: { fromMs: at(0), toMs: at(180) }, groupBy: ['pod'] });
  for (let times = 0; times < 3; times++) {
    const answer = await pool.ask(question);
    assert.equal('damage' in answer, false);
    const { meta } = JSON.parse(new TextDecoder().decode(answer.kind === 'answer' ? answer.body : undefined)) as {
      meta: { partial: boolean; warnings: string[]; profiles: number };
    };
    assert.deepEqual([meta.partial, meta.warnings.length, meta.profiles], [true, 2, 1]);
  }
  assert.deepEqual(
    marked.filter((hourMs) => hourMs >= at(0)),
    [at(0), at(60)],
  );
  assert.equal(marked.length, 24, 'a file that cannot be opened is damaged as a whole');
  assert.equal(logged.length, 24);
  assert.match(
    logged.at(-1) ?? '',
    /^stored profiles of the hour from 2023-11-14T23:00:00.000Z are damaged and left out: detail-20231114.db: /,
  );
  await using fresh = openSqliteReader({ dataDir });
  assert.ok(fresh.stats().damagedHoursMs.includes(at(60)));
  assert.deepEqual(fresh.takeDamage(), []);
});

test('an hour that cannot be marked is said so', async () => {
  const logged: string[] = [];
  const store = { quarantine: () => Promise.reject(new Error('the disk is full')) };
  quarantineIn(store, noting(logged))([{ hourMs: at(0), because: 'x' }]);
  await new Promise(setImmediate);
  assert.equal(logged[1], 'the damaged hour was not marked: the disk is full');
});
