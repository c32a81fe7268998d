import type { DurationMs } from '../model/units.ts';

/**
 * A signal that aborts when its parent does, or when nothing was heard for `idleMs`. Dispose it when the work is done:
 * it owns a timer and a listener on the parent.
 */
export class IdleDeadline implements Disposable {
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal;
  #timer: NodeJS.Timeout;
  #idleMs: DurationMs;
  #expired = false;

  constructor(parent: AbortSignal, idleMs: DurationMs) {
    this.#parent = parent;
    this.#idleMs = idleMs;
    this.#timer = setTimeout(this.#expire, idleMs);
    if (parent.aborted) this.#controller.abort();
    else parent.addEventListener('abort', this.#stop, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** True when it was silence that ended the work, not the parent. */
  get expired(): boolean {
    return this.#expired;
  }

  /** Something was heard: the wait begins anew, from now on with this length. */
  feed(idleMs: DurationMs = this.#idleMs): void {
    if (idleMs === this.#idleMs) {
      this.#timer.refresh();
      return;
    }
    this.#idleMs = idleMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#expire, idleMs);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#parent.removeEventListener('abort', this.#stop);
  }

  readonly #expire = (): void => {
    this.#expired = true;
    this.#controller.abort();
  };

  readonly #stop = (): void => this.#controller.abort();
}
