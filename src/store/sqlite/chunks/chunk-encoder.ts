import { hour as hourMs } from '../../../model/units.ts';
import { ByteWriter } from '../encoding/bytes.ts';
import { decodeTotals } from '../heads/samples.ts';
import { decodeShape } from '../heads/shape.ts';
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
  mostSubBlocks,
  seedOf,
  subBlocksPerHour,
  type TypeGroup,
} from './chunk-row.ts';
import { sumsOfDetail, sumsOfRows } from './chunk-sums.ts';
import { type ShapeReference, type Standing, writeEntries } from './entries.ts';
import { type DetailChoice, type EncodedGroup, GroupEncoder } from './group-encoder.ts';
import { NumberPacker } from './packed-numbers.ts';
import { type Scales, writeScales } from './scales.ts';
import { SumEncoder, type Sums } from './sum-column.ts';

/** A sub-block with fewer cells takes more to find than to read. */
const cellsPerSubBlock = 16_384;
/** More of them are not read at once. */
const mostCells = 1 << 20;
/** What a chunk with more rows needed is not kept for the next one. */
const mostRowsKept = 1 << 20;

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
  readonly #choice: DetailChoice;
  #columns = new ChunkColumns();
  #groups: GroupEncoder;
  readonly #writer = new ByteWriter();
  readonly #packer = new NumberPacker();
  readonly #sumEncoder = new SumEncoder(this.#packer);

  constructor(choice: DetailChoice = 'smaller') {
    this.#choice = choice;
    this.#groups = new GroupEncoder(choice);
  }

  /** `referenceOf` names a shape's text in the file that the chunk goes to. */
  encode(input: ChunkInput, referenceOf: (shape: string) => ShapeReference): EncodedChunk {
    const encoded = this.#encode(input, referenceOf);
    if (this.#columns.rowCount > mostRowsKept) {
      this.#columns = new ChunkColumns();
      this.#groups = new GroupEncoder(this.#choice);
    }
    return encoded;
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

  #encode(input: ChunkInput, referenceOf: (shape: string) => ShapeReference): EncodedChunk {
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
    const sums = sumsOfRows(columns, types, input.profiles);
    const groups = groupsOf(types);
    const details = this.#groups.encode(columns, shape, groups, sums, subBlocks);
    return {
      entries: this.#entries(input, seed, shapes, shapes.map(referenceOf), subBlocks),
      stacks: this.#stacks(details, seed),
      sums: groups.flatMap((group, at) => this.#sums(group, details[at]?.scales, (type) => sums[type] as Sums, seed)),
      details: groups.flatMap((group, at) => sealedDetails(group, details[at] as EncodedGroup, seed)),
    };
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

/**
 * How many profiles each sub-block has: those of ten minutes, of longer where there are not many cells in them, of less
 * where there are very many.
 */
function subBlocksOf({ key: { hour }, profiles }: ChunkInput, stackCount: number): number[] {
  const cells = stackCount * profiles.length;
  const most = Math.max(
    Math.min(subBlocksPerHour, Math.max(1, Math.ceil(cells / cellsPerSubBlock))),
    Math.min(mostSubBlocks, Math.ceil(cells / mostCells)),
  );
  const bySubBlock = Map.groupBy(profiles, ({ stampMs }) =>
    Math.max(0, Math.floor(((stampMs - hour * hourMs) / hourMs) * most)),
  );
  return [...bySubBlock.values()].map(({ length }) => length);
}
