import { ByteReader } from '../encoding/bytes.ts';
import { readPacked } from './blob.ts';
import type { Cells } from './cells.ts';
import { type IncreaseClasses, readIncreaseCounts, readIncreaseRests } from './increase-cells.ts';
import type { Scales } from './scales.ts';
import { readSnapshotCounts, readSnapshotRests } from './snapshot-cells.ts';
import { TokenReader } from './token-reader.ts';
import { TokenTables } from './token-tables.ts';

/** Reads the cells of a group of types back, sub-block by sub-block. */
export class CellDecoder {
  readonly scales: Scales;
  /** By type of the group: no value is larger. */
  readonly most: readonly number[];
  readonly #reader: TokenReader;
  readonly #classes: IncreaseClasses | undefined;

  /** `classes` for increases; undefined for snapshots. */
  constructor(model: Uint8Array, scales: Scales, classes: IncreaseClasses | undefined) {
    const reader = new ByteReader(model);
    this.scales = scales;
    this.most = Array.from(scales.scales[0]?.worth ?? [], () => reader.uint());
    this.#reader = new TokenReader(TokenTables.read(new ByteReader(readPacked(reader))));
    this.#classes = classes;
  }

  /** The cells of a sub-block of so many profiles, with the rests of the types that are wanted. */
  cells(block: Uint8Array, profiles: number, wanted: readonly boolean[]): Cells {
    const [bytes, tokens, classes, scales] = [new ByteReader(block), this.#reader, this.#classes, this.scales];
    const stackCount = scales.scaleOf.length;
    const size = stackCount * profiles;
    const cells = { stackCount, profiles, counts: new Float64Array(size) };
    const isChange = new Uint8Array(classes ? 0 : size);
    tokens.open(bytes.raw(bytes.uint()));
    if (classes) readIncreaseCounts(tokens, classes, profiles, cells.counts);
    else readSnapshotCounts(tokens, cells, isChange);
    const rests = wanted.map((isWanted, type) => {
      if (!scales.scales.some(({ hasRest }) => hasRest[type])) return undefined;
      const section = bytes.raw(bytes.uint());
      if (!isWanted) return undefined;
      tokens.open(section);
      const into = new Float64Array(size);
      if (classes) readIncreaseRests(tokens, type, scales, classes, cells, into);
      else readSnapshotRests(tokens, type, scales, cells, isChange, into);
      return into;
    });
    return { ...cells, rests };
  }
}
