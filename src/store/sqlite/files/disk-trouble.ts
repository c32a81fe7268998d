import { accessSync, constants } from 'node:fs';
import { FlameherdError, messageOf } from '../../../model/errors.ts';
import { isDiskFull } from './database.ts';

/**
 * What an operator can do something about: `storage_full` or `storage_read_only`. Undefined for anything else, which is a
 * fault of ours.
 */
export function diskTrouble(dataDir: string, error: unknown): FlameherdError | undefined {
  if (isUnwritable(error)) return storageReadOnly(dataDir, error);
  return isDiskFull(error) ? storageFull(`the disk of ${dataDir} is full: ${messageOf(error)}`, error) : undefined;
}

export function storageFull(because: string, cause?: unknown): FlameherdError {
  return new FlameherdError('storage_full', because, {
    hint: 'free some disk, or lower storage.retention; profiles are accepted again by themselves',
    cause,
  });
}

function storageReadOnly(dataDir: string, cause: unknown): FlameherdError {
  return new FlameherdError(
    'storage_read_only',
    `${dataDir} cannot be written: ${reason(dataDir) ?? messageOf(cause)}`,
    {
      hint: 'look whether its disk turned read-only (mount, dmesg) and who owns it; profiles are accepted again by themselves',
      cause,
    },
  );
}

/** What the file system says itself, where SQLite says only that it could not open a file. */
function reason(dataDir: string): string | undefined {
  try {
    accessSync(dataDir, constants.W_OK);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** Files cannot be written or made: a read-only disk, or missing rights. */
function isUnwritable(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(SQLITE_(READONLY|CANTOPEN|PERM)|EROFS$|EACCES$|EPERM$)/.test(code);
}
