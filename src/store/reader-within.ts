import type { ProfileKind } from '../model/profile-type.ts';
import type { Matcher } from '../model/selector.ts';
import type { TimeWindow } from '../model/units.ts';
import type {
  CallTreeAnswer,
  CallTreeRequest,
  ComparedAnswer,
  DamagedHour,
  MergeAnswer,
  MergeRequest,
  ProfileEntry,
  ProfileReader,
  ProfilesSelector,
  SampleLabelsSelector,
  SeriesEntry,
  SeriesSelector,
  StoreFileKind,
  StoreStats,
  TotalsAnswer,
  TotalsRequest,
} from './profile-store.ts';
import { storeFileKinds } from './profile-store.ts';

/**
 * A store as one sees it who may see these namespaces only: as if nothing else were in it. Series without a namespace are in
 * none. What the files are and how large they are is not told; which hours are damaged is. Closes nothing.
 */
export function readerWithin(reader: ProfileReader, namespaces: ReadonlySet<string>): ProfileReader {
  return new ReaderWithin(reader, namespaces);
}

/** Each method of the port, so that a new one does not compile before it is told what it may show. */
class ReaderWithin implements ProfileReader {
  readonly #reader: ProfileReader;
  readonly #namespaces: ReadonlySet<string>;
  readonly #within: Matcher;

  constructor(reader: ProfileReader, namespaces: ReadonlySet<string>) {
    this.#reader = reader;
    this.#namespaces = namespaces;
    this.#within = { name: 'namespace', operator: '!=', value: '', among: namespaces };
  }

  merge(request: MergeRequest): MergeAnswer {
    return this.#reader.merge(this.#restrict(request));
  }

  callTree(request: CallTreeRequest): CallTreeAnswer {
    return this.#reader.callTree(this.#restrict(request));
  }

  callTrees(compare: CallTreeRequest, base: CallTreeRequest): ComparedAnswer {
    return this.#reader.callTrees(this.#restrict(compare), this.#restrict(base));
  }

  totals(request: TotalsRequest): TotalsAnswer {
    return this.#reader.totals(this.#restrict(request));
  }

  sampleLabels(selector: SampleLabelsSelector, window: TimeWindow): ReadonlyMap<string, readonly string[]> {
    return this.#reader.sampleLabels({ ...selector, matchers: this.#and(selector.matchers) }, window);
  }

  series(matchers: readonly Matcher[], window: TimeWindow, kind?: ProfileKind): SeriesEntry[] {
    return this.#reader.series(this.#and(matchers), window, kind);
  }

  profiles(selector: ProfilesSelector, window: TimeWindow, limit: number, before?: string): ProfileEntry[] {
    return this.#reader.profiles({ ...selector, matchers: this.#and(selector.matchers) }, window, limit, before);
  }

  profile(id: string, matchers: readonly Matcher[] = []): ReturnType<ProfileReader['profile']> {
    const found = this.#reader.profile(id, this.#and(matchers));
    return found && this.#namespaces.has(found.entry.labels['namespace'] ?? '') ? found : undefined;
  }

  /** Of what is seen: the first and the last stamp, and how many series have any. */
  stats(): StoreStats {
    const { oldestMs, newestMs, damagedHoursMs } = this.#reader.stats();
    const whole = { fromMs: oldestMs ?? 0, toMs: (newestMs ?? 0) + 1 };
    const seen = oldestMs === undefined ? [] : this.series([], whole);
    return {
      bytes: 0,
      files: 0,
      series: seen.length,
      partitions: 0,
      oldestMs: seen.length === 0 ? undefined : seen.reduce((least, { firstMs }) => Math.min(least, firstMs), Infinity),
      newestMs: seen.length === 0 ? undefined : seen.reduce((most, { lastMs }) => Math.max(most, lastMs), -Infinity),
      fullBecause: undefined,
      byKind: noFiles(),
      compactionDueMs: undefined,
      damagedHoursMs,
    };
  }

  takeDamage(): DamagedHour[] {
    return this.#reader.takeDamage();
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #restrict<Request extends { readonly selector: SeriesSelector }>(request: Request): Request {
    return { ...request, selector: { ...request.selector, matchers: this.#and(request.selector.matchers) } };
  }

  #and(matchers: readonly Matcher[]): readonly Matcher[] {
    return [this.#within, ...matchers];
  }
}

function noFiles(): StoreStats['byKind'] {
  const none = storeFileKinds.map((kind) => [kind, { files: 0, bytes: 0 }]);
  return Object.fromEntries(none) as Record<StoreFileKind, { files: 0; bytes: 0 }>;
}
