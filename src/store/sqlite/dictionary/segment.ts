import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** A segment of a dictionary as it lies in meta.db; `id` rises within a partition. */
export interface StoredSegment {
  readonly id: number;
  readonly format: number;
  readonly data: Uint8Array;
}

const segmentFormat = { plain: 1, zstd: 2 } as const;
/** A segment at least this long is compressed. */
const compressFromBytes = 256;

export function packSegment(segment: Uint8Array): Omit<StoredSegment, 'id'> {
  if (segment.length < compressFromBytes) return { format: segmentFormat.plain, data: segment };
  const params = { [constants.ZSTD_c_compressionLevel]: 1 };
  return { format: segmentFormat.zstd, data: zstdCompressSync(segment, { params }) };
}

/** The inverse of `packSegment`. */
export function openSegment({ format, data }: StoredSegment): Uint8Array {
  if (format === segmentFormat.plain) return data;
  if (format === segmentFormat.zstd) return zstdDecompressSync(data);
  throw new Error(`unknown dictionary format ${format}`);
}
