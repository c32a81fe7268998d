import type { FailedScrape } from '../../model/asked-process.ts';

/** Reasons of failed scrapes, each once, by number: most are the same over and over. */
export class Failures {
  readonly list: { readonly reason: string; readonly message: string }[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf({ reason, message }: FailedScrape): number {
    const key = `${reason}\n${message}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.list.push({ reason, message }) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }
}
