import type { Frame, FunctionName, MappingName, PprofLabel } from '../../../model/frame.ts';
import { ByteReader } from '../encoding/bytes.ts';
import { Int32Column } from '../encoding/int32-column.ts';

/** Bits of a frame's flags. */
export const inlinedFlag = 1;
export const foldedFlag = 2;

/**
 * The symbols and stacks of one partition, as columns. Ids are dense and only ever added; id 0 of functions, mappings and
 * frames means "none", node 0 is the root, label set 0 is empty, string 0 is "". Stacks count from 0.
 *
 *     stack ─┬─ leaf node ─ parent node ─ … ─ root        node ─ frame ─┬─ function ─ strings
 *            └─ label set                                               └─ mapping
 */
export class StackDictionary {
  readonly strings: string[] = [''];
  readonly functions: (FunctionName | undefined)[] = [undefined];
  readonly mappings: (MappingName | undefined)[] = [undefined];
  readonly frameFunction = new Int32Column(0);
  readonly frameMapping = new Int32Column(0);
  readonly frameFlags = new Int32Column(0);
  readonly frameLine: number[] = [0];
  readonly frameColumn: number[] = [0];
  /** Only of frames without a function. */
  readonly frameAddress = new Map<number, bigint>();
  readonly nodeParent = new Int32Column(0);
  readonly nodeFrame = new Int32Column(0);
  readonly labelSets: (readonly PprofLabel[])[] = [[]];
  readonly stackLeaf = new Int32Column();
  readonly stackLabelSet = new Int32Column();
  readonly stackHashHigh = new Int32Column();
  readonly stackHashLow = new Int32Column();
  readonly #frames: (Frame | undefined)[] = [];

  /** A frame as an object, made when it is first asked for. */
  frame(id: number): Frame {
    return (this.#frames[id] ??= {
      function: this.functions[this.frameFunction.at(id)],
      line: this.frameLine[id] ?? 0,
      column: this.frameColumn[id] ?? 0,
      inlined: (this.frameFlags.at(id) & inlinedFlag) !== 0,
      folded: (this.frameFlags.at(id) & foldedFlag) !== 0,
      mapping: this.mappings[this.frameMapping.at(id)],
      address: this.frameAddress.get(id) ?? 0n,
    });
  }

  /** Adds a segment, which must be the next one: ids follow from the order. The inverse of `encodeSegment`. */
  load(segment: Uint8Array): void {
    const reader = new ByteReader(segment);
    const repeat = (step: () => void): void => {
      for (let left = reader.uint(); left > 0; left--) step();
    };
    const text = (): string => this.strings[reader.uint()] ?? '';
    repeat(() => this.strings.push(reader.text()));
    repeat(() => this.functions.push({ name: text(), systemName: text(), file: text(), startLine: reader.int() }));
    repeat(() => this.mappings.push({ file: text(), buildId: text() }));
    repeat(() => this.#loadFrame(reader));
    repeat(() => {
      this.nodeParent.push(this.nodeParent.size - reader.uint());
      this.nodeFrame.push(reader.uint());
    });
    repeat(() => this.#loadLabelSet(reader, text));
    repeat(() => {
      this.stackLeaf.push(reader.uint());
      this.stackLabelSet.push(reader.uint());
      this.stackHashHigh.push(reader.fixed32());
      this.stackHashLow.push(reader.fixed32());
    });
  }

  #loadFrame(reader: ByteReader): void {
    const id = this.frameFunction.push(reader.uint());
    this.frameMapping.push(reader.uint());
    this.frameFlags.push(reader.uint());
    this.frameLine.push(reader.int());
    this.frameColumn.push(reader.int());
    if (this.frameFunction.at(id) === 0) this.frameAddress.set(id, reader.bigInt());
  }

  #loadLabelSet(reader: ByteReader, text: () => string): void {
    const labels: PprofLabel[] = [];
    for (let left = reader.uint(); left > 0; left--) {
      const key = text();
      labels.push(reader.byte() === 0 ? { key, text: text() } : { key, number: reader.bigInt(), unit: text() });
    }
    this.labelSets.push(labels);
  }
}
