import { grown, trimmed } from './arena.ts';
import { DecodeError } from './decode-error.ts';
import type { IdIndex } from './id-index.ts';
import type { WireReader } from './wire-reader.ts';

const lastFunctionField = 5;

/** The functions of a message as columns of string indexes. */
export class FunctionArena {
  count = 0;
  nameIndex: Int32Array = new Int32Array(1 << 12);
  systemName: Int32Array = new Int32Array(1 << 12);
  file: Int32Array = new Int32Array(1 << 12);
  startLine: Float64Array = new Float64Array(1 << 12);

  reset(): void {
    this.nameIndex = trimmed(this.nameIndex, this.count);
    this.systemName = trimmed(this.systemName, this.count);
    this.file = trimmed(this.file, this.count);
    this.startLine = trimmed(this.startLine, this.count);
    this.count = 0;
  }

  /** Reads the `Function` between the reader's position and `end`. */
  read(wire: WireReader, end: number, ids: IdIndex): void {
    const at = this.#begin();
    const start = wire.at;
    let id = this.#readShort(wire, end, at);
    if (id === 0) {
      wire.at = start;
      id = this.#readAny(wire, end, at, ids);
    }
    if (id === 0) throw new DecodeError('invalid', `function ${at} of the table has id 0, which is reserved`);
    if (!ids.define(id, at))
      throw new DecodeError(
        'invalid',
        `function id ${ids.idOf(id)} comes twice: or are these two profiles glued together?`,
      );
  }

  #begin(): number {
    const at = this.count++;
    if (at >= this.nameIndex.length) {
      this.nameIndex = grown(this.nameIndex, at + 1);
      this.systemName = grown(this.systemName, at + 1);
      this.file = grown(this.file, at + 1);
      this.startLine = grown(this.startLine, at + 1);
    }
    return at;
  }

  /**
   * Reads a function whose numbers take three bytes at most, as nearly all do, in place; answers its id, or 0 when it is
   * anything else. A number of three bytes is its own key.
   */
  #readShort(wire: WireReader, end: number, at: number): number {
    const b = wire.bytes;
    let p = wire.at;
    let id = 0;
    let name = 0;
    let systemName = 0;
    let file = 0;
    let startLine = 0;
    while (p < end) {
      const tag = b[p++] as number;
      let x = b[p++] as number;
      if (x > 127) {
        const y = b[p++] as number;
        x = (x & 127) | ((y & 127) << 7);
        if (y > 127) {
          const z = b[p++] as number;
          if (z > 127) return 0;
          x |= z << 14;
        }
      }
      if (tag === 0x08) id = x;
      else if (tag === 0x10) name = x;
      else if (tag === 0x18) systemName = x;
      else if (tag === 0x20) file = x;
      else if (tag === 0x28) startLine = x;
      else return 0;
    }
    if (p !== end) return 0;
    wire.at = p;
    this.#put(at, name, systemName, file, startLine);
    return id;
  }

  #readAny(wire: WireReader, end: number, at: number, ids: IdIndex): number {
    let id = 0;
    let name = 0;
    let systemName = 0;
    let file = 0;
    let startLine = 0;
    while (wire.at < end) {
      const tag = wire.tag();
      if (tag === 0x08) id = ids.key(wire.varint(), wire.high);
      else if (tag === 0x10) name = wire.index();
      else if (tag === 0x18) systemName = wire.index();
      else if (tag === 0x20) file = wire.index();
      else if (tag === 0x28) startLine = wire.int64();
      else wire.skip(tag, lastFunctionField, end);
    }
    wire.expectEnd(end);
    this.#put(at, name, systemName, file, startLine);
    return id;
  }

  #put(at: number, name: number, systemName: number, file: number, startLine: number): void {
    this.nameIndex[at] = name;
    this.systemName[at] = systemName;
    this.file[at] = file;
    this.startLine[at] = startLine;
  }
}
