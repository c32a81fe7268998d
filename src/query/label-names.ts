import type { ProfileKind } from '../model/profile-type.ts';
import type { TimeWindow } from '../model/units.ts';
import type { ProfileReader, SeriesEntry } from '../store/profile-store.ts';

/** Labels that every series may have: these names need no look at what series have. */
const ownLabels: ReadonlySet<string> = new Set([
  'namespace',
  'workload',
  'workload_kind',
  'container',
  'service_name',
  'pod',
  'revision',
  'node',
  'image',
  'version',
]);

/** Stands before the name of a sample's label where a series label has the same name. */
const samplePrefix = 'tag_';

/**
 * Tells the labels of series from those that a program puts on its samples (`pprof.Do`). In a query a name that series have is
 * the series', and `tag_NAME` is the samples' label NAME; any other name is the samples' (DESIGN §5).
 */
export class LabelNames {
  readonly #ofSeries: ReadonlySet<string>;

  constructor(series: Iterable<Pick<SeriesEntry, 'labels'>>) {
    const names = new Set(ownLabels);
    for (const { labels } of series) for (const name of Object.keys(labels)) names.add(name);
    this.#ofSeries = names;
  }

  /** What a name in a query is called on samples; undefined when it is a label of series. */
  onSamples(name: string): string | undefined {
    if (this.#ofSeries.has(name)) return undefined;
    const bare = name.slice(samplePrefix.length);
    return name.startsWith(samplePrefix) && this.#ofSeries.has(bare) ? bare : name;
  }

  /** How a label of samples is called in a query. */
  inQuery(sampleLabel: string): string {
    return this.#ofSeries.has(sampleLabel) ? samplePrefix + sampleLabel : sampleLabel;
  }
}

/** For a query with these names; the series of the kind are looked at only where a name needs it. */
export function labelNamesFor(
  reader: ProfileReader,
  names: readonly string[],
  kind: ProfileKind,
  window: TimeWindow,
): LabelNames {
  return new LabelNames(names.every((name) => ownLabels.has(name)) ? [] : reader.series([], window, kind));
}
