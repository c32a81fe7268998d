import { crc32 } from 'node:zlib';
import type { StoredType } from '../../profile-store.ts';
import type { ChunkKey } from './chunk.ts';

/** The format of the blobs of a chunk: docs/STORAGE.md, "A chunk". */
export const chunkFormat = 1;

export const subBlocksPerHour = 6;
export const mostSubBlocks = 31;
/** In place of a sub-block: what all sub-blocks of a group share. */
export const modelSubBlock = 31;
const mostGroups = 8;
/** How many ids of rows in `chunk_sum` and `chunk_detail` a chunk has for its own. */
export const idsPerChunk = 256;

/** Told apart by what is added to a chunk's seed. */
export const blobSeed = { entries: 1 << 8, stacks: 2 << 8, sum: 3 << 8, detail: 4 << 8 } as const;

/** What checksums start from: a blob passes for the chunk that it was written for and no other. */
export function seedOf(chunk: {
  readonly key: ChunkKey;
  readonly partition: number;
  readonly carried: boolean;
}): number {
  const { key, partition, carried } = chunk;
  const text = [key.series, key.hour, key.head, key.part, partition, carried, chunkFormat].join();
  // Room for what is added to tell blobs apart.
  return crc32(text) % 2 ** 31;
}

/** A group of sample types whose detail is kept together. */
export interface TypeGroup {
  readonly group: number;
  /** Indexes of types, rising. */
  readonly members: readonly number[];
}

const groupOf = { delta: 0, cumulative: 1, gauge: 2 } as const satisfies Record<StoredType['temporality'], number>;

export const gaugeGroup = groupOf.gauge;

/** Types of like temporality are stored together: they have values at the same stacks. */
export function groupsOf(types: readonly StoredType[]): TypeGroup[] {
  const byGroup = Map.groupBy(types.keys(), (type) => groupOf[types[type]?.temporality ?? 'delta']);
  return [...byGroup].map(([group, members]) => ({ group, members }));
}

/** The row of a sub-block in `chunk_detail`, less 256 × chunk. */
export function detailId(subBlock: number, group: number): number {
  return mostGroups * subBlock + group;
}
