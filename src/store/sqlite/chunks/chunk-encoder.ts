import { hour as hourMs } from '../../../model/units.ts';
import type { ValueColumn } from '../../../profile/profile.ts';
import { ByteWriter } from '../encoding/bytes.ts';
import { decodeTotals } from '../heads/samples.ts';
import { decodeShape, type Shape } from '../heads/shape.ts';
import { WeightedSums } from '../read/weighted-sums.ts';
import { sealBlob, writePacked } from './blob.ts';
import type { ChunkInput } from './chunk.ts';
import { ChunkColumns } from './chunk-columns.ts';
import type { StoredChunk } from './chunk-decoder.ts';
import { blobSeed, detailId, gaugeGroup, groupsOf, leadsOf, seedOf, subBlocksPerHour } from './chunk-row.ts';
import { BlockEncoder } from './detail-block.ts';
import { type ShapeReference, type Standing, writeEntries } from './entries.ts';
import { narrowed, SumEncoder, type Sums } from './sum-column.ts';

/** A chunk as it goes into the tables of a detail file. */
export interface EncodedChunk {
  readonly entries: Buffer;
  readonly stacks: Buffer;
  /** By sample type. */
  readonly sums: readonly Buffer[];
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
  readonly #writer = new ByteWriter();
  readonly #scratch = new ByteWriter();
  readonly #sums = new SumEncoder(this.#scratch);
  readonly #blocks = new BlockEncoder(this.#scratch);

  /** `referenceOf` names a shape's text in the file that the chunk goes to. */
  encode(input: ChunkInput, referenceOf: (shape: string) => ShapeReference): EncodedChunk {
    const seed = seedOf(input);
    const shapes = [...new Set(input.profiles.map(({ shape }) => shape))];
    const { types } = decodeShape(shapes[0] as string);
    this.#columns.read(input.profiles, types.length);
    const subBlocks = subBlocksOf(input);
    return {
      entries: this.#entries(input, seed, shapes, shapes.map(referenceOf), subBlocks),
      stacks: this.#stacks(seed),
      sums: this.#sumsOf(input, types, seed),
      details: this.#details(types, subBlocks, seed),
    };
  }

  /** What changes when the snapshots of a chunk turn out to stand otherwise. Throws `DamagedData`. */
  restate(chunk: StoredChunk, standing: Standing): RestatedChunk {
    const { entries, groups, key } = chunk;
    const seed = seedOf(chunk);
    this.#writer.reset();
    writeEntries(this.#writer, key.hour, entries, standing);
    const sealed = sealBlob(this.#writer.bytes(), seed + blobSeed.entries);
    const gauges = groups.find(({ group }) => group === gaugeGroup)?.members ?? [];
    const sums = sumsOfDetail(chunk, gauges, Float64Array.from(standing.standingSeconds));
    return {
      entries: sealed,
      sums: gauges.map((type, at) => ({
        type,
        data: this.#sum(type, sums[at] ?? [], at === 0 ? undefined : sums[0], seed),
      })),
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

  #stacks(seed: number): Buffer {
    const { stacks, stackCount } = this.#columns;
    this.#scratch.reset();
    this.#scratch.risingInts(stacks, stackCount);
    this.#writer.reset();
    this.#writer.uint(stackCount);
    writePacked(this.#writer, this.#scratch.bytes());
    return sealBlob(this.#writer.bytes(), seed + blobSeed.stacks);
  }

  #sumsOf({ profiles }: ChunkInput, types: Shape['types'], seed: number): Buffer[] {
    const standing = Float64Array.from(profiles, ({ standingSeconds }) => standingSeconds);
    const ones = new Float64Array(profiles.length).fill(1);
    const sums = types.map(({ temporality }, type) =>
      weightedSums(this.#columns, type, temporality === 'gauge' ? standing : ones),
    );
    const leads = leadsOf(types);
    return sums.map((sum, type) => {
      const lead = leads[type] ?? type;
      return this.#sum(type, sum, lead === type ? undefined : sums[lead], seed);
    });
  }

  #sum(type: number, sums: Sums, lead: Sums | undefined, seed: number): Buffer {
    this.#writer.reset();
    this.#sums.write(this.#writer, sums, lead);
    return sealBlob(this.#writer.bytes(), seed + blobSeed.sum + type);
  }

  #details(types: Shape['types'], subBlocks: readonly number[], seed: number): { id: number; data: Buffer }[] {
    const details: { id: number; data: Buffer }[] = [];
    for (const { group, members } of groupsOf(types)) {
      let from = 0;
      for (const [subBlock, size] of subBlocks.entries()) {
        this.#writer.reset();
        this.#blocks.write(this.#writer, this.#columns, members, from, from + size);
        const id = detailId(subBlock, group);
        details.push({ id, data: sealBlob(this.#writer.bytes(), seed + blobSeed.detail + id) });
        from += size;
      }
    }
    return details;
  }
}

/** The sums over a chunk, from its single profiles, with weights of their own. */
function sumsOfDetail(chunk: StoredChunk, types: readonly number[], weights: Float64Array): Sums[] {
  const { stacks } = chunk;
  const sums = types.map(() => new WeightedSums((stacks.at(-1) ?? 0) + 1));
  chunk.addDetail(types.map((type, at) => ({ type, weights, into: sums[at] as WeightedSums })));
  return sums.map((sum) => narrowed(Array.from(stacks, (id) => sum.at(id))));
}

/** How many profiles are in each ten minutes that have any. */
function subBlocksOf({ key: { hour }, profiles }: ChunkInput): number[] {
  const subBlockMs = hourMs / subBlocksPerHour;
  const bySubBlock = Map.groupBy(profiles, ({ stampMs }) =>
    Math.max(0, Math.floor((stampMs - hour * hourMs) / subBlockMs)),
  );
  return [...bySubBlock.values()].map(({ length }) => length);
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
