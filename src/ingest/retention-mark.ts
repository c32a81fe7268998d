import type { UnixMs } from '../model/units.ts';
import type { RetentionReport } from '../store/profile-store.ts';
import type { StateStore } from '../store/state-store.ts';

const name = 'increases-removed-until';

/** Up to when retention has removed stored profiles: an older checkpoint cannot be brought up to date from the store. */
export class RetentionMark {
  readonly #state: StateStore;
  #removedUntilMs: UnixMs;

  constructor(state: StateStore) {
    this.#state = state;
    this.#removedUntilMs = Number(state.get(name) ?? 0);
  }

  get removedUntilMs(): UnixMs {
    return this.#removedUntilMs;
  }

  note({ removedFiles, oldestMs }: RetentionReport, nowMs: UnixMs): void {
    if (removedFiles.length === 0) return;
    this.#removedUntilMs = Math.max(this.#removedUntilMs, oldestMs ?? nowMs);
    this.#state.set(name, String(this.#removedUntilMs));
  }
}
