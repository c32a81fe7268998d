/**
 * Why a body is no profile of ours.
 *
 * - `empty`: no bytes.
 * - `too_large`: over a bound of `DecodeLimits`; the message names the bound.
 * - `gzip`: the compression is broken or cut off.
 * - `not_pprof`: something else altogether, such as an HTML page or pprof's text format.
 * - `malformed`: the bytes are no protobuf message of pprof's shape.
 * - `invalid`: the message reads, but contradicts itself.
 */
export type DecodeErrorCode = 'empty' | 'too_large' | 'gzip' | 'not_pprof' | 'malformed' | 'invalid';

/** A body that is refused. The message never quotes the body: it may be a page that the reader has no right to see. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly code: DecodeErrorCode;

  constructor(code: DecodeErrorCode, message: string, options?: { cause: unknown }) {
    super(message, options);
    this.code = code;
  }
}
