import { gunzipSync, type ZlibOptions } from 'node:zlib';
import { DecodeError } from './decode-error.ts';
import type { DecodeLimits } from './decoded-profile.ts';
import { padding } from './wire-reader.ts';

/** A message and the buffer that it lies in, with `padding` zero bytes behind it. */
export interface PaddedMessage {
  readonly padded: Uint8Array;
  readonly length: number;
  readonly wasGzip: boolean;
}

/** deflate cannot do better than 1,032 to 1, so a trailer that promises more lies. */
const deflateBestRatio = 1032;

/** The message of a body, unpacked if it begins as gzip does. Throws `DecodeError`; memory is bounded by the limits. */
export function unpackBody(body: Uint8Array, limits: DecodeLimits): PaddedMessage {
  if (body.length === 0) throw new DecodeError('empty', 'empty body: the target answered without a profile');
  if (body.length > limits.bodyBytes) {
    throw new DecodeError('too_large', `body of ${body.length} bytes is above the limit of ${limits.bodyBytes}`);
  }
  if (isGzip(body)) return { ...padInflated(gunzip(body, limits)), wasGzip: true };
  if (body.length > limits.inflatedBytes) throw tooLarge(limits);
  return { ...padCopy(body), wasGzip: false };
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * All members of a gzip stream. The output buffer is made in one piece from the length in the trailer, which the sender
 * chose: it is believed only as far as the limits and the format allow.
 */
function gunzip(body: Uint8Array, limits: DecodeLimits): Uint8Array {
  const promised = trailerLength(body);
  const size = Math.min(promised, limits.inflatedBytes, body.length * deflateBestRatio);
  const options: ZlibOptions = { chunkSize: size + 64, maxOutputLength: limits.inflatedBytes, info: true };
  // With `info`, zlib answers the engine too, which counts the bytes that it consumed.
  const { buffer, engine } = inflate(body, options, limits) as unknown as {
    buffer: Uint8Array;
    engine: { bytesWritten: number };
  };
  if (engine.bytesWritten !== body.length) {
    throw new DecodeError('gzip', `gzip is followed by ${body.length - engine.bytesWritten} bytes that are no gzip`);
  }
  if (buffer.length === 0) throw new DecodeError('empty', 'empty body: gzip with nothing inside');
  return buffer;
}

function trailerLength(body: Uint8Array): number {
  if (body.length < 18)
    throw new DecodeError('gzip', `gzip cut off: ${body.length} bytes are less than its header and trailer`);
  return new DataView(body.buffer, body.byteOffset, body.byteLength).getUint32(body.length - 4, true);
}

function inflate(body: Uint8Array, options: ZlibOptions, limits: DecodeLimits): Uint8Array {
  try {
    return gunzipSync(body, options);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limits);
    if (code === 'Z_BUF_ERROR')
      throw new DecodeError('gzip', 'gzip cut off: the connection may have broken', { cause: error });
    const reason = error instanceof Error ? error.message : String(error);
    throw new DecodeError('gzip', `gzip is broken: ${reason}`, { cause: error });
  }
}

function tooLarge(limits: DecodeLimits): DecodeError {
  return new DecodeError('too_large', `unpacked, the profile is above the limit of ${limits.inflatedBytes} bytes`);
}

/**
 * Zero bytes behind the message: in place where zlib left room in a buffer that is its own (Buffer's shared pool is known
 * by its size), else in a copy.
 */
function padInflated(message: Uint8Array): { padded: Uint8Array; length: number } {
  const { buffer, byteOffset, length } = message;
  const own = buffer.byteLength !== Buffer.poolSize && byteOffset + length + padding <= buffer.byteLength;
  if (!own) return padCopy(message);
  const padded = new Uint8Array(buffer, byteOffset, length + padding);
  padded.fill(0, length);
  return { padded, length };
}

function padCopy(message: Uint8Array): { padded: Uint8Array; length: number } {
  const padded = new Uint8Array(message.length + padding);
  padded.set(message);
  return { padded, length: message.length };
}
