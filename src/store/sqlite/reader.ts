import { resolve } from 'node:path';
import type { Matcher } from '../../model/matcher.ts';
import type { ProfileKind } from '../../model/profile-type.ts';
import type { TimeWindow, UnixMs } from '../../model/units.ts';
import { callTreeOf } from '../../profile/call-tree.ts';
import type { Profile } from '../../profile/profile.ts';
import type {
  CallTreeAnswer,
  CallTreeRequest,
  MergeAnswer,
  MergeRequest,
  ProfileEntry,
  ProfileReader,
  SeriesEntry,
  SeriesSelector,
  StoreStats,
  TotalsAnswer,
  TotalsRequest,
} from '../profile-store.ts';
import { lastPatience } from '../standing.ts';
import { CatalogueReader, type CatalogueSeries } from './catalogue/catalogue-reader.ts';
import { Dictionaries } from './dictionary/dictionaries.ts';
import { FrameRegistry } from './dictionary/frame-registry.ts';
import { bytesByKind, bytesOfStore, hourOf } from './files/data-dir.ts';
import type { HeadReader, ProfileRow } from './heads/head-reader.ts';
import { HeadReaders } from './heads/head-readers.ts';
import { decodeTotals } from './heads/samples.ts';
import { sameType } from './heads/shape.ts';
import { formatProfileId, parseProfileId } from './profile-id.ts';
import { mergeProfiles, readProfile } from './read/merge.ts';
import { selectProfiles } from './read/select-profiles.ts';
import { totalsOf } from './read/totals.ts';

export interface SqliteReaderOptions {
  readonly dataDir: string;
  /** Nodes of stack trees kept in memory, over all partitions; about 30 bytes each. */
  readonly maxCachedNodes?: number;
  /** Head files kept open. */
  readonly maxOpenFiles?: number;
}

const defaultCachedNodes = 3_000_000;
const defaultOpenFiles = 64;
/** Frames numbered over all partitions; past that, numbering starts anew. */
const maxRegisteredFrames = 1_000_000;

/** Opens read-only connections of its own. Throws `not_ready` when no writer has made the store yet, or `store_too_new`. */
export function openSqliteReader(options: SqliteReaderOptions): ProfileReader {
  return new SqliteReader(options);
}

class SqliteReader implements ProfileReader {
  readonly #dataDir: string;
  readonly #catalogue: CatalogueReader;
  readonly #heads: HeadReaders;
  readonly #dictionaries: Dictionaries;
  #registry = new FrameRegistry();

  constructor({ dataDir, maxCachedNodes, maxOpenFiles }: SqliteReaderOptions) {
    this.#dataDir = resolve(dataDir);
    this.#catalogue = new CatalogueReader(this.#dataDir);
    this.#heads = new HeadReaders(this.#dataDir, maxOpenFiles ?? defaultOpenFiles);
    this.#dictionaries = new Dictionaries(this.#catalogue, maxCachedNodes ?? defaultCachedNodes);
  }

  merge(request: MergeRequest): MergeAnswer {
    return this.#answer(() => {
      const { selector, window, aggregation } = request;
      const patience = aggregation === 'last' ? lastPatience : 0;
      const selected = selectProfiles(this.#catalogue, this.#heads, selector, window, patience);
      const dictionaryOf = (partition: number) => this.#dictionaries.at(partition);
      return mergeProfiles(request, { selected, dictionaryOf, registry: this.#registry });
    });
  }

  callTree(request: CallTreeRequest): CallTreeAnswer {
    const { profile, temporalities, coverage } = this.merge(request);
    const { sampleTypes, header } = profile;
    const column = sampleTypes.findIndex((type) => sameType(type, request.type));
    const tree = column < 0 ? undefined : callTreeOf(profile, column);
    return { tree, temporality: temporalities[column], sampleTypes, periodType: header.periodType, coverage };
  }

  totals(request: TotalsRequest): TotalsAnswer {
    return this.#answer(() => {
      const selected = selectProfiles(this.#catalogue, this.#heads, request.selector, request.window);
      const series = totalsOf(request, selected, this.#catalogue);
      return { series, window: request.window, resolution: 'detail', warnings: [], partial: false };
    });
  }

  series(matchers: readonly Matcher[], window: TimeWindow, kind?: ProfileKind): SeriesEntry[] {
    return this.#answer(() => this.#seriesIn(matchers, window, kind));
  }

  profiles(selector: SeriesSelector, window: TimeWindow, limit: number, before?: string): ProfileEntry[] {
    return this.#answer(() => this.#page(selector, window, limit, before));
  }

  profile(id: string): { readonly entry: ProfileEntry; readonly profile: Profile } | undefined {
    const key = parseProfileId(id);
    if (!key) return undefined;
    return this.#answer(() => {
      const isHeld = this.#catalogue.hours.includes(hourOf(key.stampMs));
      const head = isHeld ? this.#heads.at(hourOf(key.stampMs)) : undefined;
      const row = head?.profile(key.series, key.stampMs);
      const entry = head && row && this.#entry(head, row);
      if (!head || !row || !entry) return undefined;
      return { entry, profile: readProfile(head, row, this.#dictionaries.at(row.partition), this.#registry) };
    });
  }

  stats(): StoreStats {
    return this.#answer(() => {
      const { hours } = this.#catalogue;
      const boundsOf = (hour: number | undefined) => (hour === undefined ? undefined : this.#heads.at(hour)?.bounds());
      return {
        bytes: bytesOfStore(this.#dataDir),
        files: hours.length,
        series: this.#catalogue.seriesCount,
        partitions: this.#catalogue.partitionCount(),
        oldestMs: boundsOf(hours[0])?.oldestMs ?? undefined,
        newestMs: boundsOf(hours.at(-1))?.newestMs ?? undefined,
        fullBecause: undefined,
        byKind: bytesByKind(this.#dataDir),
        compactionDueMs: undefined,
        damagedHoursMs: [],
      };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#heads.close();
    this.#catalogue.close();
  }

  /** Brings the catalogue up to date, lets go of what is over the bounds, and answers from whole commits only. */
  #answer<T>(work: () => T): T {
    this.#catalogue.refresh();
    this.#heads.closeIdle(this.#catalogue.hours);
    this.#dictionaries.evict();
    if (this.#registry.frames.length > maxRegisteredFrames) this.#registry = new FrameRegistry();
    try {
      return work();
    } finally {
      this.#heads.release();
    }
  }

  #seriesIn(matchers: readonly Matcher[], window: TimeWindow, kind: ProfileKind | undefined): SeriesEntry[] {
    const found = new Map<number, { firstMs: UnixMs; lastMs: UnixMs }>();
    this.#eachHour(matchers, window, kind, (head, ids) => {
      for (const { series, firstMs, lastMs } of head.extents(ids, window.fromMs, window.toMs)) {
        const known = found.get(series);
        if (known) known.lastMs = lastMs;
        else found.set(series, { firstMs, lastMs });
      }
    });
    return [...found].flatMap(([id, { firstMs, lastMs }]) => {
      const series = this.#catalogue.series(id);
      if (!series) return [];
      const { labels, kind: ofKind, types, periodType } = series;
      return [{ labels, kind: ofKind, processId: this.#processId(series), types, periodType, firstMs, lastMs }];
    });
  }

  #page(
    { kind, matchers }: SeriesSelector,
    window: TimeWindow,
    limit: number,
    before: string | undefined,
  ): ProfileEntry[] {
    const after = (before === undefined ? undefined : parseProfileId(before)) ?? { series: 0, stampMs: Infinity };
    const page: ProfileEntry[] = [];
    const addFrom = (head: HeadReader, ids: string): void => {
      if (page.length >= limit) return;
      const rows = head.newestProfiles(ids, window, after, limit - page.length);
      page.push(...rows.flatMap((row) => this.#entry(head, row) ?? []));
    };
    this.#eachHour(matchers, window, kind, addFrom, 'newest first');
    return page;
  }

  /** Goes through the head files of a window, with the series (as a JSON array of ids) to look for in each. */
  #eachHour(
    matchers: readonly Matcher[],
    { fromMs, toMs }: TimeWindow,
    kind: ProfileKind | undefined,
    visit: (head: HeadReader, ids: string) => void,
    order: 'oldest first' | 'newest first' = 'oldest first',
  ): void {
    const [from, to] = [hourOf(fromMs), hourOf(toMs)];
    const candidates = this.#catalogue.select(kind, matchers, from, to);
    const hours = this.#catalogue.hours.filter((hour) => hour >= from && hour <= to);
    for (const hour of order === 'oldest first' ? hours : hours.toReversed()) {
      const ids = candidates.filter(({ firstHour, lastHour }) => firstHour <= hour && lastHour >= hour);
      const head = ids.length > 0 ? this.#heads.at(hour) : undefined;
      if (head) visit(head, JSON.stringify(ids.map(({ id }) => id)));
    }
  }

  #entry(head: HeadReader, row: ProfileRow): ProfileEntry | undefined {
    const series = this.#catalogue.series(row.series);
    return (
      series && {
        id: formatProfileId(row.series, row.stampMs),
        labels: series.labels,
        kind: series.kind,
        processId: this.#processId(series),
        stampMs: row.stampMs,
        intervalMs: row.intervalMs,
        spanMs: row.spanMs,
        types: head.shape(row.shape).types,
        totals: decodeTotals(row.totals),
      }
    );
  }

  #processId({ process }: CatalogueSeries): string {
    return this.#catalogue.process(process)?.identity ?? '';
  }
}
