import { crc32 } from 'node:zlib';

/**
 * 16 hex digits that tell a repeated upload from another profile of the same series and moment: the CRC-32 of the inflated
 * message and its length. Gzip carries both, and the decoder has checked them, so they cost nothing (sha1 would cost a
 * third of the gunzip). Two different profiles of one length pass for the same once in 2^32; it is no defence and needs
 * to be none, for whoever makes it collide only hides a profile of their own.
 */
export function contentHash(body: Uint8Array, inflated: Uint8Array): string {
  return hex(trailerCrc(body, inflated.length) ?? crc32(inflated)) + hex(inflated.length);
}

/** The CRC in the trailer of a gzip stream of one member. */
function trailerCrc(body: Uint8Array, inflatedLength: number): number | undefined {
  if (body[0] !== 0x1f || body[1] !== 0x8b || body.length < 18) return undefined;
  const trailer = new DataView(body.buffer, body.byteOffset + body.length - 8, 8);
  // Of several members the last names its own length only.
  return trailer.getUint32(4, true) === inflatedLength ? trailer.getUint32(0, true) : undefined;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
