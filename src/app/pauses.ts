import type { LabelSet } from '../model/labels.ts';
import { type PauseScope, pausedBecause } from '../model/pause.ts';
import type { StateStore } from '../store/state-store.ts';

const stateKey = 'pauses';

/** What an operator has stopped. Survives restarts: a pause that a crash forgets would be worse than none. */
export class Pauses {
  readonly #state: StateStore;
  readonly #scopes: PauseScope[];
  readonly #onChange: (scopes: readonly PauseScope[]) => void;

  constructor(state: StateStore, onChange: (scopes: readonly PauseScope[]) => void) {
    this.#state = state;
    this.#onChange = onChange;
    this.#scopes = JSON.parse(state.get(stateKey) ?? '[]') as PauseScope[];
  }

  all(): readonly PauseScope[] {
    return [...this.#scopes];
  }

  /** Why a target with these labels is not to be scraped, or undefined. */
  reasonFor(labels: LabelSet): string | undefined {
    return pausedBecause(labels, this.#scopes);
  }

  add(scope: PauseScope): void {
    if (this.#indexOf(scope) < 0) this.#scopes.push(scope);
    this.#save();
  }

  /** Lifts exactly this scope; false when there is no such pause. */
  remove(scope: PauseScope): boolean {
    const at = this.#indexOf(scope);
    if (at >= 0) this.#scopes.splice(at, 1);
    this.#save();
    return at >= 0;
  }

  #indexOf(scope: PauseScope): number {
    return this.#scopes.findIndex(
      ({ namespace, workload }) => namespace === scope.namespace && workload === scope.workload,
    );
  }

  #save(): void {
    this.#state.set(stateKey, JSON.stringify(this.#scopes));
    this.#onChange(this.all());
  }
}
