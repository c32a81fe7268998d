import { labelValue, sortedLabels } from '../model/labels.ts';
import { isLabelName } from '../model/selector.ts';
import type { TimeWindow } from '../model/units.ts';
import type { ProfileReader, SeriesEntry } from '../store/profile-store.ts';
import type { Page, PageEntry } from './cursor.ts';
import type { LabelValuesQuestion, ListQuestion } from './engine.ts';
import { numbersHint, unknownLabelHint } from './hint.ts';
import type { JsonValue } from './json.ts';
import { LabelNames } from './label-names.ts';

/** Names or values, and what is said of the whole list. */
export interface LabelList {
  readonly list: 'labels' | 'values';
  readonly entries: readonly PageEntry[];
  /** Members of the answer beside a page. */
  readonly beside: (page: Page) => { readonly [name: string]: JsonValue };
  /** Why there is nothing, though there are series. */
  readonly hint: string | undefined;
}

/**
 * The labels that can be written in a query: those of series, and the pprof labels of their samples by the name that they
 * have there (`tag_NAME` where series have a label NAME). A pprof label whose name no query can hold is left out.
 */
export function listLabels(labels: SelectedLabels): LabelList {
  const ofSamples = new Set(labels.sampleNames());
  return {
    list: 'labels',
    entries: nameEntries([...labels.seriesNames(), ...ofSamples]),
    beside: ({ entries }) => ({ sampleLabels: entries.flatMap(({ key }) => (ofSamples.has(key) ? key : [])) }),
    hint: undefined,
  };
}

/** The values of a label by the name that it has in a query. Values that are numbers are not listed. */
export function listLabelValues(labels: SelectedLabels, name: string): LabelList {
  const ofSamples = labels.valuesOnSamples(name);
  const entries = nameEntries(ofSamples ?? labels.series.flatMap((series) => labelValue(series.labels, name) || []));
  return {
    list: 'values',
    entries,
    beside: () => ({ sampleLabel: ofSamples !== undefined }),
    hint: entries.length > 0 ? undefined : noValuesHint(),
  };

  function noValuesHint(): string {
    if (ofSamples) return numbersHint(name);
    return unknownLabelHint([...labels.seriesNames(), ...labels.sampleNames()], name);
  }
}

/** The labels of the series that a list is asked for, and of their samples. */
export class SelectedLabels {
  readonly series: readonly SeriesEntry[];
  readonly #reader: ProfileReader;
  readonly #matchers: ListQuestion['matchers'];
  readonly #window: TimeWindow;
  #names: LabelNames | undefined;
  #samples: ReadonlyMap<string, readonly string[]> | undefined;

  constructor(
    reader: ProfileReader,
    { matchers }: Pick<ListQuestion | LabelValuesQuestion, 'matchers'>,
    window: TimeWindow,
    series: readonly SeriesEntry[],
  ) {
    this.series = series;
    this.#reader = reader;
    this.#matchers = matchers;
    this.#window = window;
  }

  seriesNames(): string[] {
    return this.series.flatMap(({ labels }) => sortedLabels(labels).map(([name]) => name));
  }

  /** As they are written in a query. */
  sampleNames(): string[] {
    return [...this.#ofSamples().keys()].map((name) => this.#namesInQuery().inQuery(name)).filter(isLabelName);
  }

  /** Undefined when it is no label of samples; empty when it is one of numbers. */
  valuesOnSamples(name: string): readonly string[] | undefined {
    const onSamples = this.#namesInQuery().onSamples(name);
    return onSamples === undefined ? undefined : this.#ofSamples().get(onSamples);
  }

  #ofSamples(): ReadonlyMap<string, readonly string[]> {
    const selector = { kind: undefined, matchers: this.#matchers };
    this.#samples ??= this.series.length === 0 ? new Map() : this.#reader.sampleLabels(selector, this.#window);
    return this.#samples;
  }

  /** Queries tell names apart by all series of their window, whichever they select. */
  #namesInQuery(): LabelNames {
    this.#names ??= new LabelNames(this.#matchers.length === 0 ? this.series : this.#reader.series([], this.#window));
    return this.#names;
  }
}

function nameEntries(names: readonly string[]): PageEntry[] {
  return [...new Set(names)].map((name) => ({ key: name, value: name }));
}
