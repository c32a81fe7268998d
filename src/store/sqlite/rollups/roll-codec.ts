import { crc32 } from 'node:zlib';
import type { SecondRange } from '../../profile-store.ts';
import { openBlob, sealBlob } from '../chunks/blob.ts';
import { factorBetween, type Sums } from '../chunks/sum-column.ts';
import { ByteReader, ByteWriter } from '../encoding/bytes.ts';
import { nibbleColumn, readNibbleColumn } from '../encoding/nibble-column.ts';
import type { StackSums } from '../read/weighted-sums.ts';
import type { Roll, RollInput, RollInputProcess, RollKey, RollProcess } from './roll.ts';

/** The format of the blobs of a roll-up: docs/STORAGE.md, "A roll-up". */
export const rollFormat = 1;

/** How the sums of one sample type are written. */
const sumKind = { zero: 0, plain: 1, wide: 2, multiple: 3 } as const;
/** Told apart by what is added to a roll-up's seed. */
const blobSeed = { head: 1 << 8, stacks: 2 << 8, sum: 3 << 8 } as const;

/** A shape as a file has it. */
export interface StoredShape {
  readonly id: number;
  readonly text: string;
}

/** What a roll-up's blobs are encoded and checked against. */
export interface BlobScope {
  readonly key: Omit<RollKey, 'labels'>;
  /** Of the bucket. */
  readonly startSecond: number;
  /** What checksums start from: a blob passes for the roll-up that it was written for and no other. */
  readonly seed: number;
}

/** `labels` is the crc32 of the text of the group's labels. */
export function scopeOf(labels: number, key: Omit<RollKey, 'labels'>, bucketSeconds: number): BlobScope {
  const text = `${key.kind},${key.bucket},${key.partition},${key.part},${rollFormat}`;
  // Room for what is added to tell blobs apart.
  return { key, startSecond: key.bucket * bucketSeconds, seed: crc32(text, labels) % 2 ** 31 };
}

/** The part of a roll-up that is not sums. */
export type RollHead = Pick<Roll, 'processes' | 'stamps' | 'trimmed' | 'timeNanos' | 'durationNanos'> & {
  readonly shapeIds: readonly number[];
};

const writer = new ByteWriter();

export function encodeHead(input: RollInput, shapes: readonly StoredShape[], { startSecond, seed }: BlobScope): Buffer {
  const { stamps, processes } = input;
  writer.reset();
  writer.uint(shapes.length);
  for (const { id } of shapes) writer.uint(id);
  writer.fixed32(checksumOf(shapes.map(({ text }) => text)));
  writer.uint(stamps ? stamps.firstMs - startSecond * 1000 + 1 : 0);
  if (stamps) writer.uint(stamps.lastMs - stamps.firstMs);
  writer.uint(input.trimmed);
  writer.int(input.timeNanos);
  writer.int(input.durationNanos);
  writer.uint(processes.length);
  writeGaps(processes.map(({ id }) => id));
  for (const { profiles } of processes) writer.uint(profiles);
  for (const { spanMs } of processes) writer.uint(spanMs);
  for (const { observed } of processes) writeRanges(observed, startSecond);
  writeTotals(processes);
  return sealBlob(writer.bytes(), seed + blobSeed.head);
}

/** The head of a roll-up. `textOf` gives the text of a shape. Throws `BrokenBlob` and `RangeError`. */
export function decodeHead(
  blob: Buffer,
  { startSecond, seed }: BlobScope,
  textOf: (shape: number) => string | undefined,
): RollHead {
  const reader = new ByteReader(openBlob(blob, seed + blobSeed.head));
  const shapeIds = readUints(reader, reader.uint());
  if (reader.fixed32() !== (checksumOf(shapeIds.map(textOf)) | 0)) throw new RangeError('a shape is damaged');
  const first = reader.uint();
  const firstMs = startSecond * 1000 + first - 1;
  const stamps = first === 0 ? undefined : { firstMs, lastMs: firstMs + reader.uint() };
  const trimmed = reader.uint();
  const timeNanos = reader.bigInt();
  const durationNanos = reader.bigInt();
  const count = reader.uint();
  const ids = readGaps(reader, count);
  const profiles = readUints(reader, count);
  const spans = readUints(reader, count);
  const totals = new LazyTotals(reader, count);
  const processes: RollProcess[] = [];
  for (let at = 0; at < count; at++) {
    const observed = readRanges(reader, startSecond);
    processes.push(new StoredProcess(at, ids[at] ?? 0, profiles[at] ?? 0, spans[at] ?? 0, observed, totals));
  }
  return { shapeIds, processes, stamps, trimmed, timeNanos, durationNanos };
}

export function encodeStacks({ stacks }: RollInput, { seed }: BlobScope): Buffer {
  writer.reset();
  writer.uint(stacks.length);
  writer.risingInts(stacks, stacks.length);
  return sealBlob(writer.bytes(), seed + blobSeed.stacks);
}

export function encodeSums({ sums }: RollInput, { seed }: BlobScope): Buffer[] {
  const [first] = sums;
  return sums.map((column, type) => {
    writer.reset();
    writeSums(column, type === 0 ? undefined : first);
    return sealBlob(writer.bytes(), seed + blobSeed.sum + type);
  });
}

/** Reads sums; its arrays serve one roll-up after the other. */
export class SumDecoder {
  #stacks = new Int32Array(1024);
  #values = new Float64Array(1024);
  #count = 0;

  openStacks(blob: unknown, { seed }: BlobScope): void {
    const reader = new ByteReader(openBlob(blob, seed + blobSeed.stacks));
    this.#count = reader.uint();
    if (this.#count > this.#stacks.length) {
      this.#stacks = new Int32Array(2 * this.#count);
      this.#values = new Float64Array(2 * this.#count);
    }
    reader.risingInts(this.#count, this.#stacks);
  }

  /** Adds the sums of a type for the stacks that were opened last. `blobOf` gives the blob of a type. */
  add(type: number, blobOf: (type: number) => unknown, scope: BlobScope, into: StackSums): void {
    const body = openBlob(blobOf(type), scope.seed + blobSeed.sum + type);
    const reader = new ByteReader(body);
    const kind = reader.byte();
    if (kind === sumKind.plain) {
      this.#addPlain(body, reader, 1, into);
    } else if (kind === sumKind.multiple) {
      const factor = reader.uint();
      const first = openBlob(blobOf(0), scope.seed + blobSeed.sum);
      const firstReader = new ByteReader(first);
      if (firstReader.byte() !== sumKind.plain) throw new RangeError('sums are a multiple of what is not plain');
      this.#addPlain(first, firstReader, factor, into);
    } else if (kind === sumKind.wide) {
      const values = Array.from({ length: this.#count }, () => reader.bigInt());
      into.addSigned(this.#stacks, values, this.#count, 1);
    } else if (kind !== sumKind.zero) {
      throw new RangeError(`unknown kind ${kind} of sums`);
    }
  }

  #addPlain(body: Buffer, reader: ByteReader, factor: number, into: StackSums): void {
    const total = reader.int();
    readNibbleColumn(body, reader.position, this.#count, this.#values);
    into.addPlain(this.#stacks, this.#values, this.#count, factor, total);
  }
}

class StoredProcess implements RollProcess {
  readonly id: number;
  readonly profiles: number;
  readonly spanMs: number;
  readonly observed: readonly SecondRange[];
  readonly #at: number;
  readonly #totals: LazyTotals;

  constructor(
    at: number,
    id: number,
    profiles: number,
    spanMs: number,
    observed: readonly SecondRange[],
    totals: LazyTotals,
  ) {
    this.id = id;
    this.profiles = profiles;
    this.spanMs = spanMs;
    this.observed = observed;
    this.#at = at;
    this.#totals = totals;
  }

  get totals(): readonly bigint[] {
    return this.#totals.of(this.#at);
  }
}

/** The totals of processes, at the end of a head: merges have no need of them. */
class LazyTotals {
  readonly #reader: ByteReader;
  readonly #processes: number;
  #totals: readonly (readonly bigint[])[] | undefined;

  constructor(reader: ByteReader, processes: number) {
    this.#reader = reader;
    this.#processes = processes;
  }

  of(process: number): readonly bigint[] {
    return (this.#totals ??= this.#read())[process] ?? [];
  }

  #read(): bigint[][] {
    const reader = this.#reader;
    const types = reader.uint();
    return Array.from({ length: this.#processes }, () => Array.from({ length: types }, () => reader.bigInt()));
  }
}

function writeSums(sums: Sums, first: Sums | undefined): void {
  if (!(sums instanceof Float64Array)) {
    writer.byte(sumKind.wide);
    for (const sum of sums) writer.int(sum);
    return;
  }
  let total = 0;
  for (let i = 0; i < sums.length; i++) total += sums[i] as number;
  const factor = first instanceof Float64Array ? factorBetween(first, sums) : 0;
  if (total === 0) writer.byte(sumKind.zero);
  else if (factor > 0) {
    writer.byte(sumKind.multiple);
    writer.uint(factor);
  } else {
    writer.byte(sumKind.plain);
    // Past 2^53 it may be off by some units: `addPlain` asks no more than whether it is past.
    writer.int(total);
    writer.raw(nibbleColumn(sums, sums.length));
  }
}

function writeTotals(processes: readonly RollInputProcess[]): void {
  writer.uint(processes[0]?.totals.length ?? 0);
  for (const { totals } of processes) for (const total of totals) writer.int(total);
}

function writeGaps(ids: readonly number[]): void {
  let before = -1;
  for (const id of ids) {
    writer.uint(id - before - 1);
    before = id;
  }
}

function readGaps(reader: ByteReader, count: number): number[] {
  const ids: number[] = [];
  for (let id = -1; ids.length < count; ids.push(id)) id += reader.uint() + 1;
  return ids;
}

/** Each as the seconds since the one before ended, and its own. */
function writeRanges(ranges: readonly SecondRange[], startSecond: number): void {
  writer.uint(ranges.length);
  let end = startSecond;
  for (const { from, to } of ranges) {
    writer.uint(from - end);
    writer.uint(to - from);
    end = to;
  }
}

function readRanges(reader: ByteReader, startSecond: number): SecondRange[] {
  const ranges: SecondRange[] = [];
  for (let [left, end] = [reader.uint(), startSecond]; left > 0; left--) {
    const from = end + reader.uint();
    end = from + reader.uint();
    ranges.push({ from, to: end });
  }
  return ranges;
}

function readUints(reader: ByteReader, count: number): number[] {
  const values: number[] = [];
  while (values.length < count) values.push(reader.uint());
  return values;
}

function checksumOf(texts: readonly (string | undefined)[]): number {
  return crc32(texts.join('\n'));
}
