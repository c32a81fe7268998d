import { crc32 } from 'node:zlib';

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
