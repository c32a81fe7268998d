import type { ValueColumn } from '../../../profile/profile.ts';
import { ByteReader } from '../encoding/bytes.ts';
import { DamagedData } from '../files/damage.ts';
import type { Shape } from '../heads/shape.ts';
import { valueColumn, type WeightedSums } from '../read/weighted-sums.ts';
import { BrokenBlob, openBlob, readPacked } from './blob.ts';
import type { Chunk, ChunkKey, ChunkSamples, ChunkTypeSum } from './chunk.ts';
import { blobSeed, chunkFormat, detailId, groupsOf, leadsOf, seedOf, type TypeGroup } from './chunk-row.ts';
import { type BlockColumn, BlockDecoder } from './detail-block.ts';
import { readingOf } from './detail-errors.ts';
import { type ShapeReference, StoredEntries } from './entries.ts';
import { addSums } from './sum-column.ts';

/** A row of the table `chunk`, without its stacks. */
export interface ChunkRow extends ChunkKey {
  readonly id: number;
  readonly partition: number;
  readonly carried: number;
  readonly format: number;
  readonly entries: unknown;
}

/** Where the rest of a chunk is read from when it is asked for. */
export interface ChunkSource {
  readonly file: string;
  stacks(chunk: number): unknown;
  sum(chunk: number, type: number): unknown;
  detail(chunk: number, id: number): unknown;
  /** Undefined when there is none of that checksum. */
  shape(reference: ShapeReference): Shape | undefined;
}

/** A chunk of a detail file. */
export class StoredChunk implements Chunk {
  readonly key: ChunkKey;
  readonly partition: number;
  readonly carried: boolean;
  /** Its row. */
  readonly id: number;
  readonly #row: ChunkRow;
  readonly #source: ChunkSource;
  readonly #seed: number;
  #entries: StoredEntries | undefined;
  #stacks: Int32Array | undefined;
  #groups: readonly TypeGroup[] | undefined;

  constructor(row: ChunkRow, source: ChunkSource) {
    this.key = { series: row.series, hour: row.hour, head: row.head, part: row.part };
    this.partition = row.partition;
    this.carried = row.carried !== 0;
    this.id = row.id;
    this.#row = row;
    this.#source = source;
    this.#seed = seedOf(this);
  }

  get entries(): StoredEntries {
    this.#entries ??= this.#readEntries();
    return this.#entries;
  }

  get groups(): readonly TypeGroup[] {
    this.#groups ??= groupsOf(this.entries.shapes[0]?.types ?? []);
    return this.#groups;
  }

  /** The ids of all stacks, rising. */
  get stacks(): Int32Array {
    if (this.#stacks) return this.#stacks;
    const sealed = this.#read(() => this.#source.stacks(this.id));
    this.#stacks = this.#checked(() => {
      const reader = new ByteReader(openBlob(sealed, this.#seed + blobSeed.stacks));
      const stacks = new Int32Array(reader.uint());
      new ByteReader(readPacked(reader)).risingInts(stacks.length, stacks);
      return stacks;
    });
    return this.#stacks;
  }

  addSum(type: number, into: WeightedSums): void {
    const { stacks } = this;
    const blob = (of: number): Buffer => {
      const sealed = this.#read(() => this.#source.sum(this.id, of));
      return this.#checked(() => openBlob(sealed, this.#seed + blobSeed.sum + of));
    };
    const body = blob(type);
    const lead = this.#leads()[type] ?? type;
    this.#checked(() => addSums(body, () => blob(lead), stacks, new Float64Array(stacks.length), into));
  }

  addDetail(types: readonly ChunkTypeSum[]): void {
    const { stacks } = this;
    for (const group of this.groups) {
      const asked = group.members.map((member) => types.filter(({ type }) => type === member));
      if (asked.every((ofType) => ofType.length === 0)) continue;
      this.#eachSubBlock((subBlock, from, to) => {
        const needed = asked.map((ofType) => ofType.filter(({ weights }) => hasWeight(weights, from, to)));
        if (needed.every((ofType) => ofType.length === 0)) return;
        const wanted = needed.map((ofType) => ofType.length > 0);
        const block = this.#block(subBlock, group, to - from, wanted);
        for (const [at, ofType] of needed.entries()) {
          for (const sum of ofType) addColumn(block, block.column(at), stacks, from, sum);
        }
      });
    }
  }

  samples(entry: number): ChunkSamples {
    const { stacks } = this;
    const types = this.entries.shapes[0]?.types.length ?? 0;
    const dense: (number | bigint)[][] = Array.from({ length: types }, () => []);
    for (const group of this.groups) {
      this.#eachSubBlock((subBlock, from, to) => {
        if (entry < from || entry >= to) return;
        const every = group.members.map(() => true);
        const block = this.#block(subBlock, group, to - from, every);
        for (const [at, type] of group.members.entries()) {
          const values = block.column(at)?.values;
          const into = dense[type] as (number | bigint)[];
          const end = block.rowEnd[entry - from] as number;
          for (let row = entry === from ? 0 : (block.rowEnd[entry - from - 1] as number); row < end; row++) {
            into[block.index[row] as number] = values?.[row] ?? 0;
          }
        }
      });
    }
    const rows = [...stacks.keys()].filter((at) => dense.some((column) => Number(column[at] ?? 0) !== 0));
    return {
      ids: Int32Array.from(rows, (at) => stacks[at] as number),
      values: dense.map((column) => valueColumn(rows.map((at) => column[at] ?? 0)).column),
    };
  }

  #eachSubBlock(visit: (subBlock: number, from: number, to: number) => void): void {
    let from = 0;
    for (const [subBlock, size] of this.entries.subBlocks.entries()) {
      visit(subBlock, from, from + size);
      from += size;
    }
  }

  #block(subBlock: number, { group }: TypeGroup, entries: number, wanted: readonly boolean[]): BlockDecoder {
    const id = detailId(subBlock, group);
    const sealed = this.#read(() => this.#source.detail(this.id, id));
    return this.#checked(() => new BlockDecoder(openBlob(sealed, this.#seed + blobSeed.detail + id), entries, wanted));
  }

  #readEntries(): StoredEntries {
    const { entries: sealed, format } = this.#row;
    const entries = this.#checked(() => {
      if (format !== chunkFormat) throw new BrokenBlob(`unknown format ${format}`);
      return new StoredEntries(openBlob(sealed, this.#seed + blobSeed.entries), this.key.hour);
    });
    const shapes = entries.shapeReferences.map((reference) => this.#read(() => this.#source.shape(reference)));
    this.#checked(() => {
      if (shapes.length === 0 || shapes.includes(undefined)) throw new BrokenBlob('its shape is gone');
    });
    entries.shapes = shapes as Shape[];
    return entries;
  }

  #leads(): number[] {
    return leadsOf(this.entries.shapes[0]?.types ?? []);
  }

  #read<Result>(read: () => Result): Result {
    return readingOf(this.#source.file, this.key.hour, read);
  }

  /** Whatever goes wrong while decoding is damage: what was written could be read. */
  #checked<Result>(decode: () => Result): Result {
    try {
      return decode();
    } catch (cause) {
      if (cause instanceof DamagedData) throw cause;
      const what = cause instanceof Error ? cause.message : String(cause);
      const { series, hour } = this.key;
      throw new DamagedData(this.#source.file, hour, `the chunk of series ${series} is damaged: ${what}`, { cause });
    }
  }
}

function hasWeight(weights: Float64Array, from: number, to: number): boolean {
  for (let entry = from; entry < to; entry++) if (weights[entry] !== 0) return true;
  return false;
}

/** Adds up the profiles of a block by position first: those arrays are small, and the sums of a partition large. */
function addColumn(
  block: BlockDecoder,
  column: BlockColumn | undefined,
  stacks: Int32Array,
  from: number,
  { weights, into }: ChunkTypeSum,
): void {
  if (!column) return;
  const { values } = column;
  const sumOfWeights = weights.subarray(from, from + block.rowEnd.length).reduce((sum, weight) => sum + weight, 0);
  const most = column.most * sumOfWeights;
  if (!(values instanceof Float64Array) || column.isSigned || most > Number.MAX_SAFE_INTEGER) {
    addWide(block, values, stacks, from, weights, into);
    return;
  }
  const sums = new Float64Array(stacks.length);
  let row = 0;
  for (let entry = 0; entry < block.rowEnd.length; entry++) {
    const weight = weights[from + entry] as number;
    const end = block.rowEnd[entry] as number;
    if (weight === 0) row = end;
    for (; row < end; row++) {
      const at = block.index[row] as number;
      sums[at] = (sums[at] as number) + (values[row] as number) * weight;
    }
  }
  into.addPlain(stacks, sums, stacks.length, 1, most);
}

function addWide(
  block: BlockDecoder,
  values: ValueColumn,
  stacks: Int32Array,
  from: number,
  weights: Float64Array,
  into: WeightedSums,
): void {
  const sums = Array.from(stacks, () => 0n);
  let row = 0;
  for (let entry = 0; entry < block.rowEnd.length; entry++) {
    const weight = BigInt(weights[from + entry] as number);
    for (const end = block.rowEnd[entry] as number; row < end; row++) {
      const at = block.index[row] as number;
      sums[at] = (sums[at] as bigint) + BigInt(values[row] as number | bigint) * weight;
    }
  }
  into.addSigned(stacks, sums, stacks.length, 1);
}
