import type { Leak } from './leak.ts';

/** One of the shop's programs, as the server and the load see it. */
export interface Service {
  readonly name: string;
  /** The page of a customer's request. Throws `RangeError` for what cannot be asked. */
  answer(question: URLSearchParams): string;
  /** What the next customer asks, as a query string. */
  nextQuestion(random: () => number): string;
  /** The switch, where this service has one. */
  readonly leak?: Leak;
}
