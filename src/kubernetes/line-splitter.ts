import { KubernetesError } from './errors.ts';

const newline = 0x0a;

/** Cuts a stream of bytes into lines without copying those that arrive whole; empty lines are left out. */
export class LineSplitter {
  readonly #maxBytes: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of a line whose end has not come; above 0 at the end of the stream means that it was cut. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** The lines that this chunk ends. Throws a `protocol` error when a line grows above the limit. */
  *push(chunk: Buffer): Generator<Buffer, void, undefined> {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const line = this.#take(chunk.subarray(start, end));
      start = end + 1;
      if (line.length > 0) yield line;
    }
    this.#keep(chunk.subarray(start));
  }

  #take(tail: Buffer): Buffer {
    this.#check(tail.length);
    if (this.#pending.length === 0) return tail;
    const line = Buffer.concat([...this.#pending, tail]);
    this.#pending = [];
    this.#pendingBytes = 0;
    return line;
  }

  #keep(rest: Buffer): void {
    if (rest.length === 0) return;
    this.#check(rest.length);
    this.#pending.push(rest);
    this.#pendingBytes += rest.length;
  }

  #check(more: number): void {
    const bytes = this.#pendingBytes + more;
    if (bytes <= this.#maxBytes) return;
    throw new KubernetesError({
      kind: 'protocol',
      message: `a line of a watch has more than ${this.#maxBytes} bytes`,
    });
  }
}
