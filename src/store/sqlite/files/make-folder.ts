import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { FlameherdError, messageOf } from '../../../model/errors.ts';

/**
 * Makes a folder and those above it. Node's own `recursive` never ends where a file system takes no new folders, as /proc.
 * Throws `storage_read_only` where it cannot be made.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const above = dirname(path);
  if (above !== path) makeFolder(above);
  try {
    mkdirSync(path);
  } catch (error) {
    // Somebody else may make it at the same time.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw new FlameherdError('storage_read_only', `${path} cannot be made: ${messageOf(error)}`, {
      hint: 'choose a folder by --data or the key data that may be made or exists; in Kubernetes, a mounted volume (flameherd doctor says more)',
      cause: error,
    });
  }
}
