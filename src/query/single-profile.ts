import type { ProfileReader } from '../store/profile-store.ts';
import type { Answer } from './engine.ts';
export function answerProfile(_reader: ProfileReader, _id: string): Answer {
  throw new Error('not built yet');
}
