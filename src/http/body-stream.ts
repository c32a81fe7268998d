import { Readable } from 'node:stream';
import type { Bytes } from '../model/units.ts';

/** What is handed to the socket, or to compression, at a time. */
export const pieceBytes: Bytes = 64 * 1024;

/**
 * A body in pieces that share its memory: the next one is taken when the reader has room for it. So compression never runs
 * ahead of a slow client, whose answer would else be held twice.
 */
export class BodyStream extends Readable {
  #rest: Buffer;

  constructor(bytes: Uint8Array) {
    super({ highWaterMark: pieceBytes });
    this.#rest = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  override _read(): void {
    if (this.#rest.length === 0) return void this.push(null);
    const piece = this.#rest.subarray(0, pieceBytes);
    this.#rest = this.#rest.subarray(piece.length);
    this.push(piece);
  }
}
