import type { Bytes } from '../model/units.ts';
import type { Allowance } from '../store/allowance.ts';

/** Nobody waits for the answer any more. */
export class QuestionCancelled extends Error {
  override readonly name = 'QuestionCancelled';
}

/** The question would hold more memory than it may. */
export class QuestionTooLarge extends Error {
  override readonly name = 'QuestionTooLarge';
  /** All that it would hold, as far as can be told. */
  readonly neededBytes: Bytes;
  readonly allowedBytes: Bytes;

  constructor(neededBytes: Bytes, allowedBytes: Bytes) {
    super(`the question needs ${neededBytes} bytes`);
    this.neededBytes = neededBytes;
    this.allowedBytes = allowedBytes;
  }
}

/**
 * The account of the question that a thread answers. The number of a question that is to stop is written into `control` by
 * the asking thread: memory that both share, as a thread at work hears no message.
 */
export class QuestionAllowance implements Allowance {
  readonly #control: Int32Array;
  readonly #allowedBytes: Bytes;
  #question = 0;
  #heldBytes = 0;
  /** Of `#heldBytes`, what outlives a reading. */
  #keptBytes = 0;
  /** Of `#heldBytes`, and of how many parts. */
  #partBytes = 0;
  #parts = 0;
  #expectedParts = 0;

  constructor(control: Int32Array, allowedBytes: Bytes) {
    this.#control = control;
    this.#allowedBytes = allowedBytes;
  }

  /** The next question; its number is not 0. */
  start(question: number): void {
    this.#question = question;
    this.#keptBytes = 0;
    this.#heldBytes = 0;
  }

  /** What the question holds now, as it was told. */
  get heldBytes(): Bytes {
    return this.#heldBytes;
  }

  begin(): void {
    this.check();
    this.#heldBytes = this.#keptBytes;
    this.#partBytes = 0;
    this.#parts = 0;
    this.#expectedParts = 0;
  }

  check(): void {
    if (Atomics.load(this.#control, 0) === this.#question) throw new QuestionCancelled('the question was cancelled');
  }

  hold(bytes: Bytes): void {
    this.check();
    this.#heldBytes += bytes;
    if (this.#heldBytes <= this.#allowedBytes) return;
    // The answer is given up, and what was kept for it: who asks what would narrow it reads once more.
    this.#keptBytes = 0;
    throw new QuestionTooLarge(this.#needed(), this.#allowedBytes);
  }

  keep(bytes: Bytes): void {
    this.hold(bytes);
    this.#keptBytes += bytes;
  }

  expect(parts: number): void {
    this.#expectedParts = parts;
  }

  holdPart(bytes: Bytes): void {
    this.#parts++;
    this.#partBytes += bytes;
    this.hold(bytes);
  }

  /** With the parts that are to come, as large as those that are there. */
  #needed(): Bytes {
    const left = Math.max(0, this.#expectedParts - this.#parts);
    return this.#heldBytes + (this.#parts === 0 ? 0 : (left * this.#partBytes) / this.#parts);
  }
}
