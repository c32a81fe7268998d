import { PprofDecoder } from '../../src/pprof/decode.ts';
import { defaultDecodeLimits } from '../../src/pprof/decode-limits.ts';
import type { DecodedProfile } from '../../src/pprof/decoded-profile.ts';
import { profileOf } from '../../src/pprof/to-profile.ts';
import type { Profile } from '../../src/profile/profile.ts';

const decoder = new PprofDecoder(defaultDecodeLimits);

/** Decodes with the default limits. The answer is good until the next call. */
export function decode(body: Uint8Array): DecodedProfile {
  return decoder.decode(body);
}

/** Decodes into a profile that stays good. */
export function readProfile(body: Uint8Array): Profile {
  return profileOf(decoder.decode(body));
}
