import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProfileWriter } from '../../src/store/profile-store.ts';
import { openSqliteWriter, type SqliteWriterOptions } from '../../src/store/sqlite/writer.ts';

const made: string[] = [];

/** A directory of its own for one store; removed when the test file is done. */
export function storeDir(): string {
  // A hook made inside a test would run after that test, and miss the directories of those that follow.
  if (made.length === 0) {
    process.once('exit', () => made.forEach((dir) => rmSync(dir, { recursive: true, force: true })));
  }
  const dir = mkdtempSync(join(tmpdir(), 'flameherd-store-'));
  made.push(dir);
  return dir;
}

/** A writer that keeps everything for ever, unless told otherwise. */
export function writerOn(dataDir: string, options: Partial<SqliteWriterOptions> = {}): ProfileWriter {
  return openSqliteWriter({
    dataDir,
    minFreeBytes: 0,
    synchronous: 'normal',
    retention: { maxAgeMs: 1e13, maxBytes: 1e13 },
    now: () => 1_700_000_000_000,
    ...options,
  });
}
