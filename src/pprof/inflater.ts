import { gunzipSync } from 'node:zlib';
import { trimmed } from './arena.ts';
import { DecodeError } from './decode-error.ts';
import type { InflateEngine } from './inflate-engine.ts';
import { padding } from './wire-reader.ts';

/** deflate cannot do better than 1,032 to 1, so a trailer that promises more lies. */
const deflateBestRatio = 1032;
/** A buffer up to this size is kept for good: nearly all profiles fit in. */
const keptBytes = 1 << 19;

/** What is inside a gzip stream. Overwritten by the next `inflate`. */
export interface Inflated {
  /** With room for `padding` bytes behind the message. */
  readonly buffer: Uint8Array;
  readonly length: number;
  /** How many bytes of the body were gzip. */
  readonly consumed: number;
}

/**
 * Inflates gzip into a buffer that is used again for the next body. `gunzipSync` makes an engine and an output buffer for
 * each call, and touching new memory alone costs a tenth of the inflating.
 */
export class Inflater {
  readonly #limit: number;
  readonly #engine: InflateEngine | undefined;
  #buffer: Uint8Array = new Uint8Array(1 << 16);
  #used = 0;

  /** `limit` is the most bytes to unpack. Without an engine each body takes a new one. */
  constructor(limit: number, engine: InflateEngine | undefined) {
    this.#limit = limit;
    this.#engine = engine;
  }

  /** All members of a gzip stream. Throws `DecodeError`. */
  inflate(body: Uint8Array): Inflated {
    return this.#engine ? this.#reuse(this.#engine, body) : this.#anew(body);
  }

  #reuse(engine: InflateEngine, body: Uint8Array): Inflated {
    this.#makeRoom(body);
    engine.reset();
    let length = 0;
    let consumed = 0;
    for (;;) {
      const room = this.#buffer.length - padding - length;
      const step = engine.write(body, consumed, this.#buffer, length, room);
      if (step.kind === 'failed') throw brokenGzip(step.code, step.message);
      length += room - step.roomLeft;
      consumed = body.length - step.inputLeft;
      if (length > this.#limit) throw tooLarge(this.#limit);
      this.#used = length;
      if (step.roomLeft > 0) return { buffer: this.#buffer, length, consumed };
      this.#grow();
    }
  }

  /** By the length in the trailer, which the sender chose: it is believed only as far as limit and format allow. */
  #makeRoom(body: Uint8Array): void {
    this.#buffer = trimmed(this.#buffer, this.#used, keptBytes);
    const promised = new DataView(body.buffer, body.byteOffset, body.byteLength).getUint32(body.length - 4, true);
    const size = Math.min(promised, this.#limit, body.length * deflateBestRatio) + 2 * padding;
    if (size > this.#buffer.length) this.#buffer = new Uint8Array(size + (size >> 2));
  }

  #grow(): void {
    const larger = new Uint8Array(Math.min(2 * this.#buffer.length, this.#limit + 2 * padding));
    larger.set(this.#buffer);
    this.#buffer = larger;
  }

  #anew(body: Uint8Array): Inflated {
    try {
      // With `info`, zlib answers the engine too, which counts the bytes that it consumed.
      const { buffer: message, engine } = gunzipSync(body, {
        maxOutputLength: this.#limit,
        info: true,
      }) as unknown as { buffer: Uint8Array; engine: { bytesWritten: number } };
      const buffer = new Uint8Array(message.length + padding);
      buffer.set(message);
      return { buffer, length: message.length, consumed: engine.bytesWritten };
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      throw code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(this.#limit) : brokenGzip(code, message);
    }
  }
}

/** A body that would unpack to more than the limit. */
export function tooLarge(limit: number): DecodeError {
  return new DecodeError('too_large', `unpacked, the profile is above the limit of ${limit} bytes`);
}

function brokenGzip(code: string, message: string): DecodeError {
  const reason = code === 'Z_BUF_ERROR' ? 'gzip cut off: the connection may have broken' : `gzip is broken: ${message}`;
  return new DecodeError('gzip', reason);
}
