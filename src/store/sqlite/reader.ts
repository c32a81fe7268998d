import { resolve } from 'node:path';
import type { ProfileKind } from '../../model/profile-type.ts';
import type { Matcher } from '../../model/selector.ts';
import type { Bytes, TimeWindow } from '../../model/units.ts';
import type { Profile } from '../../profile/profile.ts';
import { type Allowance, unlimited } from '../allowance.ts';
import type {
  CallTreeAnswer,
  CallTreeRequest,
  ComparedAnswer,
  Coverage,
  DamagedHour,
  MergeAnswer,
  MergeRequest,
  ProfileEntry,
  ProfileReader,
  ProfilesSelector,
  SampleLabelsSelector,
  SeriesEntry,
  StoreStats,
  TotalsAnswer,
  TotalsRequest,
} from '../profile-store.ts';
import { CatalogueReader } from './catalogue/catalogue-reader.ts';
import { Dictionaries } from './dictionary/dictionaries.ts';
import type { StackDictionary } from './dictionary/dictionary.ts';
import { FrameRegistry } from './dictionary/frame-registry.ts';
import { bytesOfComparedNames, bytesOfDictionary, bytesOfNames, bytesOfRows } from './dictionary/sizes.ts';
import { DamagedData } from './files/damage.ts';
import { CallTrees, type ComparedSums } from './read/call-tree.ts';
import { DamageBook } from './read/damage-book.ts';
import { seriesIn } from './read/lists.ts';
import { type DictionaryOf, type MergedSums, mergeSums, profileOfSums } from './read/merge.ts';
import { FileGone, OpenFiles } from './read/open-files.ts';
import { profilesIn, profileWithId } from './read/profile-list.ts';
import { partitionsIn, SampleLabels } from './read/sample-labels.ts';
import { LayoutMoved, Sources } from './read/sources.ts';
import { storeStats } from './read/store-stats.ts';
import { totalsOf } from './read/totals.ts';

export interface SqliteReaderOptions {
  readonly dataDir: string;
  /** Nodes of stack trees kept in memory, over all partitions; about 30 bytes each. */
  readonly maxCachedNodes?: number;
  /** Files of facts kept open. */
  readonly maxOpenFiles?: number;
  /** What a question may spend; without bounds unless given. */
  readonly allowance?: Allowance;
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
  readonly #trees: CallTrees;
  readonly #allowance: Allowance;
  #registry = new FrameRegistry();

  constructor({ dataDir, maxCachedNodes, maxOpenFiles, allowance }: SqliteReaderOptions) {
    this.#allowance = allowance ?? unlimited;
    this.#trees = new CallTrees(this.#allowance);
    this.#dataDir = resolve(dataDir);
    this.#catalogue = new CatalogueReader(this.#dataDir);
    this.#files = new OpenFiles(this.#dataDir, maxOpenFiles ?? defaultOpenFiles);
    this.#dictionaries = new Dictionaries(this.#catalogue, maxCachedNodes ?? defaultCachedNodes);
  }

  merge(request: MergeRequest): MergeAnswer {
    return this.#answer((sources) => {
      const merged = mergeSums(request, sources, this.#dictionariesFor(bytesOfRows), 'with times');
      const answer = profileOfSums(merged, this.#registry, this.#allowance);
      return { ...answer, coverage: withNotes(answer.coverage, sources) };
    });
  }

  callTree(request: CallTreeRequest): CallTreeAnswer {
    return this.#answer((sources) => {
      const merged = mergeType(request, sources, this.#dictionariesFor(bytesOfNames));
      const { partitions, types, divisors } = merged;
      const { maxNodes, flat, root } = request;
      const options = { unit: request.type.unit, divisor: divisors[0] ?? 1, maxNodes, flat, root };
      const tree = types[0] && this.#trees.ofSums(partitions, 0, options);
      return { tree, ...withoutTree(merged, sources) };
    });
  }

  callTrees(compare: CallTreeRequest, base: CallTreeRequest): ComparedAnswer {
    return this.#answer((sources) => {
      const dictionaryOf = this.#dictionariesFor(bytesOfComparedNames);
      const [first, second] = [compare, base].map((request) => {
        const merged = mergeType(request, sources, dictionaryOf);
        const { partitions, types, divisors } = merged;
        const type = types[0] ? 0 : -1;
        return { merged, sums: { partitions, type, unit: request.type.unit, divisor: divisors[0] ?? 1 } };
      }) as [OneOfTwo, OneOfTwo];
      const options = {
        maxNodes: Math.max(compare.maxNodes, base.maxNodes),
        flat: compare.flat && base.flat,
        root: compare.root,
      };
      const isThere = first.sums.type >= 0 || second.sums.type >= 0;
      return {
        compare: withoutTree(first.merged, sources),
        base: withoutTree(second.merged, sources),
        trees: isThere ? this.#trees.compared(first.sums, second.sums, options) : undefined,
      };
    });
  }

  totals(request: TotalsRequest): TotalsAnswer {
    return this.#answer((sources) => {
      const context = { names: this.#trees.names(), dictionaryOf: this.#dictionariesFor(bytesOfNames) };
      return withNotes(totalsOf(request, sources, context), sources);
    });
  }

  sampleLabels({ kind, matchers }: SampleLabelsSelector, window: TimeWindow): ReadonlyMap<string, readonly string[]> {
    return this.#answer((sources) => {
      const labels = new SampleLabels();
      for (const partition of partitionsIn(sources, matchers, window, kind)) {
        this.#allowance.check();
        labels.add(this.#dictionaries.at(partition).labelSets, this.#allowance);
        // Nothing but texts is kept of it: a wide window may have more partitions than there is room for.
        this.#dictionaries.evict();
      }
      return labels.result();
    });
  }

  series(matchers: readonly Matcher[], window: TimeWindow, kind?: ProfileKind): SeriesEntry[] {
    return this.#answer((sources) => seriesIn(sources, matchers, window, kind));
  }

  profiles(selector: ProfilesSelector, window: TimeWindow, limit: number, before?: string): ProfileEntry[] {
    return this.#answer((sources) => profilesIn(sources, selector, window, limit, before));
  }

  profile(
    id: string,
    matchers: readonly Matcher[] = [],
  ): { readonly entry: ProfileEntry; readonly profile: Profile } | undefined {
    return this.#answer((sources) => {
      const symbols = { dictionaryOf: this.#dictionariesFor(bytesOfRows), registry: this.#registry };
      return profileWithId(sources, id, matchers, symbols);
    });
  }

  stats(): StoreStats {
    return this.#answer((sources) => storeStats(sources, this.#dataDir));
  }

  takeDamage(): DamagedHour[] {
    return this.#damage.take();
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
        const { files } = this.#catalogue.layout;
        const isNewDamage = error instanceof DamagedData && this.#damage.add(error, files);
        if (isNewDamage) attempt--;
        else if (!(error instanceof FileGone || error instanceof LayoutMoved)) throw error;
      } finally {
        this.#files.release();
        this.#dictionaries.evict();
      }
    }
  }

  /** Dictionaries for a question that holds so much more of each than the dictionary itself: told once of each. */
  #dictionariesFor(more: (dictionary: StackDictionary) => Bytes): DictionaryOf {
    const held = new Set<number>();
    return (partition) => {
      const dictionary = this.#dictionaries.at(partition);
      if (held.has(partition)) return dictionary;
      held.add(partition);
      this.#allowance.holdPart(bytesOfDictionary(dictionary) + more(dictionary));
      return dictionary;
    };
  }

  #sources(isLast: boolean): Sources {
    this.#allowance.begin();
    this.#catalogue.refresh();
    const { files } = this.#catalogue.layout;
    this.#files.closeIdle(new Set(files.map(({ id }) => id)));
    this.#damage.keepOnly(files);
    if (this.#registry.size > maxRegisteredFrames) this.#registry = new FrameRegistry();
    return new Sources({
      catalogue: this.#catalogue,
      files: this.#files,
      damage: this.#damage,
      allowance: this.#allowance,
      isLast,
    });
  }
}

interface OneOfTwo {
  readonly merged: MergedSums;
  readonly sums: ComparedSums;
}

function mergeType(request: CallTreeRequest, sources: Sources, dictionaryOf: DictionaryOf): MergedSums {
  return mergeSums({ ...request, types: [request.type] }, sources, dictionaryOf, 'without times');
}

function withoutTree(
  { types, allTypes, header, coverage }: MergedSums,
  sources: Sources,
): Omit<CallTreeAnswer, 'tree'> {
  return {
    temporality: types[0]?.temporality,
    sampleTypes: allTypes.map(({ type, unit }) => ({ type, unit })),
    periodType: header.periodType,
    dropFrames: header.dropFrames,
    keepFrames: header.keepFrames,
    coverage: withNotes(coverage, sources),
  };
}

/** An answer with what had to be left out of it. */
function withNotes<Answer extends Pick<Coverage, 'warnings' | 'partial'>>(answer: Answer, sources: Sources): Answer {
  if (!sources.isPartial) return answer;
  return { ...answer, warnings: [...answer.warnings, ...sources.warnings], partial: true };
}
