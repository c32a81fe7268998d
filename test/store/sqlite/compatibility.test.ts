import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSqliteReader } from '../../../src/store/sqlite/reader.ts';
import { compactAll } from '../../support/store-compaction.ts';
import { fillFixture, fixtureAnswers } from '../../support/store-compatibility.ts';
import { storeDir, writerOn } from '../../support/store-dirs.ts';

/**
 * Stores as released versions left them, and the answers that these versions gave (test/fixtures/stores/README.md): each
 * must open, and answer the same.
 */

const fixtures = join(import.meta.dirname, '../../fixtures/stores');
const answers = JSON.parse(readFileSync(join(fixtures, 'answers.json'), 'utf8')) as Record<string, unknown>;
const nextDayMs = Date.UTC(2026, 7, 1, 12);
const stores = readdirSync(fixtures, { withFileTypes: true }).filter((entry) => entry.isDirectory());

for (const { name } of stores) {
  test(`the store ${name} opens and answers as the version that wrote it did`, async () => {
    const dataDir = copyOf(name);
    const heads = digests(dataDir);
    await using writer = writerOn(dataDir);
    await using reader = openSqliteReader({ dataDir });
    assertAnswers(fixtureAnswers(reader));
    if (!name.endsWith('-killed')) assert.deepEqual(digests(dataDir), heads, 'an upgrade rewrites no sealed file');
    assert.ok(writer);
  });

  test(`the store ${name} answers the same when its hours are compacted and rolled up`, async () => {
    const dataDir = copyOf(name);
    await using writer = writerOn(dataDir);
    const { hours, rolledHours, rolledDays } = await compactAll(writer, dataDir, nextDayMs);
    assert.deepEqual([hours.length, rolledHours, rolledDays], [3, 3, 1]);
    await using reader = openSqliteReader({ dataDir });
    assertAnswers(fixtureAnswers(reader));
  });

  test(`the store ${name} takes more: what it holds is known to it, what is new is added`, async () => {
    const dataDir = copyOf(name);
    await using writer = writerOn(dataDir);
    fillFixture(writer);
    await using reader = openSqliteReader({ dataDir });
    assertAnswers(fixtureAnswers(reader));
  });
}

test('a store of this version answers the same', async () => {
  const dataDir = storeDir();
  await using writer = writerOn(dataDir, { maxPartitionSize: 9 });
  fillFixture(writer);
  await using reader = openSqliteReader({ dataDir });
  assertAnswers(fixtureAnswers(reader));
});

function copyOf(name: string): string {
  const dataDir = storeDir();
  cpSync(join(fixtures, name), dataDir, { recursive: true });
  return dataDir;
}

function assertAnswers(found: Record<string, unknown>): void {
  const plain = JSON.parse(JSON.stringify(found)) as Record<string, unknown>;
  for (const [question, answer] of Object.entries(answers)) assert.deepEqual(plain[question], answer, question);
}

function digests(dataDir: string): Record<string, string> {
  const heads = readdirSync(dataDir).filter((name) => /^head-.*\.db$/.test(name));
  const digest = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(dataDir, name)))
      .digest('hex');
  return Object.fromEntries(heads.map((name) => [name, digest(name)]));
}
