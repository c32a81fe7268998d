import { ByteReader } from '../encoding/bytes.ts';
import type { Cells } from './cells.ts';
import type { DetailBlock } from './detail-block.ts';
import { IncreaseBlock } from './increase-block.ts';
import { type IncreaseClasses, readIncreaseCounts, readIncreaseRests, weighIncreaseCounts } from './increase-cells.ts';
import { RunBlock } from './run-block.ts';
import { Runs } from './runs.ts';
import type { Scales } from './scales.ts';
import { readSnapshotRests, readSnapshots, type SnapshotUse } from './snapshot-cells.ts';
import { TokenSteps } from './token-reader.ts';
import { TokenSlots } from './token-slots.ts';
import { TokenTables } from './token-tables.ts';

/** Reads the cells of a group of types back, sub-block by sub-block. */
export class CellDecoder {
  readonly #scales: Scales;
  /** By type of the group: no value is larger. */
  readonly #most: readonly number[];
  readonly #tables: TokenTables;
  readonly #classes: IncreaseClasses | undefined;
  /** By type of the group: whether sub-blocks have a section of rests. */
  readonly #hasRests: readonly boolean[];

  /** `classes` for increases; undefined for snapshots. */
  constructor(model: Uint8Array, scales: Scales, classes: IncreaseClasses | undefined) {
    const reader = new ByteReader(model);
    const types = scales.scales[0]?.worth ?? [];
    this.#scales = scales;
    this.#most = types.map(() => reader.uint());
    this.#tables = TokenTables.read(reader);
    this.#classes = classes;
    this.#hasRests = types.map((_, type) => scales.scales.some(({ hasRest }) => hasRest[type]));
  }

  /** A sub-block of so many profiles, with the rests of the types that are wanted. Good until the next call. */
  block(body: Uint8Array, profiles: number, wanted: readonly boolean[]): DetailBlock {
    const bytes = new ByteReader(body);
    const counts = bytes.raw(bytes.uint());
    const rests = wanted.map((isWanted, type) => {
      if (!this.#hasRests[type]) return undefined;
      const ofType = bytes.raw(bytes.uint());
      return isWanted ? ofType : undefined;
    });
    return this.#classes
      ? this.#increases(counts, rests, profiles, this.#classes)
      : this.#snapshots(counts, rests, profiles);
  }

  #increases(
    section: Uint8Array,
    sections: readonly (Uint8Array | undefined)[],
    profiles: number,
    classes: IncreaseClasses,
  ): IncreaseBlock {
    const scales = this.#scales;
    const steps = stepsOf(this.#tables);
    const stackCount = scales.scaleOf.length;
    const weigh = (weights: Float64Array): Float64Array => {
      const sums = roomFor(uses.weighed, stackCount).fill(0);
      weighIncreaseCounts(steps, section, classes, weights, sums);
      return sums;
    };
    const cells = (): Cells => {
      const size = stackCount * profiles;
      const counts = roomFor(uses.counts, size).fill(0);
      readIncreaseCounts(steps, section, classes, profiles, counts);
      const rests = sections.map((ofType, type) => {
        if (!ofType) return undefined;
        const into = roomFor(uses.rests + type, size).fill(0);
        readIncreaseRests(steps, ofType, type, scales, classes, { stackCount, profiles, counts }, into);
        return into;
      });
      return { stackCount, profiles, counts, rests };
    };
    return new IncreaseBlock({ hasRests: this.#hasRests, weigh, cells }, scales, this.#most);
  }

  #snapshots(section: Uint8Array, sections: readonly (Uint8Array | undefined)[], profiles: number): RunBlock {
    const scales = this.#scales;
    const tables = this.#tables;
    const read = (use: SnapshotUse): Float64Array => {
      const sums = roomFor(uses.weighed, scales.scaleOf.length).fill(0);
      readSnapshots(slotsOf(tables), section, scales, use, sums, runs);
      return sums;
    };
    const restsOf = (type: number): Float64Array | undefined => {
      const ofType = sections[type];
      return ofType && readSnapshotRests(stepsOf(tables), ofType, type, scales, runs);
    };
    return new RunBlock({ profiles, runs, read, restsOf }, scales, this.#most);
  }
}

const runs = new Runs();
/** Larger arrays are not kept. */
const mostKept = 1 << 19;
const kept: Float64Array[] = [];
/** From `rests` on, one for each type. */
const uses = { weighed: 0, counts: 1, rests: 2 } as const;

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

/** The tables that were used last, unpacked; as many as a chunk has groups. */
const unpackedSteps: Unpacked<TokenSteps>[] = [];
const unpackedSlots: Unpacked<TokenSlots>[] = [];
const mostUnpacked = 3;

interface Unpacked<Result> {
  readonly tables: TokenTables;
  readonly result: Result;
}

function stepsOf(tables: TokenTables): TokenSteps {
  return unpack(unpackedSteps, tables, (oldest) => new TokenSteps(tables, oldest?.steps));
}

function slotsOf(tables: TokenTables): TokenSlots {
  return unpack(unpackedSlots, tables, (oldest) => new TokenSlots(tables, oldest?.tokenOf));
}

/** What is unpacked may use the room of the oldest. */
function unpack<Result>(
  known: Unpacked<Result>[],
  tables: TokenTables,
  make: (oldest: Result | undefined) => Result,
): Result {
  const found = known.find((one) => one.tables === tables);
  if (found) return found.result;
  const oldest = known.length < mostUnpacked ? undefined : known.shift();
  const result = make(oldest?.result);
  known.push({ tables, result });
  return result;
}
