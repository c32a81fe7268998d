import { functionId } from '../../model/function-id.ts';
import { otherFunction } from '../../model/growth.ts';

/** A function that samples belong to. One object for each id, over all workloads that have it. */
export interface OwnerFunction {
  /** `functionId` of name and module. */
  readonly id: string;
  /** As two builds are compared. */
  readonly name: string;
}

export const other: OwnerFunction = { id: functionId(otherFunction, ''), name: otherFunction };

/** Functions by id, for as long as a workload has them: services that share libraries share their names. */
export class FunctionNames {
  readonly #entries = new Map<string, { readonly of: OwnerFunction; uses: number }>();

  get size(): number {
    return this.#entries.size;
  }

  /** The one object of this function, to be released once for each time it was taken. */
  take(of: OwnerFunction): OwnerFunction {
    let entry = this.#entries.get(of.id);
    if (!entry) {
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
