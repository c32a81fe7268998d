import { basename } from 'node:path';
import { DamagedData } from '../files/damage.ts';
import type { UnixHour } from '../files/data-dir.ts';

/** What SQLite says when pages are not what it wrote. */
const damageCodes = /^SQLITE_(CORRUPT|NOTADB)/;

/** Reads from a detail file; what SQLite finds broken comes out as `DamagedData`. */
export function readingOf<Result>(path: string, hour: UnixHour | undefined, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    if (!isDamage(cause)) throw cause;
    throw new DamagedData(basename(path), hour, `the file is damaged: ${cause.message}`, { cause });
  }
}

function isDamage(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && damageCodes.test(String(error.code));
}
