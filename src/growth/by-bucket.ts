import type { ProcessFloors } from '../store/growth-store.ts';

/** Floors that come in the order of their buckets, one bucket at a time. */
export function* byBucket(
  floors: Iterable<ProcessFloors>,
): Generator<{ readonly bucket: number; readonly floors: readonly ProcessFloors[] }> {
  let gathered: ProcessFloors[] = [];
  for (const floor of floors) {
    const bucket = gathered[0]?.bucket;
    if (bucket !== undefined && bucket !== floor.bucket) {
      yield { bucket, floors: gathered };
      gathered = [];
    }
    gathered.push(floor);
  }
  if (gathered[0]) yield { bucket: gathered[0].bucket, floors: gathered };
}
