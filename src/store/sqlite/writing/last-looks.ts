import type { UnixMs } from '../../../model/units.ts';
import type { StoredProfiles } from './stored-profiles.ts';

/** Partitions remembered at most; past that, all are read again. */
const maxRemembered = 100_000;

/** When each workload was last looked at: the stamp of the newest profile of its partition. */
export class LastLooks {
  readonly #stored: StoredProfiles;
  readonly #known = new Map<string, UnixMs>();

  constructor(stored: StoredProfiles) {
    this.#stored = stored;
  }

  at(partition: string): UnixMs | undefined {
    const known = this.#known.get(partition);
    if (known !== undefined) return known;
    const found = this.#stored.lastLook(partition);
    if (found !== undefined) this.#remember(partition, found);
    return found;
  }

  /** A profile of this stamp is stored. */
  note(partition: string, stampMs: UnixMs): void {
    this.#remember(partition, Math.max(this.at(partition) ?? stampMs, stampMs));
  }

  forget(): void {
    this.#known.clear();
  }

  #remember(partition: string, stampMs: UnixMs): void {
    if (this.#known.size >= maxRemembered) this.#known.clear();
    this.#known.set(partition, stampMs);
  }
}
