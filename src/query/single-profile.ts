import { FlameherdError } from '../model/errors.ts';
import type { Allowance } from '../store/allowance.ts';
import type { ProfileReader } from '../store/profile-store.ts';
import type { Answer } from './engine.ts';
import { pprofAnswer } from './pprof-answer.ts';

/** One profile as it is stored, as pprof: increases where a type is cumulative. Throws `not_found`. */
export function answerProfile(reader: ProfileReader, id: string, allowance: Pick<Allowance, 'check'>): Answer {
  const found = reader.profile(id);
  if (!found) {
    throw new FlameherdError('not_found', `id: there is no profile ${JSON.stringify(id)}`, {
      hint: '/api/v1/profiles lists the ids of what is stored; single profiles are kept for the detail horizon',
    });
  }
  const { labels, kind, stampMs } = found.entry;
  return pprofAnswer(found.profile, { workload: labels['workload'], type: kind, timeMs: stampMs }, allowance);
}
