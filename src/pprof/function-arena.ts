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
    const b = wire.bytes;
    let id = 0;
    let name = 0;
    let systemName = 0;
    let file = 0;
    let startLine = 0;
    while (wire.at < end) {
      const tag = b[wire.at++] as number;
      if (tag === 0x08) id = ids.key(wire.varint(), wire.high);
      else if (tag === 0x10) name = wire.index();
      else if (tag === 0x18) systemName = wire.index();
      else if (tag === 0x20) file = wire.index();
      else if (tag === 0x28) startLine = wire.int64();
      else {
        wire.at--;
        wire.skip(wire.tag(), lastFunctionField, end);
      }
    }
    wire.expectEnd(end);
    const at = this.count++;
    if (at >= this.nameIndex.length) {
      this.nameIndex = grown(this.nameIndex, at + 1);
      this.systemName = grown(this.systemName, at + 1);
      this.file = grown(this.file, at + 1);
      this.startLine = grown(this.startLine, at + 1);
    }
    this.nameIndex[at] = name;
    this.systemName[at] = systemName;
    this.file[at] = file;
    this.startLine[at] = startLine;
    if (id === 0) throw new DecodeError('invalid', `function ${at} of the table has id 0, which is reserved`);
    if (!ids.define(id, at))
      throw new DecodeError(
        'invalid',
        `function id ${ids.idOf(id)} comes twice: or are these two profiles glued together?`,
      );
  }
}
