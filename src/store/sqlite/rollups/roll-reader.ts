import { basename } from 'node:path';
import { crc32 } from 'node:zlib';
import { messageOf } from '../../../model/errors.ts';
import type { LabelSet } from '../../../model/labels.ts';
import type { ProfileKind } from '../../../model/profile-type.ts';
import { hour as hourMs, type UnixMs } from '../../../model/units.ts';
import { BrokenBlob } from '../chunks/blob.ts';
import { DamagedData, namingDamage } from '../files/damage.ts';
import type { UnixHour } from '../files/data-dir.ts';
import { beginSnapshot, type Connection, openForReading } from '../files/database.ts';
import { Statements } from '../files/statements.ts';
import { decodeShape, type Shape } from '../heads/shape.ts';
import type { StackSums } from '../read/weighted-sums.ts';
import type { Roll, RollKey, RollLevel, RollProcess } from './roll.ts';
import { type BlobScope, decodeHead, type RollHead, rollFormat, SumDecoder, scopeOf } from './roll-codec.ts';
import { bucketMs, parseRollFileName } from './roll-name.ts';
import { idsPerRoll } from './roll-writer.ts';

/** Series that share all labels but pod and node. */
export interface RollGroup {
  /** In this file only. */
  readonly id: number;
  readonly labels: LabelSet;
}

/** One kind of a group over some buckets, for lists. */
export interface RollExtent {
  readonly group: RollGroup;
  readonly kind: ProfileKind;
  /** Of the newest profiles. */
  readonly shape: Shape;
  readonly firstMs: UnixMs;
  readonly lastMs: UnixMs;
}

const columns = 'r.id, r.series_group AS "group", r.kind, r.bucket, r.partition, r.part, r.format, r.head, r.stacks';
/** CROSS JOIN fixes the order of the loops: group by group, each in order of kind and bucket, straight from the index. */
const ofGroups = 'json_each(?) AS wanted CROSS JOIN roll AS r ON r.series_group = wanted.value';

/**
 * A file of roll-ups, open for reading. What is damaged throws `DamagedData` when it is asked for, with the first hour of its
 * bucket where it can be told.
 */
export class RollReader {
  readonly name: string;
  readonly level: RollLevel;
  readonly #connection: Connection;
  readonly #sql: Statements;
  readonly #groups: KnownGroup[] = [];
  readonly #groupOf = new Map<number, KnownGroup>();
  readonly #shapes = new Map<number, { readonly text: string; readonly shape: Shape }>();
  readonly #decoder = new SumDecoder();
  /** Whose stacks the decoder holds. */
  #opened: StoredRow | undefined;

  constructor(path: string) {
    this.name = basename(path);
    const file = parseRollFileName(this.name);
    if (!file) throw new RangeError(`${path} is no name of a file of roll-ups`);
    this.level = file.level;
    this.#connection = this.#reading('the file', () => openForReading(path, 'roll'));
    this.#sql = new Statements(this.#connection);
  }

  /** All groups of the file, oldest first. */
  groups(): readonly RollGroup[] {
    this.#reading('the groups', () => {
      const after = this.#groups.at(-1)?.id ?? 0;
      const sql = 'SELECT id, labels AS text FROM series_group WHERE id > ? ORDER BY id';
      for (const { id, text } of this.#sql.rows<{ id: number; text: string }>(sql).all(after)) {
        const group = { id, checksum: crc32(text), labels: JSON.parse(text) as LabelSet };
        this.#groups.push(group);
        this.#groupOf.set(id, group);
      }
    });
    return this.#groups;
  }

  /** The buckets that have roll-ups, oldest first. */
  buckets(): number[] {
    const sql = 'SELECT DISTINCT bucket FROM roll ORDER BY bucket';
    return this.#reading('the buckets', () => this.#sql.values<number>(sql).all());
  }

  /**
   * The roll-ups of some groups and one kind (all kinds: undefined) in the buckets `[from, to)`: group by group as asked,
   * each by kind, bucket, partition and part. Takes about 2 KB each: over a long time, ask for a group at a time.
   */
  rolls(groups: readonly number[], kind: ProfileKind | undefined, from: number, to: number): Roll[] {
    const ofKind = kind === undefined ? '' : 'r.kind = ? AND';
    const sql = `SELECT ${columns} FROM ${ofGroups} WHERE ${ofKind} r.bucket >= ? AND r.bucket < ?`;
    const kinds = kind === undefined ? [] : [kind];
    const asked = JSON.stringify(groups);
    return this.#pinned(from, to, (first, end) => this.#rows(sql, asked, ...kinds, first, end));
  }

  /** All roll-ups of a bucket, in the order in which they were written. */
  rollsOfBucket(bucket: number): Roll[] {
    const sql = `SELECT ${columns} FROM roll AS r WHERE r.bucket = ? ORDER BY r.id`;
    return this.#pinned(bucket, bucket + 1, () => this.#rows(sql, bucket));
  }

  /** What each group and kind has in the buckets `[from, to)`, by group; those without a profile of their own are left out. */
  extents(kind: ProfileKind | undefined, from: number, to: number): RollExtent[] {
    const asked = this.#kindsOfGroups().filter((one) => kind === undefined || one.kind === kind);
    return asked.flatMap((one) => this.#extent(one.group, one.kind, from, to) ?? []);
  }

  /** One transaction for a whole question: it sees the file as it is now until `end`. */
  begin(): void {
    this.#reading('the file', () => beginSnapshot(this.#connection));
  }

  end(): void {
    if (this.#connection.inTransaction) this.#connection.exec('COMMIT');
  }

  close(): void {
    this.#connection.close();
  }

  #rows(sql: string, ...parameters: readonly unknown[]): Roll[] {
    const rows = this.#sql.rows<StoredRow>(sql).all(...parameters);
    return rows.map((row) => this.#roll(row));
  }

  /** Finds the bucket that cannot be read when reading several at once fails. */
  #pinned(from: number, to: number, read: (from: number, to: number) => Roll[]): Roll[] {
    try {
      return this.#reading('the roll-ups', () => read(from, to), to - from === 1 ? this.#hourOf(from) : undefined);
    } catch (error) {
      if (!(error instanceof DamagedData) || to - from === 1) throw error;
      for (let bucket = from; bucket < to; bucket++) this.#pinned(bucket, bucket + 1, read);
      throw error;
    }
  }

  #roll(row: StoredRow): Roll {
    const { labels, checksum } = this.#group(row.group);
    const { kind, bucket, partition, part } = row;
    const key: RollKey = { labels, kind, bucket, partition, part };
    const scope = scopeOf(checksum, key, bucketMs[this.level] / 1000);
    return new StoredRoll(key, {
      head: () => this.#head(row, scope),
      shape: (id) => this.#shape(id).shape,
      addSum: (type, into) => this.#addSum(row, scope, type, into),
    });
  }

  #head(row: StoredRow, scope: BlobScope): RollHead {
    return this.#readingOf(row, () => {
      if (row.format !== rollFormat) throw new Error(`${this.name} has a roll-up of the unknown format ${row.format}`);
      return decodeHead(row.head, scope, (id) => this.#shape(id).text);
    });
  }

  #addSum(row: StoredRow, scope: BlobScope, type: number, into: StackSums): void {
    this.#readingOf(row, () => {
      if (this.#opened !== row) {
        this.#opened = undefined;
        this.#decoder.openStacks(row.stacks, scope);
        this.#opened = row;
      }
      const sql = this.#sql.values<Buffer>('SELECT data FROM roll_sum WHERE id = ?');
      this.#decoder.add(type, (of) => sql.get(idsPerRoll * row.id + of), scope, into);
    });
  }

  /** Every group and kind of the file: one step of the index for each, however many buckets it has. */
  #kindsOfGroups(): { readonly group: number; readonly kind: ProfileKind }[] {
    const next = this.#sql.rows<{ group: number; kind: ProfileKind }>(
      `SELECT series_group AS "group", kind FROM roll WHERE (series_group, kind) > (?, ?)
       ORDER BY series_group, kind LIMIT 1`,
    );
    return this.#reading('the groups', () => {
      const found: { group: number; kind: ProfileKind }[] = [];
      for (let one = next.get(0, ''); one; one = next.get(one.group, one.kind)) found.push(one);
      return found;
    });
  }

  #extent(group: number, kind: ProfileKind, from: number, to: number): RollExtent | undefined {
    const first = this.#edge(group, kind, from, to, 'min');
    const last = first && this.#edge(group, kind, from, to, 'max');
    const newest = last?.at(-1);
    const shape = newest?.roll.shapes.at(-1);
    if (!first || !last || !shape) return undefined;
    const firstMs = first.reduce((least, { stamps }) => Math.min(least, stamps.firstMs), Infinity);
    const lastMs = last.reduce((most, { stamps }) => Math.max(most, stamps.lastMs), 0);
    return { group: this.#group(group), kind, shape, firstMs, lastMs };
  }

  /** The roll-ups with profiles of their own in the first or the last bucket that has any. */
  #edge(group: number, kind: ProfileKind, from: number, to: number, end: 'min' | 'max'): StampedRoll[] | undefined {
    const sql = `SELECT ${end}(bucket) FROM roll WHERE series_group = ? AND kind = ? AND bucket >= ? AND bucket < ?`;
    let [low, high] = [from, to];
    for (;;) {
      const bucket = this.#reading('the buckets', () =>
        this.#sql.values<number | null>(sql).get(group, kind, low, high),
      );
      if (typeof bucket !== 'number') return undefined;
      const rolls = this.rolls([group], kind, bucket, bucket + 1);
      const stamped = rolls.flatMap((roll) => (roll.stamps ? [{ roll, stamps: roll.stamps }] : []));
      if (stamped.length > 0) return stamped;
      if (end === 'min') low = bucket + 1;
      else high = bucket;
    }
  }

  #group(id: number): KnownGroup {
    if (!this.#groupOf.has(id)) this.groups();
    const group = this.#groupOf.get(id);
    if (!group) throw new DamagedData(this.name, undefined, `there is no group ${id}`);
    return group;
  }

  #shape(id: number): { readonly text: string; readonly shape: Shape } {
    const known = this.#shapes.get(id);
    if (known) return known;
    const text = this.#sql.values<string>('SELECT content FROM shape WHERE id = ?').get(id);
    if (text === undefined) throw new RangeError(`there is no shape ${id}`);
    const found = { text, shape: decodeShape(text) };
    this.#shapes.set(id, found);
    return found;
  }

  /** As `#reading`, for one roll-up: the damage is that of its bucket. */
  #readingOf<Result>(row: StoredRow, work: () => Result): Result {
    return this.#reading(`a roll-up of ${row.kind}`, work, this.#hourOf(row.bucket));
  }

  #hourOf(bucket: number): UnixHour {
    return (bucket * bucketMs[this.level]) / hourMs;
  }

  /** Runs work on the file; whatever cannot be what was written is thrown as `DamagedData`. */
  #reading<Result>(what: string, work: () => Result, hour?: UnixHour): Result {
    try {
      return namingDamage(this.name, hour, work);
    } catch (error) {
      const isBroken = error instanceof BrokenBlob || error instanceof RangeError || error instanceof SyntaxError;
      if (!isBroken) throw error;
      throw new DamagedData(this.name, hour, `${what}: ${messageOf(error)}`, { cause: error });
    }
  }
}

interface KnownGroup extends RollGroup {
  /** Of the text of the labels. */
  readonly checksum: number;
}

interface StampedRoll {
  readonly roll: Roll;
  readonly stamps: NonNullable<Roll['stamps']>;
}

interface StoredRow {
  readonly id: number;
  readonly group: number;
  readonly kind: ProfileKind;
  readonly bucket: number;
  readonly partition: number;
  readonly part: number;
  readonly format: number;
  readonly head: Buffer;
  readonly stacks: Buffer;
}

/** Where a roll-up finds what it is asked for. */
interface RollSource {
  head(): RollHead;
  shape(id: number): Shape;
  addSum(type: number, into: StackSums): void;
}

/** A roll-up as it lies in a file: what is asked for is read and checked then. */
class StoredRoll implements Roll {
  readonly key: RollKey;
  readonly #source: RollSource;
  #head: RollHead | undefined;

  constructor(key: RollKey, source: RollSource) {
    this.key = key;
    this.#source = source;
  }

  get shapes(): readonly Shape[] {
    return this.#read().shapeIds.map((id) => this.#source.shape(id));
  }

  get processes(): readonly RollProcess[] {
    return this.#read().processes;
  }

  get stamps(): Roll['stamps'] {
    return this.#read().stamps;
  }

  get trimmed(): number {
    return this.#read().trimmed;
  }

  get timeNanos(): bigint {
    return this.#read().timeNanos;
  }

  get durationNanos(): bigint {
    return this.#read().durationNanos;
  }

  addSum(type: number, into: StackSums): void {
    this.#source.addSum(type, into);
  }

  #read(): RollHead {
    return (this.#head ??= this.#source.head());
  }
}
