import type { LiveChoice } from '../growth/contract.ts';
import { workloadKey, workloadOf } from '../model/growth.ts';
import type { TargetStatus } from '../model/target.ts';
import type { StateStore } from '../store/state-store.ts';

const stateKey = 'growth-choices';
/** Beyond it the oldest are forgotten; a target that is seen again says it again. */
const maxChoices = 10_000;

/**
 * What annotations say of workloads that are not judged as usual. It is kept: before discovery has found its targets again, a
 * workload that is switched off must not be judged for once.
 */
export class GrowthChoices {
  readonly #state: Pick<StateStore, 'get' | 'set'>;
  readonly #choices = new Map<string, LiveChoice>();
  #saved: string;

  constructor(state: Pick<StateStore, 'get' | 'set'>) {
    this.#state = state;
    this.#saved = state.get(stateKey) ?? '[]';
    for (const choice of JSON.parse(this.#saved) as LiveChoice[])
      this.#choices.set(workloadKey(choice.workload), choice);
  }

  /** As the targets say now; of workloads without targets, as they said last. */
  update(targets: readonly TargetStatus[]): readonly LiveChoice[] {
    const now = choicesOf(targets);
    for (const [key, choice] of now) {
      this.#choices.delete(key);
      if (choice.isOff || choice.minAgeMs !== undefined) this.#choices.set(key, choice);
    }
    for (const key of this.#choices.keys()) {
      if (this.#choices.size <= maxChoices) break;
      this.#choices.delete(key);
    }
    const all = this.all();
    const text = JSON.stringify(all);
    if (text !== this.#saved) this.#state.set(stateKey, text);
    this.#saved = text;
    return all;
  }

  all(): readonly LiveChoice[] {
    return [...this.#choices.values()];
  }
}

/** Pods of one workload may differ while its annotations change: one `off` counts, else the longest wait. */
function choicesOf(targets: readonly TargetStatus[]): ReadonlyMap<string, LiveChoice> {
  const choices = new Map<string, LiveChoice>();
  for (const { target } of targets) {
    if (target.state.kind === 'candidate') continue;
    const workload = workloadOf(target.labels);
    const key = workloadKey(workload);
    const before = choices.get(key);
    const isOff = target.growth?.kind === 'off' || before?.isOff === true;
    const ages = [before?.minAgeMs, target.growth?.kind === 'on' ? target.growth.minAgeMs : undefined];
    const known = ages.filter((age) => age !== undefined);
    choices.set(key, { workload, isOff, minAgeMs: known.length > 0 ? Math.max(...known) : undefined });
  }
  return choices;
}
