import type { DurationMs } from '../model/units.ts';
import type { ProfileReader } from '../store/profile-store.ts';

/** What one question cost its thread. */
export interface Spent {
  /** Profiles and processes that were merged; of several merges, added up. */
  readonly profiles: number;
  readonly processes: number;
  /** In the store; what else the work took is making the answer. */
  readonly readMs: DurationMs;
}

/** A reader that says what was read through it since it was asked last. */
export interface CountedReader {
  readonly reader: ProfileReader;
  /** Begins anew. */
  take(): Spent;
}

/** Calls go through as they are; what they answer is only looked at. */
export function countedReader(reader: ProfileReader): CountedReader {
  let spent = nothing;
  const counted = new Proxy(reader, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...given: unknown[]): unknown => {
        const beganMs = performance.now();
        let answer: unknown;
        try {
          answer = member.apply(target, given);
          return answer;
        } finally {
          const { profiles, processes } = coverageOf(answer);
          spent = {
            profiles: spent.profiles + profiles,
            processes: spent.processes + processes,
            readMs: spent.readMs + performance.now() - beganMs,
          };
        }
      };
    },
  });
  return {
    reader: counted,
    take() {
      const taken = spent;
      spent = nothing;
      return taken;
    },
  };
}

const nothing: Spent = { profiles: 0, processes: 0, readMs: 0 };

function coverageOf(answer: unknown): { readonly profiles: number; readonly processes: number } {
  const coverage = (answer as { coverage?: { profiles?: unknown; processes?: unknown } } | undefined)?.coverage;
  return { profiles: Number(coverage?.profiles ?? 0), processes: Number(coverage?.processes ?? 0) };
}
