import type { UnixMs } from '../model/units.ts';
import type { ProfileReader } from '../store/profile-store.ts';
import type { Answer, MergeQuestion } from './engine.ts';
export function answerMerge(_reader: ProfileReader, _question: MergeQuestion, _nowMs: UnixMs): Answer {
  throw new Error('not built yet');
}
