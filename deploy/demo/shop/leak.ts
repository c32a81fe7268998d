import { catalogue } from './catalogue.ts';

/** What is kept at most unless another bound is given, after which the leak stands still: no machine is filled. */
export const mostKeptBytes = 192 * 1024 ** 2;
/** How likely he takes each product, while nothing is known of him. */
const nothingKnown: readonly number[] = catalogue.map(() => 0.5);
const bytesOfPreferences = 8 * nothingKnown.length;

export interface LeakState {
  readonly on: boolean;
  readonly keptBytes: number;
  readonly mostKeptBytes: number;
}

/**
 * The fault of this shop, behind a switch: it remembers what each customer may like, for when he comes back, and nobody ever takes it
 * away. About 12 KB a basket. Off lets go of all of it.
 */
export class Leak {
  readonly #mostKeptBytes: number;
  #on = false;
  #remembered: (readonly number[])[] = [];

  constructor(most: number = mostKeptBytes) {
    this.#mostKeptBytes = most;
  }

  get state(): LeakState {
    const keptBytes = this.#remembered.length * bytesOfPreferences;
    return { on: this.#on, keptBytes, mostKeptBytes: this.#mostKeptBytes };
  }

  switch(on: boolean): void {
    this.#on = on;
    if (!on) this.#remembered = [];
  }

  /** Called with each basket. */
  take(basket: readonly number[]): void {
    const { on, keptBytes } = this.state;
    if (on && keptBytes + bytesOfPreferences <= this.#mostKeptBytes) rememberCustomer(this.#remembered, basket);
  }
}

/** The function that profiles and alerts must name: what it allocates stays. */
function rememberCustomer(remembered: (readonly number[])[], basket: readonly number[]): void {
  const preferences = [...nothingKnown];
  for (const id of basket) preferences[id] = 1;
  remembered.push(preferences);
}
