import { FlameherdError } from '../model/errors.ts';

/** A bound on what is under way at the same time: who finds it full is told `busy` at once, and nothing waits in line. */
export class Slots {
  readonly #size: number;
  readonly #message: string;
  readonly #hint: string;
  #taken = 0;

  constructor(size: number, full: { readonly message: string; readonly hint: string }) {
    this.#size = size;
    this.#message = full.message;
    this.#hint = full.hint;
  }

  /** Takes slots and returns what gives them back; giving back twice is once. Throws `busy` when there are not as many. */
  take(count = 1): () => void {
    if (this.#taken + count > this.#size) throw new FlameherdError('busy', this.#message, { hint: this.#hint });
    this.#taken += count;
    let held = true;
    return () => {
      if (held) this.#taken -= count;
      held = false;
    };
  }
}
