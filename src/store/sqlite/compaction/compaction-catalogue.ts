import { join } from 'node:path';
import { hour as hourMs } from '../../../model/units.ts';
import type { FileKind, FileRow } from '../catalogue/file-rows.ts';
import type { UnixDay } from '../catalogue/layout.ts';
import { hourOf, metaFile, removeFile, type UnixHour } from '../files/data-dir.ts';
import { type Connection, openDatabase, type Synchronous } from '../files/database.ts';
import { Statements } from '../files/statements.ts';
import { reachOf } from '../heads/sealing.ts';
import type { FileSpan } from './spans.ts';

export const hoursOfDay = 24;

/** A series whose chunks in an hour are to be restated. Several marks may say the same. */
export interface StaleMark {
  readonly id: number;
  readonly series: number;
  readonly hour: UnixHour;
}

/** What waits for compaction, as of one commit of `meta.db`. */
export interface WaitingWork {
  readonly files: readonly FileRow[];
  readonly stale: readonly StaleMark[];
  /** Hours with chunks, and days, whose roll-ups are to be made; the detail of damaged hours is left out. */
  readonly hours: readonly UnixHour[];
  readonly days: readonly UnixDay[];
  readonly damagedHours: ReadonlySet<UnixHour>;
}

const fileColumns = 'id, name, kind, from_ms AS fromMs, to_ms AS toMs, state, generation';

/**
 * What compaction reads and writes in `meta.db`, beside the ingest thread: files, hours, days and stale marks, each change
 * in one short transaction that raises the layout.
 */
export class CompactionCatalogue implements Disposable {
  readonly #dataDir: string;
  readonly #connection: Connection;
  readonly #sql: Statements;

  constructor(dataDir: string, synchronous: Synchronous) {
    this.#dataDir = dataDir;
    this.#connection = openDatabase(join(dataDir, metaFile), 'meta', synchronous);
    this.#sql = new Statements(this.#connection);
  }

  waiting(): WaitingWork {
    return this.#connection.transaction(() => {
      const hours = this.#sql
        .rows<{ hour: UnixHour; rolled: number; damaged: string | null }>('SELECT hour, rolled, damaged FROM hour')
        .all();
      return {
        files: this.files(),
        stale: this.#sql.rows<StaleMark>('SELECT id, series, hour FROM stale ORDER BY id').all(),
        hours: this.#sql
          .values<UnixHour>('SELECT hour FROM hour WHERE rolled = 0 AND damaged IS NULL ORDER BY hour')
          .all(),
        days: this.#sql.values<UnixDay>('SELECT day FROM day WHERE rolled = 0 ORDER BY day').all(),
        damagedHours: new Set(hours.flatMap(({ hour, damaged }) => (damaged === null ? [] : hour))),
      };
    })();
  }

  /** All files but those that are being removed, oldest first, generation by generation. */
  files(): FileRow[] {
    return this.#sql
      .rows<FileRow>(`SELECT ${fileColumns} FROM file WHERE state <> 'removed' ORDER BY from_ms, generation, id`)
      .all();
  }

  /**
   * Lists a new file and makes it, so that a reader finds all that is listed. What lies under its name was never listed, or
   * is forgotten, and holds nothing that counts.
   */
  addFile(kind: FileKind, { name, fromMs, toMs }: FileSpan, make: () => void): FileRow {
    return this.#commit(() => {
      const { lastInsertRowid } = this.#sql
        .rows(`INSERT INTO file (name, kind, from_ms, to_ms, state) VALUES (?, ?, ?, ?, 'open')`)
        .run(name, kind, fromMs, toMs);
      removeFile(this.#dataDir, name);
      make();
      return { id: Number(lastInsertRowid), name, kind, fromMs, toMs, state: 'open', generation: 1 };
    });
  }

  /**
   * A damaged detail file takes no more hours from one on, if it has none from there on; what is in it is still read. What was
   * carried into those hours is carried anew.
   */
  endDetailFile(name: string, from: UnixHour): void {
    this.#commit(() => {
      const file = this.files().find((one) => one.kind === 'detail' && one.name === name);
      const isLater = ({ kind, state, fromMs }: FileRow): boolean =>
        kind === 'head' && state === 'compacted' && fromMs >= from * hourMs && fromMs < (file?.toMs ?? 0);
      if (!file || from * hourMs <= file.fromMs || this.files().some(isLater)) return false;
      this.#sql.rows('UPDATE file SET to_ms = ? WHERE id = ?').run(from * hourMs, file.id);
      const series = this.#sql
        .rows<{ id: number; intervalMs: number }>(
          'SELECT id, longest_interval_ms AS intervalMs FROM series WHERE first_hour < ?',
        )
        .all(from);
      const mark = this.#sql.rows('INSERT INTO stale (series, hour) VALUES (?, ?)');
      for (const { id, intervalMs } of series) {
        for (let hour = from; hour < from + reachOf(intervalMs); hour++) mark.run(id, hour);
      }
      return true;
    });
  }

  /** The flip: from this commit on, the chunks made of a head count, and the head does not. False when it is gone. */
  flip(head: number, hours: Iterable<UnixHour>): boolean {
    return this.#commit(() => {
      const { changes } = this.#sql
        .rows(`UPDATE file SET state = 'compacted' WHERE id = ? AND state = 'sealed'`)
        .run(head);
      if (changes > 0) this.#unroll(hours);
      return changes > 0;
    });
  }

  /** The chunks of some marks are restated, with new ones in some hours; marks that were made since stay. */
  restated(marks: readonly StaleMark[], written: Iterable<UnixHour>): void {
    this.#commit(() => {
      const ids = JSON.stringify(marks.map(({ id }) => id));
      this.#sql.rows('DELETE FROM stale WHERE id IN (SELECT value FROM json_each(?))').run(ids);
      this.#unroll(written);
    });
  }

  /** The roll-ups of an hour count from now on, unless something has happened to it meanwhile. Says whether they do. */
  hourRolled(hour: UnixHour): boolean {
    return this.#commit(() => {
      if (!this.isHourSettled(hour)) return false;
      this.#sql.rows('UPDATE hour SET rolled = 1 WHERE hour = ?').run(hour);
      this.#sql
        .rows('INSERT INTO day (day, rolled) VALUES (?, 0) ON CONFLICT DO UPDATE SET rolled = 0')
        .run(Math.floor(hour / hoursOfDay));
      return true;
    });
  }

  /** The roll-ups of an hour are damaged: they are to be made anew, if there are chunks to make them of. */
  rollAgain(hour: UnixHour): void {
    this.#commit(() => {
      const isHeld = this.files().some(({ kind, fromMs, toMs }) => {
        return kind === 'detail' && fromMs <= hour * hourMs && hour * hourMs < toMs;
      });
      if (isHeld) this.#unroll([hour]);
      return isHeld;
    });
  }

  /** As `hourRolled`, for a day. */
  dayRolled(day: UnixDay): boolean {
    return this.#commit(() => {
      if (!this.isDaySettled(day)) return false;
      this.#sql.rows('UPDATE day SET rolled = 1 WHERE day = ?').run(day);
      return true;
    });
  }

  /** Nothing that may stand in an hour is in a head still, and none of its chunks is stale. What is damaged is given up. */
  isHourSettled(hour: UnixHour): boolean {
    const hasStale = this.#sql.values<number>('SELECT 1 FROM stale WHERE hour = ?').get(hour) !== undefined;
    return !hasStale && !this.#hasHeads(hour, hour);
  }

  /** Nothing that may stand in a day is in a head still, and none of its hours waits for its roll-ups. */
  isDaySettled(day: UnixDay): boolean {
    const [from, to] = [day * hoursOfDay, (day + 1) * hoursOfDay - 1];
    const sql = 'SELECT 1 FROM hour WHERE hour BETWEEN ? AND ? AND rolled = 0 AND damaged IS NULL';
    return this.#sql.values<number>(sql).get(from, to) === undefined && !this.#hasHeads(from, to);
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }

  /** Whether a head holds what may stand in some hours, both ends included. */
  #hasHeads(from: UnixHour, to: UnixHour): boolean {
    const longestMs = this.#sql.values<number | null>('SELECT max(longest_interval_ms) FROM series').get() ?? 0;
    const sql = `SELECT from_ms FROM file WHERE kind = 'head' AND state IN ('open', 'sealed') AND from_ms BETWEEN ? AND ?`;
    const heads = this.#sql.values<number>(sql).all((from - reachOf(longestMs)) * hourMs, to * hourMs);
    return heads.some((fromMs) => !this.#isDamaged(hourOf(fromMs)));
  }

  #isDamaged(hour: UnixHour): boolean {
    const sql = 'SELECT 1 FROM hour WHERE hour = ? AND damaged IS NOT NULL';
    return this.#sql.values<number>(sql).get(hour) !== undefined;
  }

  #unroll(hours: Iterable<UnixHour>): void {
    for (const hour of hours) {
      this.#sql.rows('INSERT INTO hour (hour, rolled) VALUES (?, 0) ON CONFLICT DO UPDATE SET rolled = 0').run(hour);
      this.#sql
        .rows('INSERT INTO day (day, rolled) VALUES (?, 0) ON CONFLICT DO UPDATE SET rolled = 0')
        .run(Math.floor(hour / hoursOfDay));
    }
  }

  #commit<T>(work: () => T): T {
    return this.#connection
      .transaction(() => {
        const result = work();
        if (result === false) return result;
        this.#sql.rows(`UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'layout'`).run();
        return result;
      })
      .immediate();
  }
}
