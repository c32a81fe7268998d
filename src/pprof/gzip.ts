import { constants, crc32, deflateRawSync } from 'node:zlib';

/** What is compressed between two checks. */
const pieceBytes = 1 << 20;
const level = 1;
/** Deflate, no name, no time, the fastest level, an unknown system. */
const header = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255);

/**
 * One gzip stream, made in pieces: `check` is called before each and may throw. A piece ends at a whole byte, and the last
 * one ends the stream.
 */
export function gzip(bytes: Uint8Array, check: () => void): Uint8Array {
  const parts: Uint8Array[] = [header];
  for (let at = 0; at === 0 || at < bytes.length; at += pieceBytes) {
    check();
    const isLast = at + pieceBytes >= bytes.length;
    parts.push(
      deflateRawSync(bytes.subarray(at, at + pieceBytes), {
        level,
        chunkSize: 256 * 1024,
        finishFlush: isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
      }),
    );
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(bytes), 0);
  trailer.writeUInt32LE(bytes.length % 2 ** 32, 4);
  parts.push(trailer);
  return Buffer.concat(parts);
}
