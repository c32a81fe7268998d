import { FlameherdError } from '../model/errors.ts';
import type { LabelSet } from '../model/labels.ts';
import { type PauseScope, pausedBecause } from '../model/pause.ts';
import type { StateStore } from '../store/state-store.ts';

const stateKey = 'pauses';
/** Workloads of one namespace that are paused one by one: names may be made up, and each target is held against each pause. */
const maxOfNamespace = 100;
/** Of all namespaces. */
const maxPauses = 2000;

/** What an operator has stopped. Survives restarts: a pause that a crash forgets would be worse than none. */
export class Pauses {
  readonly #state: Pick<StateStore, 'get' | 'set'>;
  readonly #scopes: PauseScope[];
  readonly #onChange: (scopes: readonly PauseScope[]) => void;

  constructor(state: Pick<StateStore, 'get' | 'set'>, onChange: (scopes: readonly PauseScope[]) => void) {
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

  /** Throws `bad_parameter` when there are as many as may be; everything, and a namespace of some, can be paused all the same. */
  add(scope: PauseScope): void {
    if (this.#indexOf(scope) >= 0) return;
    this.#refuseTooMany(scope);
    this.#scopes.push(scope);
    this.#save();
  }

  /** Lifts exactly this scope; false when there is no such pause. */
  remove(scope: PauseScope): boolean {
    const at = this.#indexOf(scope);
    if (at < 0) return false;
    this.#scopes.splice(at, 1);
    this.#save();
    return true;
  }

  #refuseTooMany({ namespace, workload }: PauseScope): void {
    if (namespace === undefined) return;
    const workloads = this.#scopes.filter((each) => each.namespace === namespace && each.workload !== undefined).length;
    if (workload === undefined && workloads > 0) return;
    if (workload !== undefined && workloads >= maxOfNamespace) {
      throw new FlameherdError(
        'bad_parameter',
        `workload: ${maxOfNamespace} workloads of ${namespace} are paused already`,
        {
          hint: `pause the namespace as a whole: flameherd pause ${namespace}`,
        },
      );
    }
    if (this.#scopes.length >= maxPauses) {
      throw new FlameherdError('bad_parameter', `namespace: there are as many pauses as may be (${maxPauses})`, {
        hint: 'lift some that are not needed any more, or pause everything',
      });
    }
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
