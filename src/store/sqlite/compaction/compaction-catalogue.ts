import { join } from 'node:path';
import { hour as hourMs } from '../../../model/units.ts';
import { type FileKind, type FileRow, FileRows } from '../catalogue/file-rows.ts';
import { raiseLayout } from '../catalogue/layout.ts';
import { Settling } from '../catalogue/settling.ts';
import { dayOfHour, hourOf, metaFile, removeFile, type UnixDay, type UnixHour } from '../files/data-dir.ts';
import { type Connection, openDatabase, type Synchronous } from '../files/database.ts';
import { Statements } from '../files/statements.ts';
import { reachOf } from '../heads/sealing.ts';
import type { FileSpan } from './spans.ts';

/** A series whose chunks in an hour are to be restated. Several marks may say the same. */
export interface StaleMark {
  readonly id: number;
  readonly series: number;
  readonly hour: UnixHour;
}

/** What waits for compaction, as of one commit of `meta.db`. What is damaged is left out. */
export interface WaitingWork {
  readonly files: readonly FileRow[];
  /** Heads to be compacted, oldest first. */
  readonly sealed: readonly FileRow[];
  /** Marks to be made good. */
  readonly stale: readonly StaleMark[];
  readonly damagedHours: ReadonlySet<UnixHour>;
}

/**
 * What compaction reads and writes in `meta.db`, beside the ingest thread: files, hours, days and stale marks, each change
 * in one short transaction that raises the layout.
 */
export class CompactionCatalogue implements Disposable {
  readonly #dataDir: string;
  readonly #connection: Connection;
  readonly #sql: Statements;
  readonly #files: FileRows;

  constructor(dataDir: string, synchronous: Synchronous) {
    this.#dataDir = dataDir;
    this.#connection = openDatabase(join(dataDir, metaFile), 'meta', synchronous);
    this.#sql = new Statements(this.#connection);
    this.#files = new FileRows(this.#sql);
  }

  waiting(): WaitingWork {
    return this.#connection.transaction(() => {
      const damagedHours = new Set(this.#sql.values<UnixHour>('SELECT hour FROM hour WHERE damaged IS NOT NULL').all());
      const files = this.files();
      return {
        files,
        sealed: files.filter(({ kind, state, fromMs }) => {
          return kind === 'head' && state === 'sealed' && !damagedHours.has(hourOf(fromMs));
        }),
        stale: this.#sql
          .rows<StaleMark>('SELECT id, series, hour FROM stale ORDER BY id')
          .all()
          .filter(({ hour }) => !damagedHours.has(hour)),
        damagedHours,
      };
    })();
  }

  /** Which hours and days can be rolled up, as it is now. */
  settling(): Settling {
    return this.#connection.transaction(() => new Settling(this.#sql))();
  }

  /** All files but those that are being removed, oldest first, generation by generation. */
  files(): FileRow[] {
    return this.#files.all();
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
      if (!new Settling(this.#sql).isHourSettled(hour)) return false;
      this.#sql.rows('UPDATE hour SET rolled = 1 WHERE hour = ?').run(hour);
      this.#sql
        .rows('INSERT INTO day (day, rolled) VALUES (?, 0) ON CONFLICT DO UPDATE SET rolled = 0')
        .run(dayOfHour(hour));
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
      if (!new Settling(this.#sql).isDaySettled(day)) return false;
      this.#sql.rows('UPDATE day SET rolled = 1 WHERE day = ?').run(day);
      return true;
    });
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }

  #unroll(hours: Iterable<UnixHour>): void {
    for (const hour of hours) {
      this.#sql.rows('INSERT INTO hour (hour, rolled) VALUES (?, 0) ON CONFLICT DO UPDATE SET rolled = 0').run(hour);
      this.#sql
        .rows('INSERT INTO day (day, rolled) VALUES (?, 0) ON CONFLICT DO UPDATE SET rolled = 0')
        .run(dayOfHour(hour));
    }
  }

  #commit<T>(work: () => T): T {
    return this.#connection
      .transaction(() => {
        const result = work();
        if (result === false) return result;
        raiseLayout(this.#sql);
        return result;
      })
      .immediate();
  }
}
