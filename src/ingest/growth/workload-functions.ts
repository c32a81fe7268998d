import { type FunctionNames, type OwnerFunction, other } from './function-names.ts';

/** What is over the bound of functions of a workload. */
export const otherNumber = 1;
const smallestIndex = 64;

/**
 * The functions of one workload by number, dense from 1 on, so that sums over functions are columns. Number 1 is `(other)`: all
 * that came when there was no more room.
 */
export class WorkloadFunctions {
  /** Another object whenever numbers come to mean other functions: for those who remember numbers. */
  generation: object = {};
  /** Something was counted as `(other)` since the numbers were given anew. */
  isFull = false;
  readonly #names: FunctionNames;
  readonly #limit: number;
  /** By number; there is none of 0. */
  #functions: OwnerFunction[] = [other, other];
  /** Numbers by hash of the id; 0 is a free place. */
  #index = new Uint16Array(smallestIndex);

  /** At most `limit` functions, below 65,536. */
  constructor(names: FunctionNames, limit: number) {
    this.#names = names;
    this.#limit = limit;
  }

  /** One more than the highest number. */
  get size(): number {
    return this.#functions.length;
  }

  at(number: number): OwnerFunction {
    return this.#functions[number] ?? other;
  }

  numberOf(of: OwnerFunction): number {
    if (of.id === other.id) return otherNumber;
    const at = this.#place(of);
    const known = this.#index[at] as number;
    if (known !== 0) return known;
    const named = this.#functions.length > this.#limit ? undefined : this.#names.take(of);
    if (!named) {
      this.isFull = true;
      return otherNumber;
    }
    const number = this.#functions.push(named) - 1;
    this.#index[at] = number;
    if (2 * this.#functions.length > this.#index.length) this.#reindex(2 * this.#index.length);
    return number;
  }

  /** Keeps the functions that `isUsed` says and numbers them anew. Answers the new numbers by the old ones, 1 for what went. */
  compact(isUsed: (number: number) => boolean): Uint16Array {
    const before = this.#functions;
    const renumbered = new Uint16Array(before.length).fill(otherNumber);
    this.#functions = [other, other];
    for (let number = otherNumber + 1; number < before.length; number++) {
      const of = before[number] as OwnerFunction;
      if (isUsed(number)) renumbered[number] = this.#functions.push(of) - 1;
      else this.#names.release(of);
    }
    renumbered[0] = 0;
    this.generation = {};
    this.isFull = false;
    this.#reindex(this.#index.length);
    return renumbered;
  }

  /** Lets go of all names; nothing may be asked after that. */
  release(): void {
    this.compact(() => false);
  }

  #reindex(length: number): void {
    this.#index = new Uint16Array(length);
    for (let number = otherNumber + 1; number < this.#functions.length; number++) {
      this.#index[this.#place(this.at(number))] = number;
    }
  }

  #place({ id, hash }: OwnerFunction): number {
    const last = this.#index.length - 1;
    let at = hash & last;
    while (this.#index[at] !== 0 && this.at(this.#index[at] as number).id !== id) at = (at + 1) & last;
    return at;
  }
}
