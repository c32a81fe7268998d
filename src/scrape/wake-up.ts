import type { DurationMs } from '../model/units.ts';

/** A timer that can be cut short: the loop sleeps here until it is time or something has changed. */
export class WakeUp {
  #wake: (() => void) | undefined;

  /** Resolves after `ms` or at the next `wake`, whichever is first. One sleeper at a time. */
  sleep(ms: DurationMs): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      this.#wake = done;
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
    });
  }

  wake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
