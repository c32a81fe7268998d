import { functionId } from '../../model/function-id.ts';
import { otherFunction } from '../../model/growth.ts';
import { maxFunctionNames } from './settings.ts';

/** A function that samples belong to. One object for each id, over all workloads that have it. */
export interface OwnerFunction {
  /** `functionId` of name and module. */
  readonly id: string;
  /** As two builds are compared. */
  readonly name: string;
  /** The first 31 bits of the id. */
  readonly hash: number;
}

export const other = ownerFunction(otherFunction, '');

/** The function of a compared name in a module. */
export function ownerFunction(name: string, module: string): OwnerFunction {
  const id = functionId(name, module);
  return { id, name, hash: Number.parseInt(id.slice(0, 8), 16) >>> 1 };
}

/** Functions by id, for as long as a workload has them: services that share libraries share their names. */
export class FunctionNames {
  readonly #limit: number;
  readonly #entries = new Map<string, { readonly of: OwnerFunction; uses: number }>();

  constructor(limit = maxFunctionNames) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The one object of this function, to be released once for each time it was taken; undefined when there is no more room. */
  take(of: OwnerFunction): OwnerFunction | undefined {
    let entry = this.#entries.get(of.id);
    if (!entry) {
      if (this.#entries.size >= this.#limit) return undefined;
      entry = { of, uses: 0 };
      this.#entries.set(of.id, entry);
    }
    entry.uses++;
    return entry.of;
  }

  release({ id }: OwnerFunction): void {
    const entry = this.#entries.get(id);
    if (entry && --entry.uses === 0) this.#entries.delete(id);
  }
}
