/** By stack: what its scale is made of, such as the size of its objects; or one of the two below. */
export type StackKeys = Float64Array;
/** No scale fits its values. */
export const odd = -1;
/** It has no values. */
export const unknown = -2;

/** A stack without values in one group of types has the keys that it has in another. */
export function learn(keys: readonly StackKeys[], from: readonly StackKeys[]): void {
  for (const [at, ofStacks] of keys.entries()) {
    const other = from[at] as StackKeys;
    for (let stack = 0; stack < ofStacks.length; stack++) {
      if (ofStacks[stack] === unknown) ofStacks[stack] = other[stack] as number;
    }
  }
}

/** Gives each list of keys a number: 0 to stacks that have none, or for which no number is left. */
export class KeyNumbers {
  /** By number: the keys; of 0, zeros. */
  readonly keys: (readonly number[])[];
  readonly #numbers: Map<string | number, number>;
  readonly #most: number;

  constructor(keysOfStack: number, most: number) {
    const none = Array.from({ length: keysOfStack }, () => 0);
    this.keys = [none];
    this.#numbers = new Map([[nameOf(none), 0]]);
    this.#most = most;
  }

  numbersOf(keys: readonly StackKeys[], stackCount: number): Uint8Array {
    const numbers = new Uint8Array(stackCount);
    if (keys.length === 0) return numbers;
    for (let stack = 0; stack < stackCount; stack++) {
      const ofStack = keys.map((ofStacks) => ofStacks[stack] as number);
      if (ofStack.every((key) => key >= 0)) numbers[stack] = this.#numberOf(ofStack);
    }
    return numbers;
  }

  #numberOf(ofStack: readonly number[]): number {
    const name = nameOf(ofStack);
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.keys.length > this.#most) return 0;
    this.#numbers.set(name, this.keys.length);
    return this.keys.push(ofStack) - 1;
  }
}

/** One number needs no text to be told from another. */
function nameOf(keys: readonly number[]): string | number {
  return keys.length === 1 ? (keys[0] as number) : keys.join();
}
