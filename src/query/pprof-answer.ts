import { formatTime } from '../model/time.ts';
import type { UnixMs } from '../model/units.ts';
import { encodeProfile } from '../pprof/encode.ts';
import type { Profile } from '../profile/profile.ts';
import type { Allowance } from '../store/allowance.ts';
import type { Answer } from './engine.ts';

/** What the file of a profile is named by. */
export interface PprofName {
  /** Also the binary's name where no frame says it. */
  readonly workload: string | undefined;
  /** An alias or a kind. */
  readonly type: string;
  readonly timeMs: UnixMs;
}

/** A profile as gzipped pprof, in a file named like `checkout-cpu-20260301T120000Z.pb.gz`; `pgo` is the same by another name. */
export function pprofAnswer(
  profile: Profile,
  name: PprofName,
  allowance: Pick<Allowance, 'check'>,
  ending: 'pb.gz' | 'pgo' = 'pb.gz',
): Answer {
  return {
    kind: 'answer',
    contentType: 'application/octet-stream',
    body: encodeProfile(profile, { mainMapping: name.workload || undefined, check: () => allowance.check() }),
    fileName: `${fileNameOf(name)}.${ending}`,
  };
}

/** A file's name without its ending: `checkout-cpu-20260301T120000Z`. */
export function fileNameOf({ workload, type, timeMs }: PprofName): string {
  const time = formatTime(timeMs).replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
  const name = [workload, type, time].filter(Boolean).join('-');
  // Names come from outside and go into a header and onto a disk.
  return name.replaceAll(/[^\w.-]+/g, '_');
}
