import { messageOf } from '../../../model/errors.ts';
import { ByteReader } from '../encoding/bytes.ts';
import { DamagedData, namingDamage } from '../files/damage.ts';
import type { Shape } from '../heads/shape.ts';
import { valueColumn, type WeightedSums } from '../read/weighted-sums.ts';
import { BrokenBlob, openBlob } from './blob.ts';
import { CellDecoder } from './cell-decoder.ts';
import type { Chunk, ChunkKey, ChunkSamples, ChunkTypeSum } from './chunk.ts';
import {
  blobSeed,
  chunkFormat,
  detailId,
  gaugeGroup,
  groupsOf,
  modelSubBlock,
  seedOf,
  type TypeGroup,
} from './chunk-row.ts';
import type { DetailBlock } from './detail-block.ts';
import { type ShapeReference, StoredEntries } from './entries.ts';
import type { GroupSums, StackGroups } from './group-sums.ts';
import { increaseClasses } from './increase-cells.ts';
import { ListBlock } from './list-block.ts';
import { readPackedNumbers } from './packed-numbers.ts';
import { readScales, type Scales } from './scales.ts';
import { readSums, type Sums } from './sum-column.ts';

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

interface StoredStacks {
  /** The ids of all stacks, rising. */
  readonly ids: Int32Array;
  /** By group, in the order of `groups`. */
  readonly scales: readonly (Scales | undefined)[];
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
  #stacks: StoredStacks | undefined;
  #groups: readonly TypeGroup[] | undefined;
  readonly #sums = new Map<number, Sums>();
  readonly #cells = new Map<TypeGroup, CellDecoder>();

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
    return this.#readStacks().ids;
  }

  /** Undefined for a group that is kept as lists. */
  scalesOf(group: TypeGroup): Scales | undefined {
    return this.#readStacks().scales[this.groups.indexOf(group)];
  }

  addSum(type: number, into: WeightedSums): void {
    const sums = this.#sumsOf(type);
    const { stacks } = this;
    if (sums instanceof Float64Array) into.addPlain(stacks, sums, stacks.length, 1, totalOf(sums));
    else into.addSigned(stacks, sums, stacks.length, 1);
  }

  addDetail(types: readonly ChunkTypeSum[]): void {
    for (const group of this.groups) {
      const asked = group.members.map((member) => types.filter(({ type }) => type === member));
      if (asked.every((ofType) => ofType.length === 0)) continue;
      this.#eachSubBlock((subBlock, from, to) => {
        const needed = asked.map((ofType) => ofType.filter(({ weights }) => hasWeight(weights, from, to)));
        if (needed.every((ofType) => ofType.length === 0)) return;
        const wanted = needed.map((ofType) => ofType.length > 0);
        const block = this.#block(subBlock, group, to - from, wanted);
        for (const [at, ofType] of needed.entries()) {
          for (const { weights, into } of ofType) {
            this.#checked(() => block.add(at, weights.subarray(from, to), this.stacks, into));
          }
        }
      });
    }
  }

  groupSums(type: number, entry: number, groups: StackGroups): GroupSums {
    const group = this.#groupWith(type);
    const at = group.members.indexOf(type);
    let found: GroupSums | undefined;
    this.#eachSubBlock((subBlock, from, to) => {
      if (entry < from || entry >= to) return;
      const wanted = group.members.map((member) => member === type);
      const block = this.#block(subBlock, group, to - from, wanted);
      const sums = this.#checked(() => {
        const isExact = isBelow2To53(this.entries.totalsOf(type), from, to);
        const doubles = new Float64Array(isExact ? (to - from) * groups.count : 0);
        return isExact && block.addByGroup(at, groups, doubles) ? doubles : wideGroupSums(block, at, groups, to - from);
      });
      found = { from, to, sums };
    });
    if (!found) throw new RangeError(`a chunk has no profile numbered ${entry}`);
    return found;
  }

  letGo(): void {
    this.#stacks = undefined;
    this.#sums.clear();
    this.#cells.clear();
  }

  samples(entry: number): ChunkSamples {
    const { stacks } = this;
    const columns = (this.entries.shapes[0]?.types ?? []).map((): (number | bigint)[] => []);
    for (const group of this.groups) {
      this.#eachSubBlock((subBlock, from, to) => {
        if (entry < from || entry >= to) return;
        const every = group.members.map(() => true);
        const block = this.#block(subBlock, group, to - from, every);
        for (const [at, type] of group.members.entries()) {
          block.values(at, entry - from, columns[type] as (number | bigint)[]);
        }
      });
    }
    const rows = [...stacks.keys()].filter((at) => columns.some((column) => Number(column[at] ?? 0) !== 0));
    return {
      ids: Int32Array.from(rows, (at) => stacks[at] as number),
      values: columns.map((column) => valueColumn(rows.map((at) => column[at] ?? 0)).column),
    };
  }

  #eachSubBlock(visit: (subBlock: number, from: number, to: number) => void): void {
    let from = 0;
    for (const [subBlock, size] of this.entries.subBlocks.entries()) {
      visit(subBlock, from, from + size);
      from += size;
    }
  }

  #block(subBlock: number, group: TypeGroup, profiles: number, wanted: readonly boolean[]): DetailBlock {
    const body = this.#detail(subBlock, group);
    const scales = this.scalesOf(group);
    if (!scales) return this.#checked(() => new ListBlock(body, profiles, wanted));
    const decoder = this.#cellsOf(group, scales);
    return this.#checked(() => decoder.block(body, profiles, wanted));
  }

  #cellsOf(group: TypeGroup, scales: Scales): CellDecoder {
    const known = this.#cells.get(group);
    if (known) return known;
    const model = this.#detail(modelSubBlock, group);
    const sumOf = (type: number): Sums => this.#sumsOf(group.members[type] as number);
    const classes = group.group === gaugeGroup ? undefined : increaseClasses(scales, this.entries.count, sumOf);
    const decoder = this.#checked(() => new CellDecoder(model, scales, classes));
    this.#cells.set(group, decoder);
    return decoder;
  }

  #detail(subBlock: number, { group }: TypeGroup): Buffer {
    const id = detailId(subBlock, group);
    const sealed = this.#read(() => this.#source.detail(this.id, id));
    return this.#checked(() => openBlob(sealed, this.#seed + blobSeed.detail + id));
  }

  #sumsOf(type: number): Sums {
    const known = this.#sums.get(type);
    if (known) return known;
    const group = this.#groupWith(type);
    const sealed = this.#read(() => this.#source.sum(this.id, type));
    const context = { type: group.members.indexOf(type), scales: this.scalesOf(group) };
    const sums = this.#checked(() => {
      const body = openBlob(sealed, this.#seed + blobSeed.sum + type);
      return readSums(body, this.stacks.length, () => this.#sumsOf(group.members[0] as number), context);
    });
    this.#sums.set(type, sums);
    return sums;
  }

  #groupWith(type: number): TypeGroup {
    const group = this.groups.find(({ members }) => members.includes(type));
    if (!group) throw new RangeError(`a chunk has no sample type numbered ${type}`);
    return group;
  }

  #readStacks(): StoredStacks {
    if (this.#stacks) return this.#stacks;
    const { groups } = this;
    const sealed = this.#read(() => this.#source.stacks(this.id));
    this.#stacks = this.#checked(() => {
      const reader = new ByteReader(openBlob(sealed, this.#seed + blobSeed.stacks));
      const ids = idsOf(readPackedNumbers(reader, reader.uint()));
      let before: Scales | undefined;
      const scales = groups.map(({ members }) => {
        const ofGroup = readScales(reader, members.length, ids.length, before);
        before = ofGroup ?? before;
        return ofGroup;
      });
      return { ids, scales };
    });
    return this.#stacks;
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

  #read<Result>(read: () => Result): Result {
    return namingDamage(this.#source.file, this.key.hour, read);
  }

  /** Whatever goes wrong while decoding is damage: what was written could be read. */
  #checked<Result>(decode: () => Result): Result {
    try {
      return decode();
    } catch (cause) {
      if (saysItself(cause)) throw cause;
      const { series, hour } = this.key;
      const what = `the chunk of series ${series} is damaged: ${messageOf(cause)}`;
      throw new DamagedData(this.#source.file, hour, what, { cause });
    }
  }
}

/** Decoding reads more blobs on its way: damage that was found there, and what SQLite could not do, are told already. */
function saysItself(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return error instanceof DamagedData || code.startsWith('SQLITE');
}

/** The gaps between ids, from -1 on, as ids. */
function idsOf(gaps: Float64Array): Int32Array {
  const ids = new Int32Array(gaps.length);
  let before = -1;
  for (let at = 0; at < gaps.length; at++) {
    before += 1 + (gaps[at] as number);
    ids[at] = before;
  }
  return ids;
}

function totalOf(sums: Float64Array): number {
  let total = 0;
  for (let at = 0; at < sums.length; at++) total += sums[at] as number;
  return total;
}

/** Whether no sum of values that are not negative can be inexact. */
function isBelow2To53(totals: Float64Array | readonly bigint[], from: number, to: number): boolean {
  return totals instanceof Float64Array && totals.subarray(from, to).every((total) => total <= Number.MAX_SAFE_INTEGER);
}

function wideGroupSums(block: DetailBlock, type: number, { count, of }: StackGroups, profiles: number): bigint[] {
  const sums = Array.from({ length: profiles * count }, () => 0n);
  for (let profile = 0; profile < profiles; profile++) {
    const values: (number | bigint)[] = [];
    block.values(type, profile, values);
    values.forEach((value, stack) => {
      const at = profile * count + (of[stack] as number);
      sums[at] = (sums[at] as bigint) + BigInt(value);
    });
  }
  return sums;
}

function hasWeight(weights: Float64Array, from: number, to: number): boolean {
  for (let entry = from; entry < to; entry++) if (weights[entry] !== 0) return true;
  return false;
}
