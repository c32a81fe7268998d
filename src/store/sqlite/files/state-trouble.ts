import { FlameherdError } from '../../../model/errors.ts';
import { diskTrouble } from './disk-trouble.ts';
import { isBusy } from './lock.ts';

/**
 * What may happen to a write to `state.db`, to which several threads write: as `diskTrouble`, and `store_locked` where another one
 * was writing for longer than is waited. Undefined for anything else, which is a fault of ours.
 */
export function stateTrouble(dataDir: string, error: unknown): FlameherdError | undefined {
  if (!isBusy(error)) return diskTrouble(dataDir, error);
  return new FlameherdError('store_locked', `state.db in ${dataDir} is being written to for too long`, {
    hint: 'it is tried again by itself; where it goes on, look at how busy the disk is',
    cause: error,
  });
}
