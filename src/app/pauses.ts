import type { LabelSet } from '../model/labels.ts';
import type { StateStore } from '../store/state-store.ts';

export interface PauseScope {
  readonly namespace: string | undefined;
  readonly workload: string | undefined;
}

const stateKey = 'pauses';

/** What an operator has stopped. Survives restarts: a pause that a crash forgets would be worse than none. */
export class Pauses {
  readonly #state: StateStore;
  readonly #scopes: PauseScope[];

  constructor(state: StateStore) {
    this.#state = state;
    this.#scopes = JSON.parse(state.get(stateKey) ?? '[]') as PauseScope[];
  }

  all(): readonly PauseScope[] {
    return this.#scopes;
  }

  /** Why a target with these labels is not to be scraped, or undefined. */
  reasonFor(labels: LabelSet): string | undefined {
    const scope = this.#scopes.find(
      ({ namespace, workload }) =>
        (namespace === undefined || namespace === labels['namespace']) &&
        (workload === undefined || workload === labels['workload']),
    );
    return scope && `paused by an operator: ${describeScope(scope)}`;
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
  }
}

function describeScope({ namespace, workload }: PauseScope): string {
  return namespace === undefined ? 'everything' : `${namespace}${workload === undefined ? '' : `/${workload}`}`;
}
