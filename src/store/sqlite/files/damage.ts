import { messageOf } from '../../../model/errors.ts';
import type { UnixHour } from './data-dir.ts';

/** Bytes of a file that cannot be what was written: a page or a blob is damaged. Says whose hours are lost with it. */
export class DamagedData extends Error {
  override readonly name = 'DamagedData';
  readonly file: string;
  /** The hour of a head or chunk, the first of a roll-up; undefined where the damage cannot be pinned to one. */
  readonly hour: UnixHour | undefined;

  constructor(file: string, hour: UnixHour | undefined, what: string, options?: ErrorOptions) {
    super(`${file}: ${what}`, options);
    this.file = file;
    this.hour = hour;
  }
}

/** Runs work on a file; what SQLite says of damaged pages is thrown as `DamagedData` of that file and hour. */
export function namingDamage<Result>(file: string, hour: UnixHour | undefined, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (isDamage(error)) throw new DamagedData(file, hour, messageOf(error), { cause: error });
    throw error;
  }
}

function isDamage(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT');
}
