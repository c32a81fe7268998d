import { hour as hourMs } from '../../../model/units.ts';
import type { SecondRange } from '../../profile-store.ts';
import { wholeSecond } from '../../standing.ts';
import { ByteReader, type ByteWriter } from '../encoding/bytes.ts';
import type { UnixHour } from '../files/data-dir.ts';
import type { Shape } from '../heads/shape.ts';
import type { ChunkEntries } from './chunk.ts';
import { readAnyNumbers, readBigNumbers, readNumbers, skipNumbers, writeNumbers } from './number-list.ts';

/** A shape as a chunk names it: a row of the file's `shape` table, and the crc32 of its text. */
export interface ShapeReference {
  readonly id: number;
  readonly checksum: number;
}

/** What the entries blob of a chunk holds. Columns have a value for each profile, oldest first. */
export interface EntryColumns {
  readonly shapeReferences: readonly ShapeReference[];
  /** How many profiles each sub-block of the detail holds. */
  readonly subBlocks: readonly number[];
  readonly stampMs: ArrayLike<number>;
  readonly intervalMs: ArrayLike<number>;
  readonly spanMs: ArrayLike<number>;
  readonly shape: ArrayLike<number>;
  readonly trimmed: ArrayLike<number>;
  /** By sample type. */
  readonly totals: readonly ArrayLike<number | bigint>[];
  readonly timeNanos: ArrayLike<bigint>;
  readonly durationNanos: ArrayLike<bigint>;
  contentHash(entry: number): string;
}

/** What the sums of gauges were made with. It changes when a chunk is restated. */
export interface Standing {
  readonly standingSeconds: ArrayLike<number>;
  readonly observed: readonly SecondRange[];
}

const hashBytes = 8;
const nanosPerMs = 1_000_000n;

/** Writes the entries of a chunk (docs/STORAGE.md, "A chunk"). */
export function writeEntries(
  writer: ByteWriter,
  hour: UnixHour,
  columns: EntryColumns,
  { standingSeconds, observed }: Standing,
): void {
  const count = columns.stampMs.length;
  writer.uint(count);
  writer.uint(columns.totals.length);
  writer.uint(columns.subBlocks.length);
  for (const size of columns.subBlocks) writer.uint(size);
  writer.uint(columns.shapeReferences.length);
  for (const { id, checksum } of columns.shapeReferences) {
    writer.uint(id);
    writer.fixed32(checksum);
  }
  const stamps = Array.from(columns.stampMs);
  writeNumbers(writer, gapsOf(stamps, hour * hourMs));
  writeNumbers(writer, Array.from(columns.intervalMs));
  writeNumbers(writer, Array.from(columns.spanMs));
  writeNumbers(writer, Array.from(columns.shape));
  writeNumbers(writer, Array.from(columns.trimmed));
  writeNumbers(writer, lessExpected(Array.from(standingSeconds), stamps, hour));
  writeObserved(writer, observed, hour);
  for (const totals of columns.totals) writeNumbers(writer, Array.from(totals));
  writeNumbers(
    writer,
    Array.from(columns.timeNanos, (nanos, at) => nanos - BigInt(stamps[at] ?? 0) * nanosPerMs),
  );
  writeNumbers(writer, Array.from(columns.durationNanos));
  for (let entry = 0; entry < count; entry++) writer.raw(Buffer.from(columns.contentHash(entry), 'hex'));
}

/** Reads them back: when profiles were, at once; the rest when it is asked for. */
export class StoredEntries implements ChunkEntries, EntryColumns {
  readonly count: number;
  readonly subBlocks: readonly number[];
  readonly shapeReferences: readonly ShapeReference[];
  /** Set by whoever knows the shapes of the file. */
  shapes: readonly Shape[] = [];
  readonly stampMs: Float64Array;
  readonly intervalMs: Float64Array;
  readonly spanMs: Float64Array;
  readonly shape: Int32Array;
  readonly #body: Buffer;
  readonly #hour: UnixHour;
  readonly #types: number;
  /** Where the rest begins. */
  readonly #trimmedAt: number;
  #positions: Positions | undefined;
  #trimmed: Float64Array | undefined;
  #standingSeconds: Float64Array | undefined;
  #observed: readonly SecondRange[] | undefined;
  readonly #totals: (Float64Array | readonly bigint[])[] = [];
  #nanos: { readonly time: BigInt64Array; readonly duration: BigInt64Array } | undefined;

  constructor(body: Buffer, hour: UnixHour) {
    const reader = new ByteReader(body);
    const count = reader.uint();
    this.#types = reader.uint();
    this.count = count;
    this.subBlocks = Array.from({ length: reader.uint() }, () => reader.uint());
    this.shapeReferences = Array.from({ length: reader.uint() }, () => ({
      id: reader.uint(),
      checksum: reader.fixed32() >>> 0,
    }));
    this.stampMs = addUp(readNumbers(reader, count), hour * hourMs);
    this.intervalMs = readNumbers(reader, count);
    this.spanMs = readNumbers(reader, count);
    this.shape = new Int32Array(readNumbers(reader, count));
    this.#trimmedAt = reader.position;
    this.#body = body;
    this.#hour = hour;
  }

  get trimmed(): Float64Array {
    return (this.#trimmed ??= readNumbers(this.#at(this.#trimmedAt), this.count));
  }

  get standingSeconds(): Float64Array {
    return (this.#standingSeconds ??= moreThanExpected(
      readNumbers(this.#at(this.#positionsOfLists().standing), this.count),
      this.stampMs,
      this.#hour,
    ));
  }

  get observed(): readonly SecondRange[] {
    return (this.#observed ??= readObserved(this.#at(this.#positionsOfLists().observed), this.#hour));
  }

  get totals(): readonly (Float64Array | readonly bigint[])[] {
    return Array.from({ length: this.#types }, (_, type) => this.totalsOf(type));
  }

  totalsOf(type: number): Float64Array | readonly bigint[] {
    return (this.#totals[type] ??= this.#readTotals(type));
  }

  get timeNanos(): BigInt64Array {
    return this.#readNanos().time;
  }

  get durationNanos(): BigInt64Array {
    return this.#readNanos().duration;
  }

  contentHash(entry: number): string {
    const first = this.#body.length - hashBytes * (this.count - entry);
    return this.#body.toString('hex', first, first + hashBytes);
  }

  #readTotals(type: number): Float64Array | readonly bigint[] {
    const at = this.#positionsOfLists().totals[type];
    if (at === undefined) throw new RangeError(`a chunk of ${this.#types} sample types has none numbered ${type}`);
    return readAnyNumbers(this.#at(at), this.count);
  }

  #readNanos(): { readonly time: BigInt64Array; readonly duration: BigInt64Array } {
    if (this.#nanos) return this.#nanos;
    const reader = this.#at(this.#positionsOfLists().nanos);
    const time = BigInt64Array.from(
      readBigNumbers(reader, this.count),
      (nanos, at) => nanos + BigInt(this.stampMs[at] ?? 0) * nanosPerMs,
    );
    return (this.#nanos = { time, duration: BigInt64Array.from(readBigNumbers(reader, this.count)) });
  }

  #positionsOfLists(): Positions {
    if (this.#positions) return this.#positions;
    const reader = this.#at(this.#trimmedAt);
    skipNumbers(reader, this.count);
    const standing = reader.position;
    skipNumbers(reader, this.count);
    const observed = reader.position;
    reader.skipNumbers(2 * reader.uint());
    const totals: number[] = [];
    for (let type = 0; type < this.#types; type++) {
      totals.push(reader.position);
      skipNumbers(reader, this.count);
    }
    return (this.#positions = { standing, observed, totals, nanos: reader.position });
  }

  #at(position: number): ByteReader {
    const reader = new ByteReader(this.#body);
    reader.skip(position);
    return reader;
  }
}

/** Where lists begin in the bytes of a chunk's entries. */
interface Positions {
  readonly standing: number;
  readonly observed: number;
  readonly totals: readonly number[];
  readonly nanos: number;
}

/** Gaps hardly differ, so that their differences are short. */
function gapsOf(stamps: readonly number[], start: number): number[] {
  let [before, gapBefore] = [start, 0];
  return stamps.map((stamp) => {
    const gap = stamp - before;
    const change = gap - gapBefore;
    [before, gapBefore] = [stamp, gap];
    return change;
  });
}

/** Turns differences of gaps into stamps, in place. */
function addUp(values: Float64Array, start: number): Float64Array {
  let [stamp, gap] = [start, 0];
  for (let at = 0; at < values.length; at++) {
    gap += values[at] as number;
    stamp += gap;
    values[at] = stamp;
  }
  return values;
}

/** Most snapshots stand until the next one, the last one until the hour's end: then nothing is left to write. */
function lessExpected(standing: readonly number[], stamps: ArrayLike<number>, hour: UnixHour): number[] {
  return standing.map((seconds, at) => seconds - expectedStanding(stamps, at, hour));
}

function moreThanExpected(rest: Float64Array, stamps: ArrayLike<number>, hour: UnixHour): Float64Array {
  return rest.map((seconds, at) => seconds + expectedStanding(stamps, at, hour));
}

function expectedStanding(stamps: ArrayLike<number>, at: number, hour: UnixHour): number {
  const start = hour * (hourMs / 1000);
  const from = Math.max(start, wholeSecond(stamps[at] ?? 0));
  const to = at + 1 < stamps.length ? wholeSecond(stamps[at + 1] ?? 0) : start + hourMs / 1000;
  return Math.max(0, to - from);
}

function writeObserved(writer: ByteWriter, ranges: readonly SecondRange[], hour: UnixHour): void {
  writer.uint(ranges.length);
  let before = hour * (hourMs / 1000);
  for (const { from, to } of ranges) {
    writer.int(from - before);
    writer.int(to - from);
    before = to;
  }
}

function readObserved(reader: ByteReader, hour: UnixHour): SecondRange[] {
  let before = hour * (hourMs / 1000);
  return Array.from({ length: reader.uint() }, () => {
    const from = before + reader.int();
    before = from + reader.int();
    return { from, to: before };
  });
}
