import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { ByteReader, ByteWriter } from '../encoding/bytes.ts';

/** Below this zstd hardly wins anything, and reading it back costs some microseconds. */
const compressFromBytes = 256;
const zstdParams = { [constants.ZSTD_c_compressionLevel]: 1 };
const checksumBytes = 4;

/** A blob whose bytes cannot be what was written. */
export class BrokenBlob extends Error {
  override readonly name = 'BrokenBlob';
}

/**
 * A copy of a blob's bytes, with four bytes of crc32. The seed tells what the blob belongs to: one that a damaged page
 * brings up in the wrong place does not pass.
 */
export function sealBlob(body: Uint8Array, seed: number): Buffer {
  const sealed = Buffer.allocUnsafe(body.length + checksumBytes);
  sealed.set(body);
  sealed.writeUInt32LE(crc32(body, seed), body.length);
  return sealed;
}

/** What `sealBlob` was given. Throws `BrokenBlob`. */
export function openBlob(sealed: unknown, seed: number): Buffer {
  if (!Buffer.isBuffer(sealed)) throw new BrokenBlob('a blob is missing');
  const length = sealed.length - checksumBytes;
  const body = sealed.subarray(0, Math.max(0, length));
  if (length < 0 || crc32(body, seed) !== sealed.readUInt32LE(length)) throw new BrokenBlob('a checksum is wrong');
  return body;
}

/** Writes bytes with their length, in zstd when that is shorter. */
export function writePacked(writer: ByteWriter, bytes: Uint8Array): void {
  const packed = bytes.length < compressFromBytes ? bytes : zstdCompressSync(bytes, { params: zstdParams });
  const isShorter = packed.length < bytes.length;
  writer.uint(2 * bytes.length + (isShorter ? 1 : 0));
  if (isShorter) writer.uint(packed.length);
  writer.raw(isShorter ? packed : bytes);
}

/** What `writePacked` wrote. It may be a view: it lives as long as the reader's bytes. */
export function readPacked(reader: ByteReader): Uint8Array {
  const size = reader.uint();
  const length = Math.floor(size / 2);
  if (size % 2 === 0) return reader.raw(length);
  // One output chunk that holds it all spares zstd a copy.
  return zstdDecompressSync(reader.raw(reader.uint()), { chunkSize: Math.max(64, length), maxOutputLength: length });
}

export function skipPacked(reader: ByteReader): void {
  const size = reader.uint();
  reader.skip(size % 2 === 0 ? size / 2 : reader.uint());
}
