import { FlameherdError } from '../../model/errors.ts';
import { canonicalLabels } from '../../model/labels.ts';
import type { SeriesIdentity } from '../../model/series.ts';
import type { UnixMs } from '../../model/units.ts';
import type { StateStore } from '../../store/state-store.ts';

export type SmallState = Pick<StateStore, 'get' | 'set'>;

const name = 'growth-incarnations';
/** Processes that began anew in place and are remembered; few have no identity that tells. */
const maxRemembered = 1_000;

/**
 * When processes began anew under the same identity, as a static target does, whose identity is its URL: the one before and
 * the one after are two, over restarts of ours as well.
 */
export class Incarnations {
  readonly #state: SmallState;
  readonly #resets: Map<string, UnixMs>;
  #isSaved = true;

  constructor(state: SmallState) {
    this.#state = state;
    this.#resets = new Map(JSON.parse(state.get(name) ?? '[]') as [string, UnixMs][]);
  }

  resetOf(series: SeriesIdentity): UnixMs | undefined {
    return this.#resets.size === 0 ? undefined : this.#resets.get(keyOf(series));
  }

  /** What cannot be saved now is saved with the next `save`: the profile that told of it is stored, whatever comes of this. */
  note(series: SeriesIdentity, resetMs: UnixMs): void {
    const key = keyOf(series);
    this.#resets.delete(key);
    this.#resets.set(key, resetMs);
    const [oldest] = this.#resets.keys();
    if (this.#resets.size > maxRemembered && oldest !== undefined) this.#resets.delete(oldest);
    this.#isSaved = false;
    try {
      this.save();
    } catch (error) {
      if (!(error instanceof FlameherdError)) throw error;
    }
  }

  /** Throws what the store throws. */
  save(): void {
    if (this.#isSaved) return;
    this.#state.set(name, JSON.stringify([...this.#resets]));
    this.#isSaved = true;
  }
}

function keyOf({ process, labels }: SeriesIdentity): string {
  return `${process.id}\n${canonicalLabels(labels)}`;
}
