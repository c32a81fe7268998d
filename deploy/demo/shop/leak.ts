import { catalogue } from './catalogue.ts';

/** What is kept at most, after which the leak stands still: no machine is filled. */
export const mostKeptBytes = 192 * 1024 ** 2;
/** A number for each product of the catalogue, at eight bytes. */
const bytesOfPreferences = 8 * catalogue.length;

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
  #on = false;
  #remembered: (readonly number[])[] = [];

  get state(): LeakState {
    return { on: this.#on, keptBytes: this.#remembered.length * bytesOfPreferences, mostKeptBytes };
  }

  switch(on: boolean): void {
    this.#on = on;
    if (!on) this.#remembered = [];
  }

  /** Called with each basket. */
  take(basket: readonly number[]): void {
    const { on, keptBytes } = this.state;
    if (on && keptBytes < mostKeptBytes) rememberCustomer(this.#remembered, basket);
  }
}

/** The function that profiles and alerts must name: what it allocates stays. */
function rememberCustomer(remembered: (readonly number[])[], basket: readonly number[]): void {
  remembered.push(catalogue.map(({ id }) => (basket.includes(id) ? 1 : 0.5)));
}
