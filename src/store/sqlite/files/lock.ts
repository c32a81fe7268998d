import { join } from 'node:path';
import Database from 'better-sqlite3';
import { FlameherdError } from '../../../model/errors.ts';

/**
 * Holds a data directory for one process: an exclusive transaction on `lock.db` that stays open. The kernel drops the
 * lock with the process, so that kill -9 leaves nothing to clean up. Throws `store_locked`.
 */
export function lockDataDir(dataDir: string): Disposable {
  const lock = new Database(join(dataDir, 'lock.db'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    if (!isBusy(cause)) throw cause;
    throw new FlameherdError('store_locked', `another flameherd is writing to ${dataDir}`, {
      hint: 'stop it, or give this one a directory of its own with --data DIR',
      cause,
    });
  }
  return { [Symbol.dispose]: () => lock.close() };
}

export function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}
