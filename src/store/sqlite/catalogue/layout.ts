import { day as dayMs, hour as hourMs, type UnixMs } from '../../../model/units.ts';
import { hourOf, type UnixDay, type UnixHour } from '../files/data-dir.ts';
import type { Statements } from '../files/statements.ts';
import type { RollLevel } from '../rollups/roll.ts';
import { type FileKind, FileRows } from './file-rows.ts';

/** A file of facts that `meta.db` lists and that is there to be read. */
export interface CatalogueFile {
  /** Never used twice, as its name may be. */
  readonly id: number;
  readonly name: string;
  readonly kind: FileKind;
  readonly fromMs: UnixMs;
  readonly toMs: UnixMs;
  readonly generation: number;
  /** Of a head: it is written no more, and waits for compaction. */
  readonly isSealed: boolean;
}

/** Which files, chunks and roll-ups count, as of one commit of `meta.db`. Nothing in it changes. */
export class Layout {
  /** Rises with every commit that changes any of this. */
  readonly version: string;
  /** Heads to read single profiles from, open and sealed, by hour and generation. */
  readonly heads: readonly CatalogueFile[];
  /** Detail files, oldest first. */
  readonly details: readonly CatalogueFile[];
  readonly rolls: Readonly<Record<RollLevel, readonly CatalogueFile[]>>;
  /** The hours whose detail is damaged, with what is known of it. */
  readonly damagedHours: ReadonlyMap<UnixHour, string>;
  /**
   * From when on single profiles are held of all that is held at all; undefined when no file has any. Older ones may be
   * there for a while, when they came late.
   */
  readonly detailFromMs: UnixMs | undefined;
  readonly #compacted: ReadonlySet<number>;
  readonly #headHours: ReadonlySet<UnixHour>;
  readonly #detailOf = new Map<UnixHour, CatalogueFile>();
  /** The hours that roll1h holds as they are, and the days that roll1d does; rising. */
  readonly rolledHours: readonly UnixHour[];
  readonly rolledDays: readonly UnixDay[];
  readonly #rolledHourSet: ReadonlySet<UnixHour>;
  readonly #stale = new Map<UnixHour, Set<number>>();

  /** Inside a transaction, for all of it to be of one commit. */
  constructor(sql: Statements) {
    this.version = layoutVersion(sql);
    const files = new FileRows(sql)
      .all()
      .map(({ state, ...file }) => ({ ...file, isSealed: state === 'sealed', isCompacted: state === 'compacted' }));
    const ofKind = (kind: FileKind) => files.filter((file) => file.kind === kind);
    this.heads = ofKind('head').filter(({ isCompacted }) => !isCompacted);
    this.#compacted = new Set(ofKind('head').flatMap(({ id, isCompacted }) => (isCompacted ? id : [])));
    this.#headHours = new Set(this.heads.map(({ fromMs }) => hourOf(fromMs)));
    this.details = ofKind('detail');
    this.rolls = { '1h': ofKind('roll1h'), '1d': ofKind('roll1d') };
    for (const file of this.details) {
      for (let hour = hourOf(file.fromMs); hour * hourMs < file.toMs; hour++) this.#detailOf.set(hour, file);
    }
    const hours = sql
      .rows<{ hour: UnixHour; rolled: number; damaged: string | null }>(
        'SELECT hour, rolled, damaged FROM hour ORDER BY hour',
      )
      .all();
    this.rolledHours = hours.flatMap(({ hour, rolled }) => (rolled === 1 && this.rollOf('1h', hour) ? hour : []));
    this.#rolledHourSet = new Set(this.rolledHours);
    this.damagedHours = new Map(
      hours.flatMap(({ hour, damaged }): [UnixHour, string][] => (damaged === null ? [] : [[hour, damaged]])),
    );
    const days = sql.values<UnixDay>('SELECT day FROM day WHERE rolled = 1 ORDER BY day').all();
    this.rolledDays = days.filter((day) => this.rollOf('1d', day) !== undefined);
    this.detailFromMs = this.#detailFrom();
    for (const { series, hour } of sql
      .rows<{ series: number; hour: UnixHour }>('SELECT series, hour FROM stale')
      .all()) {
      const ofHour = this.#stale.get(hour) ?? new Set();
      this.#stale.set(hour, ofHour.add(series));
    }
  }

  /** The heads of some hours, both ends included, in order. */
  headsIn(from: UnixHour, to: UnixHour): CatalogueFile[] {
    return this.heads.filter(({ fromMs }) => hourOf(fromMs) >= from && hourOf(fromMs) <= to);
  }

  /** Whether chunks made of a head file count. */
  isCompacted(head: number): boolean {
    return this.#compacted.has(head);
  }

  /** The file with the chunks of an hour, if any. */
  detailOf(hour: UnixHour): CatalogueFile | undefined {
    return this.#detailOf.get(hour);
  }

  /** The hours, both ends included, of which single profiles may be held; rising. */
  detailHours(from: UnixHour, to: UnixHour): UnixHour[] {
    const hours = new Set([...this.#detailOf.keys(), ...this.#headHours]);
    return [...hours].filter((hour) => hour >= from && hour <= to).sort((a, b) => a - b);
  }

  /** The file for the roll-ups of an hour or a day, if any: it may hold others only. */
  rollOf(level: RollLevel, bucket: number): CatalogueFile | undefined {
    const fromMs = bucket * (level === '1h' ? hourMs : dayMs);
    return this.rolls[level].find((file) => file.fromMs <= fromMs && fromMs < file.toMs);
  }

  /** Whether roll1h holds all of an hour as it is. */
  isHourRolled(hour: UnixHour): boolean {
    return this.#rolledHourSet.has(hour);
  }

  /** Whether the sums of a series' chunks in an hour are out of date, though their detail is right. */
  isStale(series: number, hour: UnixHour): boolean {
    return this.#stale.get(hour)?.has(series) ?? false;
  }

  #detailFrom(): UnixMs | undefined {
    const starts = [this.heads[0], this.details[0]].flatMap((file) => file?.fromMs ?? []);
    if (starts.length === 0) return undefined;
    const lastGone = this.rolledHours.findLast((hour) => !this.#detailOf.has(hour) && !this.#headHours.has(hour));
    return Math.max(Math.min(...starts), lastGone === undefined ? 0 : (lastGone + 1) * hourMs);
  }

  /** All files that are there to be read. */
  get files(): CatalogueFile[] {
    return [...this.heads, ...this.details, ...this.rolls['1h'], ...this.rolls['1d']];
  }
}

/** Says that which files, chunks or roll-ups count changes with this commit: a reader in the middle asks again. */
export function raiseLayout(sql: Statements): void {
  sql.rows(`UPDATE setting SET value = value + 1 WHERE name = 'layout'`).run();
}

/** What differs between layouts: the counter that commits raise, and which files are listed. */
export function layoutVersion(sql: Statements): string {
  return (
    sql
      .values<string>(
        `SELECT (SELECT value FROM setting WHERE name = 'layout') || ' ' || count(*) || ' ' || ifnull(max(id), 0) FROM file`,
      )
      .get() ?? ''
  );
}
