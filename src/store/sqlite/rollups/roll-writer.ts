import { basename } from 'node:path';
import { crc32 } from 'node:zlib';
import { canonicalLabels } from '../../../model/labels.ts';
import { type Connection, checkpoint, openDatabase, type Statement, type Synchronous } from '../files/database.ts';
import { Statements } from '../files/statements.ts';
import { encodeShape, type Shape } from '../heads/shape.ts';
import type { RollInput } from './roll.ts';
import { encodeHead, encodeStacks, encodeSums, rollFormat, type StoredShape, scopeOf } from './roll-codec.ts';
import { bucketMs, parseRollFileName, type RollFileName } from './roll-name.ts';

/** Groups and shapes remembered; past that, they are found through their tables again. */
const maxRemembered = 10_000;
/** How many ids of rows in `roll_sum` a roll-up has for its own. */
export const idsPerRoll = 256;

/** A file of roll-ups, open for writing; made when there is none. */
export class RollWriter {
  readonly #file: RollFileName;
  readonly #connection: Connection;
  readonly #sql: Statements;
  readonly #insertRoll: Statement;
  readonly #insertSum: Statement;
  readonly #groupIds = new Map<string, number>();
  readonly #shapeIds = new Map<string, number>();

  /** The name says the level. */
  constructor(path: string, synchronous: Synchronous) {
    const file = parseRollFileName(basename(path));
    if (!file) throw new RangeError(`${path} is no name of a file of roll-ups`);
    this.#file = file;
    this.#connection = openDatabase(path, 'roll', synchronous);
    this.#sql = new Statements(this.#connection);
    this.#insertRoll = this.#sql.rows(
      `INSERT INTO roll (series_group, kind, bucket, partition, part, format, head, stacks) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#insertSum = this.#sql.rows('INSERT INTO roll_sum (id, data) VALUES (?, ?)');
  }

  /**
   * Writes a bucket anew, whole or not at all: what was there goes. Stops wherever `rolls` has none, so that the caller may
   * rest: nothing is written before the end, nor when the caller gives up.
   */
  *replaceBucket(bucket: number, rolls: Iterable<RollInput | undefined>): Generator<undefined, void> {
    this.#connection.exec('BEGIN IMMEDIATE');
    let isWhole = false;
    try {
      this.#clear(bucket);
      for (const roll of rolls) {
        if (roll) this.#insert(roll);
        else yield;
      }
      this.#connection.exec('COMMIT');
      isWhole = true;
    } finally {
      if (!isWhole) this.#rollback();
    }
  }

  /** As `checkpoint` of a database. */
  checkpoint(): boolean {
    return checkpoint(this.#connection);
  }

  close(): void {
    this.#connection.close();
  }

  #clear(bucket: number): void {
    const { name, from, to } = this.#file;
    if (bucket < from || bucket >= to) throw new RangeError(`${name} does not cover the bucket ${bucket}`);
    const removeSums = this.#sql.rows('DELETE FROM roll_sum WHERE id >= ? AND id < ?');
    for (const id of this.#sql.values<number>('SELECT id FROM roll WHERE bucket = ?').all(bucket)) {
      removeSums.run(idsPerRoll * id, idsPerRoll * (id + 1));
    }
    this.#sql.rows('DELETE FROM roll WHERE bucket = ?').run(bucket);
  }

  #insert(roll: RollInput): void {
    if (roll.sums.length > idsPerRoll) throw new RangeError(`${roll.sums.length} sample types in one roll-up`);
    const { labels, kind, bucket, partition, part } = roll.key;
    const labelsText = canonicalLabels(labels);
    const scope = scopeOf(crc32(labelsText), roll.key, bucketMs[this.#file.level] / 1000);
    const shapes = roll.shapes.map((shape) => this.#storedShape(shape));
    const head = encodeHead(roll, shapes, scope);
    const stacks = encodeStacks(roll, scope);
    const group = this.#groupId(labelsText);
    const id = Number(
      this.#insertRoll.run(group, kind, bucket, partition, part, rollFormat, head, stacks).lastInsertRowid,
    );
    encodeSums(roll, scope).forEach((data, type) => this.#insertSum.run(idsPerRoll * id + type, data));
  }

  #rollback(): void {
    if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
    this.#groupIds.clear();
    this.#shapeIds.clear();
  }

  #groupId(labels: string): number {
    return idOf(this.#groupIds, labels, () => {
      this.#sql.rows('INSERT INTO series_group (labels) VALUES (?) ON CONFLICT DO NOTHING').run(labels);
      return this.#sql.values<number>('SELECT id FROM series_group WHERE labels = ?').get(labels) ?? 0;
    });
  }

  #storedShape(shape: Shape): StoredShape {
    const text = shapeText(shape);
    const id = idOf(this.#shapeIds, text, () => {
      this.#sql.rows('INSERT INTO shape (content) VALUES (?) ON CONFLICT DO NOTHING').run(text);
      return this.#sql.values<number>('SELECT id FROM shape WHERE content = ?').get(text) ?? 0;
    });
    return { id, text };
  }
}

const texts = new WeakMap<Shape, string>();

/** As `encodeShape` writes it; the same text for the same content. */
export function shapeText(shape: Shape): string {
  const known = texts.get(shape);
  if (known !== undefined) return known;
  const text = encodeShape(shape.types, { ...shape.header, timeNanos: 0n, durationNanos: 0n });
  texts.set(shape, text);
  return text;
}

function idOf(known: Map<string, number>, text: string, find: () => number): number {
  const found = known.get(text);
  if (found !== undefined) return found;
  const id = find();
  if (known.size >= maxRemembered) known.clear();
  known.set(text, id);
  return id;
}
