/** Whoever asks for the same while it is being found out gets the same answer, or the same error. */
export class SingleFlight<T> {
  readonly #flying = new Map<string, Promise<T>>();

  run(key: string, find: () => Promise<T>): Promise<T> {
    const flying = this.#flying.get(key);
    if (flying) return flying;
    const found = find().finally(() => this.#flying.delete(key));
    this.#flying.set(key, found);
    return found;
  }
}
