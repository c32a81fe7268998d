/** The pages that were asked for last, at most `size` of them: a cache that is full stays as large as it is. */
export class PageCache {
  readonly #size: number;
  readonly #pages = new Map<string, string>();

  constructor(size: number) {
    this.#size = size;
  }

  /** The page kept under `key`, else what `render` makes, which is kept. */
  pageOf(key: string, render: () => string): string {
    const page = this.#pages.get(key) ?? render();
    // Taken out and put in again it is the youngest.
    this.#pages.delete(key);
    this.#pages.set(key, page);
    if (this.#pages.size > this.#size) this.#forgetOldest();
    return page;
  }

  #forgetOldest(): void {
    const [oldest] = this.#pages.keys();
    if (oldest !== undefined) this.#pages.delete(oldest);
  }
}
