/** More distinct values than this are forgotten at once: they live on in the records that have them. */
const maxEntries = 100_000;

/**
 * One copy of each value that many records share: namespaces, nodes, images, and the label sets and ports of a workload's
 * pods, which are all alike.
 */
export class Interner {
  readonly #texts = new Map<string, string>();
  readonly #objects = new Map<string, unknown>();

  text(value: string): string {
    const known = this.#texts.get(value);
    if (known !== undefined) return known;
    if (this.#texts.size >= maxEntries) this.#texts.clear();
    this.#texts.set(value, value);
    return value;
  }

  /** The first equal value that was given; compared as JSON, so its keys must come in the same order. */
  object<T extends object>(value: T): T {
    const key = JSON.stringify(value);
    const known = this.#objects.get(key);
    if (known !== undefined) return known as T;
    if (this.#objects.size >= maxEntries) this.#objects.clear();
    this.#objects.set(key, value);
    return value;
  }
}
