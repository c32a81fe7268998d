import { encodeProfile } from '../../src/pprof/encode.ts';
import type { ScriptedReply } from './pprof-server.ts';
import { profileFromText } from './profile-from-text.ts';

/**
 * Profiles that can be told apart and added up after any mishap. The heap profile with the serial number n has n live
 * objects and has allocated `allocatedBy(n)` since its process began; the CPU profile with that number has n samples.
 */
export function heapProfile(serial: number): Uint8Array {
  const [first, second] = halves(allocatedBy(serial));
  return encodeProfile(
    profileFromText(`main;serve;query ${first} ${serial}\nmain;serve;render ${second} 0`, {
      types: [
        { type: 'alloc_objects', unit: 'count' },
        { type: 'inuse_objects', unit: 'count' },
      ],
    }),
  );
}

export function cpuProfile(serial: number): Uint8Array {
  const [first, second] = halves(serial);
  return encodeProfile(
    profileFromText(`main;serve;query ${first} ${first * 10}\nmain;serve;render ${second} ${second * 10}`, {
      types: [
        { type: 'samples', unit: 'count' },
        { type: 'cpu', unit: 'nanoseconds' },
      ],
      header: { durationNanos: 1_000_000_000n },
    }),
  );
}

/** No two differences of neighbours are equal, so that a wrong one is seen. */
export function allocatedBy(serial: number): number {
  return serial * serial + 1000 * serial;
}

/** A scripted program: its next answer for each path has the next serial number. */
export function countingScript(): { readonly script: (request: { readonly path: string }) => ScriptedReply } {
  const served = new Map<string, number>();
  return {
    script({ path }) {
      const serial = (served.get(path) ?? 0) + 1;
      served.set(path, serial);
      return { kind: 'profile', bytes: heapProfile(serial) };
    },
  };
}

function halves(value: number): [number, number] {
  const half = Math.floor(value / 2);
  return [value - half, half];
}
