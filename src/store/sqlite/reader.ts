import { resolve } from 'node:path';
import type { Matcher } from '../../model/matcher.ts';
import type { ProfileKind } from '../../model/profile-type.ts';
import type { TimeWindow, UnixMs } from '../../model/units.ts';
import { callTreeOf } from '../../profile/call-tree.ts';
import type { Profile } from '../../profile/profile.ts';
import type {
  CallTreeAnswer,
  CallTreeRequest,
  Coverage,
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
import { DamagedData } from './files/damage.ts';
import { bytesByKind, bytesOfStore, hourOf } from './files/data-dir.ts';
import type { HeadReader, ProfileRow } from './heads/head-reader.ts';
import { decodeTotals } from './heads/samples.ts';
import { sameType } from './heads/shape.ts';
import { formatProfileId, parseProfileId } from './profile-id.ts';
import { DamageBook } from './read/damage-book.ts';
import { mergeProfiles, readProfile } from './read/merge.ts';
import { FileGone, OpenFiles } from './read/open-files.ts';
import { selectProfiles } from './read/select-profiles.ts';
import { LayoutMoved, Sources } from './read/sources.ts';
import { totalsOf } from './read/totals.ts';

export interface SqliteReaderOptions {
  readonly dataDir: string;
  /** Nodes of stack trees kept in memory, over all partitions; about 30 bytes each. */
  readonly maxCachedNodes?: number;
  /** Files of facts kept open. */
  readonly maxOpenFiles?: number;
}

const defaultCachedNodes = 3_000_000;
const defaultOpenFiles = 64;
/** How often a question begins anew because the store is being rewritten; then it answers what is there. */
const mostAttempts = 4;
/** Frames numbered over all partitions; past that, numbering starts anew. */
const maxRegisteredFrames = 1_000_000;

/** Opens read-only connections of its own. Throws `not_ready` when no writer has made the store yet, or `store_too_new`. */
export function openSqliteReader(options: SqliteReaderOptions): ProfileReader {
  return new SqliteReader(options);
}

class SqliteReader implements ProfileReader {
  readonly #dataDir: string;
  readonly #catalogue: CatalogueReader;
  readonly #files: OpenFiles;
  readonly #damage = new DamageBook();
  readonly #dictionaries: Dictionaries;
  #registry = new FrameRegistry();

  constructor({ dataDir, maxCachedNodes, maxOpenFiles }: SqliteReaderOptions) {
    this.#dataDir = resolve(dataDir);
    this.#catalogue = new CatalogueReader(this.#dataDir);
    this.#files = new OpenFiles(this.#dataDir, maxOpenFiles ?? defaultOpenFiles);
    this.#dictionaries = new Dictionaries(this.#catalogue, maxCachedNodes ?? defaultCachedNodes);
  }

  merge(request: MergeRequest): MergeAnswer {
    return this.#answer((sources) => {
      const { selector, window, aggregation } = request;
      const patience = aggregation === 'last' ? lastPatience : 0;
      const selected = selectProfiles(sources, selector, window, patience);
      const dictionaryOf = (partition: number) => this.#dictionaries.at(partition);
      const answer = mergeProfiles(request, { selected, dictionaryOf, registry: this.#registry });
      return { ...answer, coverage: withNotes(answer.coverage, sources) };
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
    return this.#answer((sources) => {
      const selected = selectProfiles(sources, request.selector, request.window);
      const series = totalsOf(request, selected, this.#catalogue);
      return withNotes({ series, window: request.window, resolution: 'detail', warnings: [], partial: false }, sources);
    });
  }

  series(matchers: readonly Matcher[], window: TimeWindow, kind?: ProfileKind): SeriesEntry[] {
    return this.#answer((sources) => this.#seriesIn(sources, matchers, window, kind));
  }

  profiles(selector: SeriesSelector, window: TimeWindow, limit: number, before?: string): ProfileEntry[] {
    return this.#answer((sources) => this.#page(sources, selector, window, limit, before));
  }

  profile(id: string): { readonly entry: ProfileEntry; readonly profile: Profile } | undefined {
    const key = parseProfileId(id);
    if (!key) return undefined;
    return this.#answer((sources) => {
      const hour = hourOf(key.stampMs);
      for (const head of sources.heads(hour, hour)) {
        const row = head.profile(key.series, key.stampMs);
        const entry = row && this.#entry(head, row);
        if (!row || !entry) continue;
        return { entry, profile: readProfile(head, row, this.#dictionaries.at(row.partition), this.#registry) };
      }
      return undefined;
    });
  }

  stats(): StoreStats {
    return this.#answer((sources) => {
      const { heads } = sources.layout;
      const boundsOf = (file: (typeof heads)[number] | undefined) => {
        const hour = file && hourOf(file.fromMs);
        return hour === undefined ? undefined : sources.heads(hour, hour)[0]?.bounds();
      };
      return {
        bytes: bytesOfStore(this.#dataDir),
        files: sources.layout.files.length,
        series: this.#catalogue.seriesCount,
        partitions: this.#catalogue.partitionCount(),
        oldestMs: boundsOf(heads[0])?.oldestMs,
        newestMs: boundsOf(heads.at(-1))?.newestMs,
        fullBecause: undefined,
        byKind: bytesByKind(this.#dataDir),
        compactionDueMs: undefined,
        damagedHoursMs: [],
      };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#files.close();
    this.#catalogue.close();
  }

  /**
   * Answers from whole commits only: brings the catalogue up to date, lets go of what is over the bounds, and asks. What moves
   * meanwhile makes it ask again, and so does damage, which is left out from then on.
   */
  #answer<T>(work: (sources: Sources) => T): T {
    for (let attempt = 1; ; attempt++) {
      const sources = this.#sources(attempt >= mostAttempts);
      try {
        const answer = work(sources);
        if (attempt >= mostAttempts || !this.#catalogue.symbolsDropped()) return answer;
      } catch (error) {
        const isNewDamage = error instanceof DamagedData && this.#damage.add(error);
        if (isNewDamage) attempt--;
        else if (!(error instanceof FileGone || error instanceof LayoutMoved)) throw error;
      } finally {
        this.#files.release();
      }
    }
  }

  #sources(isLast: boolean): Sources {
    this.#catalogue.refresh();
    const { files } = this.#catalogue.layout;
    this.#files.closeIdle(new Set(files.map(({ id }) => id)));
    this.#damage.keepOnly(files);
    this.#dictionaries.evict();
    if (this.#registry.frames.length > maxRegisteredFrames) this.#registry = new FrameRegistry();
    return new Sources({ catalogue: this.#catalogue, files: this.#files, damage: this.#damage, isLast });
  }

  #seriesIn(
    sources: Sources,
    matchers: readonly Matcher[],
    window: TimeWindow,
    kind: ProfileKind | undefined,
  ): SeriesEntry[] {
    const found = new Map<number, { firstMs: UnixMs; lastMs: UnixMs }>();
    this.#eachHour(sources, matchers, window, kind, (head, ids) => {
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
    sources: Sources,
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
    this.#eachHour(sources, matchers, window, kind, addFrom, 'newest first');
    return page;
  }

  /** Goes through the head files of a window, with the series (as a JSON array of ids) to look for in each. */
  #eachHour(
    sources: Sources,
    matchers: readonly Matcher[],
    { fromMs, toMs }: TimeWindow,
    kind: ProfileKind | undefined,
    visit: (head: HeadReader, ids: string) => void,
    order: 'oldest first' | 'newest first' = 'oldest first',
  ): void {
    const [from, to] = [hourOf(fromMs), hourOf(toMs)];
    const candidates = this.#catalogue.select(kind, matchers, from, to);
    const heads = candidates.length > 0 ? sources.heads(from, to) : [];
    for (const head of order === 'oldest first' ? heads : heads.toReversed()) {
      const ids = candidates.filter(({ firstHour, lastHour }) => firstHour <= head.hour && lastHour >= head.hour);
      if (ids.length > 0) visit(head, JSON.stringify(ids.map(({ id }) => id)));
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

/** An answer with what had to be left out of it. */
function withNotes<Answer extends Pick<Coverage, 'warnings' | 'partial'>>(answer: Answer, sources: Sources): Answer {
  if (!sources.isPartial) return answer;
  return { ...answer, warnings: [...answer.warnings, ...sources.warnings], partial: true };
}
