import { join } from 'node:path';
import { FlameherdError, messageOf } from '../../../model/errors.ts';
import type { LabelSet } from '../../../model/labels.ts';
import { compileMatchers } from '../../../model/matcher.ts';
import type { ProfileKind, ValueType } from '../../../model/profile-type.ts';
import type { Matcher } from '../../../model/selector.ts';
import type { UnixMs } from '../../../model/units.ts';
import type { StoredType } from '../../profile-store.ts';
import { processEnds } from '../../standing.ts';
import { openSegment, type StoredSegment } from '../dictionary/segment.ts';
import { fileExists, metaFile, type UnixHour } from '../files/data-dir.ts';
import { type Connection, openForReading } from '../files/database.ts';
import { Statements } from '../files/statements.ts';
import { Layout, layoutVersion } from './layout.ts';

export interface ProcessEntry {
  readonly id: number;
  readonly identity: string;
  readonly slot: string;
  readonly startedMs: UnixMs | undefined;
  readonly firstMs: UnixMs;
  readonly endedMs: UnixMs | undefined;
  /** Names what was built; undefined where nothing told. */
  readonly build: string | undefined;
}

export interface CatalogueSeries {
  readonly id: number;
  readonly labels: LabelSet;
  readonly kind: ProfileKind;
  readonly process: number;
  readonly types: readonly StoredType[];
  readonly periodType: ValueType | undefined;
  readonly firstHour: UnixHour;
  readonly lastHour: UnixHour;
  readonly longestIntervalMs: number;
}

/**
 * `meta.db` as a reader sees it: all series and processes in memory, kept up to date by loading what changed since the last
 * look. Look at it before the facts for what to select, and after them for what they refer to.
 *
 * Sequence lock: rows of facts are rewritten in place only after a commit here that raised the layout's version, and what is
 * appended to a head out of order is announced so, too. A snapshot of a file of facts fits the catalogue when the layout has
 * not changed after the snapshot was taken (`layoutChanged`).
 */
export class CatalogueReader {
  readonly #connection: Connection;
  readonly #sql: Statements;
  readonly #series = new Map<number, CatalogueSeries>();
  readonly #ofKind = new Map<ProfileKind, Map<number, CatalogueSeries>>();
  readonly #processes = new Map<number, ProcessEntry>();
  readonly #slots = new Map<string, Set<number>>();
  readonly #builds = new Map<string, string>();
  readonly #labelSets = new Map<number, LabelSet>();
  readonly #shapes = new Map<string, Pick<CatalogueSeries, 'types' | 'periodType'>>();
  #layout: Layout;
  #seenChange = -1;
  #pruned = '';
  #dataVersion: unknown;
  /** The data version at which the layout was last known to be this one. */
  #checkedVersion: unknown;

  constructor(dataDir: string) {
    if (!fileExists(dataDir, metaFile)) throw notReady(dataDir);
    try {
      this.#connection = openForReading(join(dataDir, metaFile), 'meta');
    } catch (error) {
      if (error instanceof FlameherdError) throw error;
      throw notReady(dataDir, error);
    }
    this.#sql = new Statements(this.#connection);
    this.#layout = this.#connection.transaction(() => new Layout(this.#sql))();
  }

  /** Loads what was committed since the last call. */
  refresh(): void {
    const version = this.#version();
    if (version === this.#dataVersion) return;
    this.#connection.transaction(() => this.#load())();
    this.#dataVersion = version;
    this.#checkedVersion = version;
  }

  /** Which files and what of them count, as of the last `refresh`. */
  get layout(): Layout {
    return this.#layout;
  }

  /** Whether a commit since the last `refresh` changed which files, chunks or roll-ups count. Cheap: ask for every file. */
  layoutChanged(): boolean {
    const version = this.#version();
    if (version === this.#checkedVersion) return false;
    if (layoutVersion(this.#sql) !== this.#layout.version) return true;
    this.#checkedVersion = version;
    return false;
  }

  /** Whether series, partitions or their symbols were dropped since the last `refresh`. */
  symbolsDropped(): boolean {
    return this.#version() !== this.#dataVersion && this.#prunedSetting() !== this.#pruned;
  }

  series(id: number): CatalogueSeries | undefined {
    return this.#series.get(id);
  }

  process(id: number): ProcessEntry | undefined {
    return this.#processes.get(id);
  }

  get seriesCount(): number {
    return this.#series.size;
  }

  partitionCount(): number {
    return this.#sql.values<number>('SELECT count(*) FROM partition').get() ?? 0;
  }

  /** The series that meet the conditions and may have profiles in the hours, in order of id. */
  select(kind: ProfileKind | undefined, matchers: readonly Matcher[], from: UnixHour, to: UnixHour): CatalogueSeries[] {
    const meets = compileMatchers(matchers);
    const verdicts = new Map<LabelSet, boolean>();
    const found: CatalogueSeries[] = [];
    for (const series of (kind === undefined ? this.#series : this.#ofKind.get(kind))?.values() ?? []) {
      if (series.lastHour < from || series.firstHour > to) continue;
      // The kinds of a process share a label set.
      const known = verdicts.get(series.labels);
      const verdict = known ?? meets(series.labels);
      if (known === undefined && kind === undefined) verdicts.set(series.labels, verdict);
      if (verdict) found.push(series);
    }
    return found.sort((a, b) => a.id - b.id);
  }

  /** When a process was over: its own end or the start of the next one in its slot. */
  endOf(id: number, known: Map<number, UnixMs | undefined>): UnixMs | undefined {
    const process = this.#processes.get(id);
    if (!process || known.has(id)) return known.get(id);
    const others =
      process.slot === ''
        ? [process]
        : [...(this.#slots.get(process.slot) ?? [])].flatMap((other) => this.#processes.get(other) ?? []);
    const ends = processEnds(others);
    others.forEach((other, at) => known.set(other.id, ends[at]));
    return known.get(id);
  }

  /** The partitions of a key, epoch after epoch, whose profiles may stand in some hours; both ends are included. */
  partitionsOf(key: string, from: UnixHour, to: UnixHour): number[] {
    return this.#sql
      .values<number>('SELECT id FROM partition WHERE key = ? AND last_hour >= ? AND first_hour <= ? ORDER BY epoch')
      .all(key, from, to);
  }

  /** The segments of a partition's dictionary after one, in order. */
  segmentsAfter(partition: number, segment: number): { readonly id: number; readonly bytes: Uint8Array }[] {
    return this.#sql
      .rows<StoredSegment>('SELECT id, format, data FROM dictionary WHERE partition = ? AND id > ? ORDER BY id')
      .all(partition, segment)
      .map((row) => ({ id: row.id, bytes: openSegment(row) }));
  }

  close(): void {
    this.#connection.close();
  }

  #load(): void {
    const pruned = this.#prunedSetting();
    if (pruned !== this.#pruned) this.#clear();
    this.#pruned = pruned;
    const since = this.#seenChange;
    this.#loadProcesses(since);
    this.#loadSeries(since);
    if (layoutVersion(this.#sql) !== this.#layout.version) this.#layout = new Layout(this.#sql);
  }

  #version(): unknown {
    return this.#sql.values('PRAGMA data_version').get();
  }

  #prunedSetting(): string {
    return this.#sql.values<string>(`SELECT value FROM setting WHERE name = 'pruned'`).get() ?? '0';
  }

  #loadProcesses(since: number): void {
    const rows = this.#sql
      .rows<ProcessColumns>(
        `SELECT id, identity, slot, started_ms AS startedMs, first_ms AS firstMs, ended_ms AS endedMs, build, changed
         FROM process WHERE changed > ?`,
      )
      .all(since);
    for (const { changed, ...columns } of rows) {
      const process = this.#processOf(columns);
      this.#processes.set(process.id, process);
      const slot = this.#slots.get(process.slot) ?? new Set();
      this.#slots.set(process.slot, slot.add(process.id));
      this.#seenChange = Math.max(this.#seenChange, changed);
    }
  }

  #loadSeries(since: number): void {
    const rows = this.#sql
      .rows<SeriesRow>(
        `SELECT id, label_set AS labelSet, process, kind, shape, first_hour AS firstHour, last_hour AS lastHour,
           longest_interval_ms AS longestIntervalMs, changed
         FROM series WHERE changed > ?`,
      )
      .all(since);
    for (const { changed, labelSet, shape, ...series } of rows) {
      const { types, periodType } = this.#shape(shape);
      this.#add({ ...series, labels: this.#labels(labelSet), types, periodType });
      this.#seenChange = Math.max(this.#seenChange, changed);
    }
  }

  #labels(id: number): LabelSet {
    const known = this.#labelSets.get(id);
    if (known) return known;
    const text = this.#sql.values<string>('SELECT labels FROM label_set WHERE id = ?').get(id) ?? '{}';
    const labels = JSON.parse(text) as LabelSet;
    this.#labelSets.set(id, labels);
    return labels;
  }

  #add(series: CatalogueSeries): void {
    const ofKind = this.#ofKind.get(series.kind) ?? new Map<number, CatalogueSeries>();
    this.#ofKind.set(series.kind, ofKind.set(series.id, series));
    this.#series.set(series.id, series);
  }

  /** Processes of one build share its name. */
  #processOf({ startedMs, endedMs, build, ...process }: Omit<ProcessColumns, 'changed'>): ProcessEntry {
    const known = build === null ? undefined : (this.#builds.get(build) ?? build);
    if (known !== undefined) this.#builds.set(known, known);
    return { ...process, startedMs: startedMs ?? undefined, endedMs: endedMs ?? undefined, build: known };
  }

  /** Series have few shapes: they share them. */
  #shape(text: string): Pick<CatalogueSeries, 'types' | 'periodType'> {
    const known = this.#shapes.get(text);
    if (known) return known;
    const { types, periodType } = JSON.parse(text) as { types: StoredType[]; periodType?: ValueType };
    this.#shapes.set(text, { types, periodType });
    return { types, periodType };
  }

  #clear(): void {
    const tables = [this.#series, this.#ofKind, this.#processes, this.#slots, this.#labelSets, this.#shapes];
    for (const table of [...tables, this.#builds]) table.clear();
    this.#seenChange = -1;
  }
}

interface ProcessColumns extends Omit<ProcessEntry, 'startedMs' | 'endedMs' | 'build'> {
  readonly startedMs: UnixMs | null;
  readonly endedMs: UnixMs | null;
  readonly build: string | null;
  readonly changed: number;
}

interface SeriesRow extends Omit<CatalogueSeries, 'labels' | 'types' | 'periodType'> {
  readonly labelSet: number;
  readonly shape: string;
  readonly changed: number;
}

function notReady(dataDir: string, cause?: unknown): FlameherdError {
  const why = cause === undefined ? 'there is no meta.db' : messageOf(cause);
  return new FlameherdError('not_ready', `${dataDir} holds no readable store: ${why}`, {
    hint: 'start the collector once with this --data directory',
    cause,
  });
}
