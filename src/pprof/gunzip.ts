import { DecodeError } from './decode-error.ts';
import type { DecodeLimits } from './decoded-profile.ts';
import { type Inflater, tooLarge } from './inflater.ts';
import { padding } from './wire-reader.ts';

/** A message and the buffer that it lies in, with `padding` zero bytes behind it. */
export interface PaddedMessage {
  readonly padded: Uint8Array;
  readonly length: number;
  readonly wasGzip: boolean;
}

/** Header and trailer of gzip. */
const fewestGzipBytes = 18;

/**
 * The message of a body, unpacked if it begins as gzip does; then it is good until the inflater is used again. Throws
 * `DecodeError`; memory is bounded by the limits.
 */
export function unpackBody(body: Uint8Array, limits: DecodeLimits, inflater: Inflater): PaddedMessage {
  if (body.length === 0) throw new DecodeError('empty', 'empty body: the target answered without a profile');
  if (body.length > limits.bodyBytes) {
    throw new DecodeError('too_large', `body of ${body.length} bytes is above the limit of ${limits.bodyBytes}`);
  }
  if (isGzip(body)) return gunzip(body, inflater);
  if (body.length > limits.inflatedBytes) throw tooLarge(limits.inflatedBytes);
  const padded = new Uint8Array(body.length + padding);
  padded.set(body);
  return { padded, length: body.length, wasGzip: false };
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function gunzip(body: Uint8Array, inflater: Inflater): PaddedMessage {
  if (body.length < fewestGzipBytes) {
    throw new DecodeError('gzip', `gzip cut off: ${body.length} bytes are less than its header and trailer`);
  }
  const { buffer, length, consumed } = inflater.inflate(body);
  if (consumed !== body.length) {
    throw new DecodeError('gzip', `gzip is followed by ${body.length - consumed} bytes that are no gzip`);
  }
  if (length === 0) throw new DecodeError('empty', 'empty body: gzip with nothing inside');
  buffer.fill(0, length, length + padding);
  return { padded: buffer, length, wasGzip: true };
}
