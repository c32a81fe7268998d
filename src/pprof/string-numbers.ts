/** The string table of a message that is written: texts by number, each once. */
export class StringNumbers {
  readonly texts: string[] = [''];
  readonly #numbers = new Map<string, number>([['', 0]]);
  #secondEmpty = 0;

  of(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.texts.push(text) - 1;
      this.#numbers.set(text, number);
    }
    return number;
  }

  /** An empty text that is not number 0, which stands for no text at all. */
  secondEmpty(): number {
    if (this.#secondEmpty === 0) this.#secondEmpty = this.texts.push('') - 1;
    return this.#secondEmpty;
  }
}
