import type { PprofLabel } from '../../../model/frame.ts';
import type { ProfileKind } from '../../../model/profile-type.ts';
import type { Matcher } from '../../../model/selector.ts';
import { partitionKey } from '../../../model/series.ts';
import type { Bytes, TimeWindow } from '../../../model/units.ts';
import { type Allowance, unlimited } from '../../allowance.ts';
import { sampleLabelBounds } from '../../profile-store.ts';
import { hourOf } from '../files/data-dir.ts';
import { seriesIn } from './lists.ts';
import { planTime } from './plan.ts';
import type { Sources } from './sources.ts';

/** The partitions in which the series of a window have profiles, or had: what is listed there is answered for, too. */
export function partitionsIn(
  sources: Sources,
  matchers: readonly Matcher[],
  window: TimeWindow,
  kind: ProfileKind | undefined,
): number[] {
  const { catalogue, held } = sources;
  const { fromMs, toMs } = planTime(window, held).window;
  const keys = new Set(seriesIn(sources, matchers, window, kind).map(({ labels }) => partitionKey(labels)));
  return [...keys].flatMap((key) => catalogue.partitionsOf(key, hourOf(fromMs), hourOf(toMs - 1)));
}

/** Label sets between two checks. */
const checkedSets = 16_384;
/** What a text holds in memory besides its characters. */
const textBytes = 48;

/** The names of pprof labels and their texts, both sorted: the first of them by name where they are more than the bounds. */
export class SampleLabels {
  readonly #texts = new Map<string, Set<string>>();
  #bytes: Bytes = 0;
  #mostBytes: Bytes = 0;

  add(labelSets: readonly (readonly PprofLabel[])[], allowance: Pick<Allowance, 'hold'> = unlimited): void {
    for (let from = 0; from < labelSets.length; from += checkedSets) {
      for (const label of labelSets.slice(from, from + checkedSets).flat()) this.#add(label);
      allowance.hold(Math.max(0, this.#bytes - this.#mostBytes));
      this.#mostBytes = Math.max(this.#mostBytes, this.#bytes);
    }
  }

  result(): Map<string, readonly string[]> {
    const { labels, values } = sampleLabelBounds;
    const keys = [...this.#texts.keys()].sort().slice(0, labels);
    return new Map(keys.map((key) => [key, [...(this.#texts.get(key) ?? [])].sort().slice(0, values)]));
  }

  #add(label: PprofLabel): void {
    const { key } = label;
    let texts = this.#texts.get(key);
    if (!texts) {
      texts = new Set();
      this.#texts.set(key, texts);
      this.#bytes += bytesOf(key);
      if (this.#texts.size > 2 * sampleLabelBounds.labels) this.#keepFirstLabels();
    }
    if (!('text' in label) || texts.has(label.text)) return;
    texts.add(label.text);
    this.#bytes += bytesOf(label.text);
    if (texts.size <= 2 * sampleLabelBounds.values) return;
    for (const text of [...texts].sort().slice(sampleLabelBounds.values)) {
      texts.delete(text);
      this.#bytes -= bytesOf(text);
    }
  }

  /** What is dropped, here and of texts, has as many before it by name as are kept in the end. */
  #keepFirstLabels(): void {
    for (const key of [...this.#texts.keys()].sort().slice(sampleLabelBounds.labels)) {
      for (const text of this.#texts.get(key) ?? []) this.#bytes -= bytesOf(text);
      this.#bytes -= bytesOf(key);
      this.#texts.delete(key);
    }
  }
}

function bytesOf(text: string): Bytes {
  return textBytes + text.length;
}
