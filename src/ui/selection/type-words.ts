import { type ProfileType, parseProfileType } from '../../model/profile-type.ts';
import { aliasOf } from './query.ts';

/** What a profile type measures, as people say it. */
const words: Readonly<Record<string, string>> = {
  cpu: 'CPU time',
  samples: 'CPU samples',
  heap: 'Heap in use',
  inuse_objects: 'Objects in use',
  allocs: 'Allocated bytes',
  alloc_objects: 'Allocated objects',
  goroutine: 'Goroutines',
  block: 'Time blocked',
  block_count: 'Times blocked',
  mutex: 'Time waiting for mutexes',
  mutex_count: 'Waits for mutexes',
  wall: 'Wall time',
  threadcreate: 'Threads created',
  goroutineleak: 'Leaked goroutines',
};

/** `CPU time`; of types without words of their own the name and sample type: `memory: space (bytes)`. */
export function typeWords(type: ProfileType): string {
  const known = words[aliasOf(type) ?? type.sampleType];
  if (known !== undefined) return known;
  const { name, sampleType, sampleUnit } = type;
  return `${name === sampleType || sampleType === '' ? name : `${name}: ${sampleType}`} (${sampleUnit})`;
}

/** The order in which types are offered: what most people ask for first. */
export function typeRank(text: string): number {
  const type = parseProfileType(text);
  const rank = type ? Object.keys(words).indexOf(aliasOf(type) ?? type.sampleType) : -1;
  return rank < 0 ? Object.keys(words).length : rank;
}
