import type { DecodeLimits } from './decoded-profile.ts';

const mebi = 1 << 20;

/** What a profile may be at most; far above the largest real ones (2.7 MB, 41,000 samples) and bounded in memory. */
export const defaultDecodeLimits: DecodeLimits = {
  bodyBytes: 32 * mebi,
  inflatedBytes: 128 * mebi,
  samples: 1_000_000,
  locations: 500_000,
  strings: 1_000_000,
  sampleTypes: 64,
  labelsPerSample: 1_000,
};
