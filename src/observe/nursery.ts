import { setFlagsFromString } from 'node:v8';

/**
 * Threads that begin from now on may let their youngest generation grow to semi-spaces of 16 MB: below it, what a batch or a
 * question holds is taken for old. The flag with which the process was started is then that of the main thread alone, whose
 * objects are few and die young.
 */
export function letNurseriesGrow(): void {
  // Read once by each heap, when it is made.
  setFlagsFromString('--max-semi-space-size=16');
}
