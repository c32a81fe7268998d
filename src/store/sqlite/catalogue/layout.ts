import { day as dayMs, hour as hourMs, type UnixMs } from '../../../model/units.ts';
import { hourOf, type UnixHour } from '../files/data-dir.ts';
import type { Statements } from '../files/statements.ts';

/** Days since the Unix epoch, UTC. */
export type UnixDay = number;

export type FactFileKind = 'head' | 'detail' | 'roll1h' | 'roll1d';

/** A file of facts that `meta.db` lists and that is there to be read. */
export interface CatalogueFile {
  /** Never used twice, as its name may be. */
  readonly id: number;
  readonly name: string;
  readonly kind: FactFileKind;
  readonly fromMs: UnixMs;
  readonly toMs: UnixMs;
  readonly generation: number;
}

interface FileRow extends CatalogueFile {
  readonly state: string;
}

/** Which files, chunks and roll-ups count, as of one commit of `meta.db`. Nothing in it changes. */
export class Layout {
  /** Rises with every commit that changes any of this. */
  readonly version: string;
  /** Heads to read single profiles from, open and sealed, by hour and generation. */
  readonly heads: readonly CatalogueFile[];
  /** Detail files, oldest first. */
  readonly details: readonly CatalogueFile[];
  readonly rolls: { readonly '1h': readonly CatalogueFile[]; readonly '1d': readonly CatalogueFile[] };
  /** The hours whose detail is damaged, with what is known of it. */
  readonly damagedHours: ReadonlyMap<UnixHour, string>;
  readonly #compacted: ReadonlySet<number>;
  readonly #detailOf = new Map<UnixHour, CatalogueFile>();
  readonly #headHours: ReadonlySet<UnixHour>;
  readonly #rolledHours: ReadonlySet<UnixHour>;
  readonly #chunkHours: ReadonlySet<UnixHour>;
  readonly #rolledDays: ReadonlySet<UnixDay>;
  readonly #stale = new Map<UnixHour, Set<number>>();

  /** Inside a transaction, for all of it to be of one commit. */
  constructor(sql: Statements) {
    this.version = layoutVersion(sql);
    const files = sql
      .rows<FileRow>(
        `SELECT id, name, kind, from_ms AS fromMs, to_ms AS toMs, generation, state
         FROM file WHERE state <> 'removed' ORDER BY from_ms, generation`,
      )
      .all();
    const ofKind = (kind: FactFileKind): FileRow[] => files.filter((file) => file.kind === kind);
    this.heads = ofKind('head').filter(({ state }) => state !== 'compacted');
    this.#compacted = new Set(ofKind('head').flatMap(({ id, state }) => (state === 'compacted' ? id : [])));
    this.#headHours = new Set(this.heads.map(({ fromMs }) => hourOf(fromMs)));
    this.details = ofKind('detail');
    this.rolls = { '1h': ofKind('roll1h'), '1d': ofKind('roll1d') };
    for (const file of this.details) {
      for (let hour = hourOf(file.fromMs); hour * hourMs < file.toMs; hour++) this.#detailOf.set(hour, file);
    }
    const hours = sql
      .rows<{ hour: UnixHour; rolled: number; damaged: string | null }>('SELECT hour, rolled, damaged FROM hour')
      .all();
    this.#chunkHours = new Set(hours.map(({ hour }) => hour));
    this.#rolledHours = new Set(hours.flatMap(({ hour, rolled }) => (rolled === 1 ? hour : [])));
    this.damagedHours = new Map(
      hours.flatMap(({ hour, damaged }): [UnixHour, string][] => (damaged === null ? [] : [[hour, damaged]])),
    );
    this.#rolledDays = new Set(sql.values<UnixDay>('SELECT day FROM day WHERE rolled = 1').all());
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

  /** The file with the roll-ups of an hour or a day; use it only for those that are rolled. */
  rollOf(level: '1h' | '1d', bucket: number): CatalogueFile | undefined {
    const fromMs = bucket * (level === '1h' ? hourMs : dayMs);
    return this.rolls[level].find((file) => file.fromMs <= fromMs && fromMs < file.toMs);
  }

  /** Whether roll1h holds all of an hour as it is. */
  isHourRolled(hour: UnixHour): boolean {
    return this.#rolledHours.has(hour);
  }

  /** Whether roll1d holds all of a day as it is. */
  isDayRolled(day: UnixDay): boolean {
    return this.#rolledDays.has(day);
  }

  /** Whether an hour has chunks or had some once. */
  wasCompacted(hour: UnixHour): boolean {
    return this.#chunkHours.has(hour);
  }

  /** Whether single profiles of an hour are held, as far as the hour has any. */
  holdsDetail(hour: UnixHour): boolean {
    return this.#detailOf.has(hour) || this.#headHours.has(hour);
  }

  /** The start of the oldest hour of which single profiles are held; undefined when there are none. */
  get detailFromMs(): UnixMs | undefined {
    const starts = [this.heads[0], this.details[0]].flatMap((file) => file?.fromMs ?? []);
    return starts.length === 0 ? undefined : Math.min(...starts);
  }

  /** The start of the oldest file; undefined when there is none. */
  get oldestMs(): UnixMs | undefined {
    const starts = [...this.rolls['1h'], ...this.rolls['1d']].map(({ fromMs }) => fromMs);
    const oldest = Math.min(this.detailFromMs ?? Infinity, ...starts);
    return oldest === Infinity ? undefined : oldest;
  }

  /** Whether the sums of a series' chunks in an hour are out of date, though their detail is right. */
  isStale(series: number, hour: UnixHour): boolean {
    return this.#stale.get(hour)?.has(series) ?? false;
  }

  hasStale(hour: UnixHour): boolean {
    return this.#stale.has(hour);
  }

  /** All files that are there to be read. */
  get files(): CatalogueFile[] {
    return [...this.heads, ...this.details, ...this.rolls['1h'], ...this.rolls['1d']];
  }
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
