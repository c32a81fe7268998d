import { hour as hourMs } from '../../../model/units.ts';
import type { ValueColumn } from '../../../profile/profile.ts';
import { ByteWriter } from '../encoding/bytes.ts';
import { decodeTotals } from '../heads/samples.ts';
import { decodeShape, type Shape } from '../heads/shape.ts';
import { WeightedSums } from '../read/weighted-sums.ts';
import { sealBlob } from './blob.ts';
import type { ChunkInput } from './chunk.ts';
import { ChunkColumns } from './chunk-columns.ts';
import type { StoredChunk } from './chunk-decoder.ts';
import {
  blobSeed,
  detailId,
  gaugeGroup,
  groupsOf,
  modelSubBlock,
  seedOf,
  subBlocksPerHour,
  type TypeGroup,
} from './chunk-row.ts';
import { type ShapeReference, type Standing, writeEntries } from './entries.ts';
import { type DetailChoice, type EncodedGroup, GroupEncoder } from './group-encoder.ts';
import { NumberPacker } from './packed-numbers.ts';
import { type Scales, writeScales } from './scales.ts';
import { narrowed, SumEncoder, type Sums } from './sum-column.ts';

/** A sub-block with fewer cells takes more to find than to read. */
const cellsPerSubBlock = 16_384;

/** A chunk as it goes into the tables of a detail file. */
export interface EncodedChunk {
  readonly entries: Buffer;
  readonly stacks: Buffer;
  readonly sums: readonly { readonly type: number; readonly data: Buffer }[];
  readonly details: readonly { readonly id: number; readonly data: Buffer }[];
}

export interface RestatedChunk {
  readonly entries: Buffer;
  /** Of gauges. */
  readonly sums: readonly { readonly type: number; readonly data: Buffer }[];
}

/** Turns profiles as they lie in a head file into a chunk. One object serves chunk after chunk. */
export class ChunkEncoder {
  readonly #columns = new ChunkColumns();
  readonly #groups: GroupEncoder;
  readonly #writer = new ByteWriter();
  readonly #packer = new NumberPacker();
  readonly #sumEncoder = new SumEncoder(this.#packer);

  constructor(choice: DetailChoice = 'smaller') {
    this.#groups = new GroupEncoder(choice);
  }

  /** `referenceOf` names a shape's text in the file that the chunk goes to. */
  encode(input: ChunkInput, referenceOf: (shape: string) => ShapeReference): EncodedChunk {
    const seed = seedOf(input);
    const shapes = [...new Set(input.profiles.map(({ shape }) => shape))];
    const shape = decodeShape(shapes[0] as string);
    const { types } = shape;
    const columns = this.#columns;
    columns.read(
      input.profiles,
      types.map(({ temporality }) => !input.carried || temporality === 'gauge'),
    );
    const subBlocks = subBlocksOf(input, columns.stackCount);
    const sums = sumsOf(columns, types, input.profiles);
    const groups = groupsOf(types);
    const details = this.#groups.encode(columns, shape, groups, sums, subBlocks);
    return {
      entries: this.#entries(input, seed, shapes, shapes.map(referenceOf), subBlocks),
      stacks: this.#stacks(details, seed),
      sums: groups.flatMap((group, at) => this.#sums(group, details[at]?.scales, (type) => sums[type] as Sums, seed)),
      details: groups.flatMap((group, at) => sealedDetails(group, details[at] as EncodedGroup, seed)),
    };
  }

  /** What changes when the snapshots of a chunk turn out to stand otherwise. Throws `DamagedData`. */
  restate(chunk: StoredChunk, standing: Standing): RestatedChunk {
    const { entries, groups, key } = chunk;
    const seed = seedOf(chunk);
    this.#writer.reset();
    writeEntries(this.#writer, key.hour, entries, standing);
    const sealed = sealBlob(this.#writer.bytes(), seed + blobSeed.entries);
    const gauges = groups.find(({ group }) => group === gaugeGroup);
    if (!gauges) return { entries: sealed, sums: [] };
    const sums = sumsOfDetail(chunk, gauges.members, Float64Array.from(standing.standingSeconds));
    const sumOf = (type: number): Sums => sums[gauges.members.indexOf(type)] as Sums;
    return { entries: sealed, sums: this.#sums(gauges, chunk.scalesOf(gauges), sumOf, seed) };
  }

  #entries(
    { key: { hour }, profiles, observed }: ChunkInput,
    seed: number,
    shapes: readonly string[],
    references: readonly ShapeReference[],
    subBlocks: readonly number[],
  ): Buffer {
    const totals = profiles.map((profile) => decodeTotals(profile.totals));
    this.#writer.reset();
    const columns = {
      shapeReferences: references,
      subBlocks,
      stampMs: profiles.map(({ stampMs }) => stampMs),
      intervalMs: profiles.map(({ intervalMs }) => intervalMs),
      spanMs: profiles.map(({ spanMs }) => spanMs),
      shape: profiles.map(({ shape }) => shapes.indexOf(shape)),
      trimmed: profiles.map(({ trimmed }) => trimmed),
      totals: this.#columns.values.map((_, type) => totals.map((ofProfile) => ofProfile[type] ?? 0n)),
      timeNanos: this.#columns.timeNanos,
      durationNanos: this.#columns.durationNanos,
      contentHash: (entry: number) => profiles[entry]?.contentHash ?? '',
    };
    const standingSeconds = profiles.map((profile) => profile.standingSeconds);
    writeEntries(this.#writer, hour, columns, { standingSeconds, observed });
    return sealBlob(this.#writer.bytes(), seed + blobSeed.entries);
  }

  /** The stacks, and how the values of each are scaled. */
  #stacks(groups: readonly EncodedGroup[], seed: number): Buffer {
    const { stacks, stackCount } = this.#columns;
    const gaps = new Int32Array(stackCount);
    for (let at = 0, before = -1; at < stackCount; at++) {
      gaps[at] = (stacks[at] as number) - before - 1;
      before = stacks[at] as number;
    }
    this.#writer.reset();
    this.#writer.uint(stackCount);
    this.#packer.write(this.#writer, gaps);
    let before: Scales | undefined;
    for (const { scales } of groups) {
      writeScales(this.#writer, this.#packer, scales, before);
      before = scales ?? before;
    }
    return sealBlob(this.#writer.bytes(), seed + blobSeed.stacks);
  }

  #sums(
    { members }: TypeGroup,
    scales: Scales | undefined,
    sumOf: (type: number) => Sums,
    seed: number,
  ): { type: number; data: Buffer }[] {
    const lead = sumOf(members[0] as number);
    return members.map((type, at) => {
      const body = this.#sumEncoder.encode(sumOf(type), lead, { type: at, scales });
      return { type, data: sealBlob(body, seed + blobSeed.sum + type) };
    });
  }
}

function sealedDetails({ group }: TypeGroup, { model, blocks }: EncodedGroup, seed: number): EncodedChunk['details'] {
  const bodies = blocks.map((body, subBlock) => ({ subBlock, body }));
  if (model) bodies.push({ subBlock: modelSubBlock, body: model });
  return bodies.map(({ subBlock, body }) => {
    const id = detailId(subBlock, group);
    return { id, data: sealBlob(body, seed + blobSeed.detail + id) };
  });
}

/** The sums over a chunk, from its single profiles, with weights of their own. */
function sumsOfDetail(chunk: StoredChunk, types: readonly number[], weights: Float64Array): Sums[] {
  const { stacks } = chunk;
  const sums = types.map(() => new WeightedSums((stacks.at(-1) ?? 0) + 1));
  chunk.addDetail(types.map((type, at) => ({ type, weights, into: sums[at] as WeightedSums })));
  return sums.map((sum) => narrowed(Array.from(stacks, (id) => sum.at(id))));
}

/** How many profiles each sub-block has: those of ten minutes, or of longer where there are not many cells in them. */
function subBlocksOf({ key: { hour }, profiles }: ChunkInput, stackCount: number): number[] {
  const cells = stackCount * profiles.length;
  const most = Math.min(subBlocksPerHour, Math.max(1, Math.ceil(cells / cellsPerSubBlock)));
  const bySubBlock = Map.groupBy(profiles, ({ stampMs }) =>
    Math.max(0, Math.floor(((stampMs - hour * hourMs) / hourMs) * most)),
  );
  return [...bySubBlock.values()].map(({ length }) => length);
}

function sumsOf(columns: ChunkColumns, types: Shape['types'], profiles: ChunkInput['profiles']): Sums[] {
  const standing = Float64Array.from(profiles, ({ standingSeconds }) => standingSeconds);
  const ones = new Float64Array(profiles.length).fill(1);
  return types.map(({ temporality }, type) => weightedSums(columns, type, temporality === 'gauge' ? standing : ones));
}

function weightedSums(columns: ChunkColumns, type: number, weights: Float64Array): Sums {
  const column = columns.values[type] as ValueColumn;
  return (
    (column instanceof Float64Array ? plainSums(columns, column, weights) : undefined) ??
    wideSums(columns, column, weights)
  );
}

/** Undefined when a sum is negative or may pass 2^53. */
function plainSums(columns: ChunkColumns, column: Float64Array, weights: Float64Array): Float64Array | undefined {
  const sums = new Float64Array(columns.stackCount);
  let row = 0;
  for (const [entry, weight] of weights.entries()) {
    for (const end = columns.rowEnd[entry] as number; row < end; row++) {
      const value = column[row] as number;
      if (value < 0) return undefined;
      const at = columns.index[row] as number;
      sums[at] = (sums[at] as number) + value * weight;
    }
  }
  return sums.every((sum) => sum <= Number.MAX_SAFE_INTEGER) ? sums : undefined;
}

function wideSums(columns: ChunkColumns, column: ValueColumn, weights: Float64Array): Sums {
  const sums = Array.from({ length: columns.stackCount }, () => 0n);
  let row = 0;
  for (const [entry, weight] of weights.entries()) {
    for (const end = columns.rowEnd[entry] as number; row < end; row++) {
      const at = columns.index[row] as number;
      sums[at] = (sums[at] as bigint) + BigInt(column[row] as number | bigint) * BigInt(weight);
    }
  }
  return narrowed(sums);
}
