import { exactSum } from '../../../profile/amounts.ts';
import type { Allowance } from '../../allowance.ts';
import type { Chunk } from '../chunks/chunk.ts';
import type { GroupSums, StackGroups } from '../chunks/group-sums.ts';
import type { HeadReader, ProfileRow } from '../heads/head-reader.ts';
import { openSamples, SampleDecoder } from '../heads/samples.ts';
import { totalIn } from '../heads/totals-text.ts';
import type { Roll } from '../rollups/roll.ts';
import { ChunkPiece, HeadPiece, type Piece } from './piece.ts';
import { sharesOf } from './shares.ts';
import type { SplitParts, StackParts } from './split-parts.ts';
import type { StackSums } from './weighted-sums.ts';

/** What one profile has of the parts of a split. Parts it has nothing of are left out. */
export interface PartTotals {
  /** Numbers of `SplitParts`. */
  readonly parts: readonly number[];
  /** Exact: a bigint only where a number is not certain to be. */
  readonly values: readonly (number | bigint)[];
}

/** Chunks that are read at the same time: profiles of an hour that came in several files lie in several. */
const mostOpenChunks = 4;

interface OpenChunk {
  readonly chunk: Chunk;
  readonly type: number;
  /** The groups of the chunk's stacks, numbered as they come; 0 is in no part. */
  readonly groups: StackGroups;
  /** The group of the partition that each of these is. */
  readonly groupOf: readonly number[];
  block: GroupSums | undefined;
}

/** Reads what profiles have of the parts of a split: each sub-block of a chunk once, when one comes after the other. */
export class PartTotalsReader {
  readonly parts: SplitParts;
  readonly #allowance: Allowance;
  readonly #decoder = new SampleDecoder();
  readonly #open: OpenChunk[] = [];
  /** By part: what is being added up; undefined between profiles. */
  readonly #sums: (number | bigint | undefined)[] = [];
  /** By group, of rows of heads; 0 between profiles. */
  #groupSums = new Float64Array(64);

  constructor(parts: SplitParts, allowance: Allowance) {
    this.parts = parts;
    this.#allowance = allowance;
  }

  ofProfile(piece: Piece, entry: number, type: number): PartTotals {
    if (piece instanceof ChunkPiece) return this.#ofEntry(piece.chunk, entry, type);
    if (piece instanceof HeadPiece) return this.#ofRow(piece.head, piece.row(entry), type);
    throw new Error('profiles lie in chunks or heads');
  }

  /** Of each process, in order: in proportion to what is known of it. */
  ofRoll(roll: Roll, type: number): PartTotals[] {
    this.#allowance.check();
    const parts = this.parts.of(roll.key.partition);
    const sums = new SumsByGroup(parts);
    roll.addSum(type, sums);
    const groups = [...sums.sums.keys()];
    const wholes = roll.processes.map(({ totals }) => totals[type] ?? 0n);
    return sharesOf([...sums.sums.values()], wholes).map((shares) => this.#totals(parts, groups, shares));
  }

  #ofEntry(chunk: Chunk, entry: number, type: number): PartTotals {
    const parts = this.parts.of(chunk.partition);
    const open = this.#openChunk(chunk, type, parts);
    const { groups, groupOf } = open;
    if (groups.count === 1) return nothing;
    if (!open.block || entry < open.block.from || entry >= open.block.to) {
      this.#allowance.check();
      open.block = chunk.groupSums(type, entry, groups);
    }
    const { from, sums } = open.block;
    const first = (entry - from) * groups.count;
    return this.#totals(parts, groupOf, sums.slice(first, first + groups.count));
  }

  #openChunk(chunk: Chunk, type: number, parts: StackParts): OpenChunk {
    const known = this.#open.find((open) => open.chunk === chunk && open.type === type);
    if (known) return known;
    if (this.#open.length === mostOpenChunks) this.#open.shift()?.chunk.letGo();
    const opened = { chunk, type, ...groupsIn(chunk, parts), block: undefined };
    this.#open.push(opened);
    return opened;
  }

  #ofRow(head: HeadReader, row: ProfileRow, type: number): PartTotals {
    const parts = this.parts.of(row.partition);
    const decoder = this.#decoder;
    openSamples(decoder, head.samples(row.samples));
    for (let before = 0; before < type; before++) decoder.skipColumn();
    const kind = decoder.readColumn();
    if (kind === 'zero') return nothing;
    if (kind === 'signed' || typeof totalIn(row.totals, type) === 'bigint') {
      const sums = new SumsByGroup(parts);
      if (kind === 'signed') sums.addSigned(decoder.ids, decoder.signed, decoder.count, 1);
      else sums.addPlain(decoder.ids, decoder.plain, decoder.count, 1, Infinity);
      return this.#totals(parts, [...sums.sums.keys()], [...sums.sums.values()]);
    }
    return this.#addUpRow(parts, decoder);
  }

  #addUpRow(parts: StackParts, { ids, plain, count }: SampleDecoder): PartTotals {
    const groups: number[] = [];
    let sums = this.#groupSums;
    for (let row = 0; row < count; row++) {
      const value = plain[row] as number;
      const group = value === 0 ? 0 : parts.groupOf(ids[row] as number);
      if (group === 0) continue;
      if (group >= sums.length) sums = this.#groupSums = longer(sums, 2 * parts.groups);
      if (sums[group] === 0) groups.push(group);
      sums[group] = (sums[group] as number) + value;
    }
    const values = groups.map((group) => sums[group] as number);
    for (const group of groups) sums[group] = 0;
    return this.#totals(parts, groups, values);
  }

  /** What groups come to, by part. */
  #totals(parts: StackParts, groups: readonly number[], values: ArrayLike<number | bigint>): PartTotals {
    const found: number[] = [];
    const sums = this.#sums;
    for (let at = 0; at < groups.length; at++) {
      const value = values[at] as number | bigint;
      if (Number(value) === 0) continue;
      for (const part of parts.partsOf(groups[at] as number)) {
        if (sums[part] === undefined) found.push(part);
        sums[part] = exactSum(sums[part] ?? 0, value);
      }
    }
    const totals = found.map((part) => sums[part] as number | bigint);
    for (const part of found) sums[part] = undefined;
    return { parts: found, values: totals };
  }
}

const nothing: PartTotals = { parts: [], values: [] };

function groupsIn({ stacks }: Chunk, parts: StackParts): Pick<OpenChunk, 'groups' | 'groupOf'> {
  const groupOf = [0];
  const places = new Map([[0, 0]]);
  const of = new Int32Array(stacks.length);
  for (let at = 0; at < of.length; at++) {
    const group = parts.groupOf(stacks[at] as number);
    if (group === 0) continue;
    let place = places.get(group);
    if (place === undefined) {
      place = groupOf.push(group) - 1;
      places.set(group, place);
    }
    of[at] = place;
  }
  return { groupOf, groups: { count: groupOf.length, of } };
}

/** Sums of any size, by group. */
class SumsByGroup implements StackSums {
  readonly sums = new Map<number, bigint>();
  readonly #parts: StackParts;

  constructor(parts: StackParts) {
    this.#parts = parts;
  }

  addPlain(ids: Int32Array, values: Float64Array, count: number, weight: number, total: number): void {
    if (total * weight > Number.MAX_SAFE_INTEGER) {
      this.addSigned(ids, Array.from(values.subarray(0, count), BigInt), count, weight);
      return;
    }
    const doubles = new Map<number, number>();
    for (let at = 0; at < count; at++) {
      const group = this.#parts.groupOf(ids[at] as number);
      if (group !== 0) doubles.set(group, (doubles.get(group) ?? 0) + (values[at] as number) * weight);
    }
    for (const [group, sum] of doubles) this.#add(group, BigInt(sum));
  }

  addSigned(ids: Int32Array, values: BigInt64Array | readonly bigint[], count: number, weight: number): void {
    for (let at = 0; at < count; at++) {
      const group = this.#parts.groupOf(ids[at] as number);
      if (group !== 0) this.#add(group, (values[at] as bigint) * BigInt(weight));
    }
  }

  #add(group: number, value: bigint): void {
    this.sums.set(group, (this.sums.get(group) ?? 0n) + value);
  }
}

function longer(sums: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(length);
  grown.set(sums);
  return grown;
}
