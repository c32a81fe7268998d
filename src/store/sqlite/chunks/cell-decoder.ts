import { ByteReader } from '../encoding/bytes.ts';
import type { Cells } from './cells.ts';
import { type IncreaseClasses, readIncreaseCounts, readIncreaseRests } from './increase-cells.ts';
import type { Scales } from './scales.ts';
import { readSnapshotCounts, readSnapshotRests } from './snapshot-cells.ts';
import { TokenSteps } from './token-reader.ts';
import { TokenTables } from './token-tables.ts';

/** Reads the cells of a group of types back, sub-block by sub-block. */
export class CellDecoder {
  readonly scales: Scales;
  /** By type of the group: no value is larger. */
  readonly most: readonly number[];
  readonly #steps: TokenSteps;
  readonly #classes: IncreaseClasses | undefined;
  /** By type of the group: whether sub-blocks have a section of rests. */
  readonly #hasRests: readonly boolean[];

  /** `classes` for increases; undefined for snapshots. */
  constructor(model: Uint8Array, scales: Scales, classes: IncreaseClasses | undefined) {
    const reader = new ByteReader(model);
    const types = scales.scales[0]?.worth ?? [];
    this.scales = scales;
    this.most = types.map(() => reader.uint());
    this.#steps = new TokenSteps(TokenTables.read(reader));
    this.#classes = classes;
    this.#hasRests = types.map((_, type) => scales.scales.some(({ hasRest }) => hasRest[type]));
  }

  /** The cells of a sub-block of so many profiles, with the rests of the types that are wanted. Good until the next call. */
  cells(block: Uint8Array, profiles: number, wanted: readonly boolean[]): Cells {
    const [bytes, steps, classes, scales] = [new ByteReader(block), this.#steps, this.#classes, this.scales];
    const stackCount = scales.scaleOf.length;
    const size = stackCount * profiles;
    const cells = { stackCount, profiles, counts: roomFor(0, size) };
    const hasRests = this.#hasRests.includes(true);
    const isChange = classes || !hasRests ? undefined : new Uint8Array(size);
    const section = bytes.raw(bytes.uint());
    if (classes) readIncreaseCounts(steps, section, classes, profiles, cells.counts.fill(0));
    else readSnapshotCounts(steps, section, cells, isChange);
    const rests = wanted.map((isWanted, type) => {
      if (!this.#hasRests[type]) return undefined;
      const ofType = bytes.raw(bytes.uint());
      if (!isWanted) return undefined;
      const into = roomFor(1 + type, size).fill(0);
      if (classes) readIncreaseRests(steps, ofType, type, scales, classes, cells, into);
      else if (isChange) readSnapshotRests(steps, ofType, type, scales, cells, isChange, into);
      return into;
    });
    return { ...cells, rests };
  }
}

/** Larger arrays are not kept. */
const mostKept = 1 << 19;
const kept: Float64Array[] = [];

/** An array that is used again for every block: making one takes as long as a tenth of reading it. */
function roomFor(use: number, size: number): Float64Array {
  if (size > mostKept) return new Float64Array(size);
  let room = kept[use];
  if (!room || room.length < size) {
    room = new Float64Array(Math.min(mostKept, 2 * size));
    kept[use] = room;
  }
  return room.subarray(0, size);
}
