import { FlameherdError } from '../model/errors.ts';

/** A bound on what runs at the same time: who finds it full is told `busy` at once, and nothing waits in line. */
export class Slots {
  readonly #what: string;
  readonly #size: number;
  readonly #hint: string;
  #taken = 0;

  /** `what` reads in "all 8 `what` are in use". */
  constructor(what: string, size: number, hint: string) {
    this.#what = what;
    this.#size = size;
    this.#hint = hint;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Takes a slot and returns what gives it back; giving back twice is once. Throws `busy`. */
  take(): () => void {
    if (this.#taken >= this.#size) {
      throw new FlameherdError('busy', `all ${this.#size} ${this.#what} are in use`, { hint: this.#hint });
    }
    this.#taken++;
    let held = true;
    return () => {
      if (held) this.#taken--;
      held = false;
    };
  }
}
