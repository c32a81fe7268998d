import { isIPv6 } from 'node:net';
import type { Caller } from '../auth/caller.ts';
import { sha256Of } from '../model/digest.ts';
import { FlameherdError } from '../model/errors.ts';
import { Rates } from '../model/rates.ts';
import { type DurationMs, minute, second } from '../model/units.ts';

/** Which bound a request ran into. */
export const callerLimits = ['rate', 'concurrent', 'failures'] as const;
export type CallerLimit = (typeof callerLimits)[number];

/** What one caller may send; 0 means no bound. */
export interface CallerBounds {
  readonly requestsPerSecond: number;
  readonly concurrent: number;
  /** Tokens of one address that are refused. */
  readonly failuresPerMinute: number;
}

/** Generous: a page of the UI sends 17 to 26 requests, ten tabs that open at once 225, a loop of uploads a few hundred a second. */
export const defaultCallerBounds: CallerBounds = { requestsPerSecond: 500, concurrent: 256, failuresPerMinute: 30 };

export interface CallerLimitOptions {
  readonly bounds: CallerBounds;
  readonly nowMs?: () => DurationMs;
  readonly limited?: ((limit: CallerLimit) => void) | undefined;
}

/** Seconds of `requestsPerSecond` that may come at once. */
const burst = 5;
/** Tokens that were good of late: their owners are let in from an address that somebody else sends wrong ones from. */
const rememberedTokens = 10_000;

/** Refused for sending too much; `waitMs` is when to come back. */
export class LimitedError extends FlameherdError {
  readonly waitMs: DurationMs;

  constructor(message: string, waitMs: DurationMs) {
    super('rate_limited', message, {
      hint: 'come back after Retry-After seconds; an administrator may raise the bound',
    });
    this.waitMs = waitMs;
  }

  get retryAfterSeconds(): number {
    return Math.max(1, Math.ceil(this.waitMs / second));
  }
}

/** What callers have sent. All that it remembers is bounded. */
export class CallerLimits {
  readonly #bounds: CallerBounds;
  readonly #limited: (limit: CallerLimit) => void;
  readonly #requests: Rates | undefined;
  readonly #failures: Rates;
  /** Requests under way; a caller without any has no entry. */
  readonly #underWay = new Map<string, number>();
  readonly #good = new Set<string>();

  constructor({ bounds, nowMs = () => performance.now(), limited = () => {} }: CallerLimitOptions) {
    const { requestsPerSecond, failuresPerMinute } = bounds;
    this.#bounds = bounds;
    this.#limited = limited;
    this.#requests =
      requestsPerSecond > 0
        ? new Rates({ perSecond: requestsPerSecond, burst: burst * requestsPerSecond, nowMs })
        : undefined;
    this.#failures = new Rates({ perSecond: (failuresPerMinute * second) / minute, burst: failuresPerMinute, nowMs });
  }

  /** Counts a request as under way; the answer ends that, once. Throws `LimitedError` when there are too many, or they come too fast. */
  enter(key: string): () => void {
    const waitMs = this.#requests?.take(key) ?? 0;
    if (waitMs > 0) throw this.#refuse('rate', 'http.requestsPerSecond', this.#bounds.requestsPerSecond, waitMs);
    const { concurrent } = this.#bounds;
    const before = this.#underWay.get(key) ?? 0;
    if (concurrent > 0 && before >= concurrent)
      throw this.#refuse('concurrent', 'http.concurrentPerCaller', concurrent, second);
    this.#underWay.set(key, before + 1);
    let isUnderWay = true;
    return () => {
      if (isUnderWay) this.#leave(key);
      isUnderWay = false;
    };
  }

  /** Throws `LimitedError` when an address has sent so many wrong tokens that this one, which is not known as good, is not looked at. */
  checkFailures(address: string, token: string): void {
    const waitMs = this.#failures.waitMs(address);
    if (waitMs > 0 && !this.#good.has(digest(token)))
      throw this.#refuse('failures', 'auth.failuresPerMinute', this.#bounds.failuresPerMinute, waitMs);
  }

  wasWrong(address: string, token: string): void {
    this.#good.delete(digest(token));
    this.#failures.take(address);
  }

  wasGood(token: string): void {
    const key = digest(token);
    if (this.#good.has(key)) return;
    this.#good.add(key);
    const [oldest] = this.#good;
    if (this.#good.size > rememberedTokens && oldest !== undefined) this.#good.delete(oldest);
  }

  #leave(key: string): void {
    const left = (this.#underWay.get(key) ?? 1) - 1;
    if (left > 0) this.#underWay.set(key, left);
    else this.#underWay.delete(key);
  }

  #refuse(limit: CallerLimit, key: string, bound: number, waitMs: DurationMs): LimitedError {
    this.#limited(limit);
    return new LimitedError(`too much of one caller: ${key} is ${bound}`, waitMs);
  }
}

/** By what a caller is told from others: its name where it has proved it, else its address. */
export function keyOf({ name, isProven }: Caller, address: string): string {
  return isProven && name !== undefined ? `name ${name}` : address;
}

/** The address of who connects. Of IPv6 the network: whoever has one address has all of its /64. */
export function addressKey(remoteAddress: string | undefined): string {
  const address = (remoteAddress ?? '').replace(/^::ffff:/i, '').replace(/%.*$/, '');
  if (!isIPv6(address)) return `address ${address}`;
  const [head = '', tail = ''] = address.toLowerCase().split('::', 2);
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const missing = 8 - groups(head).length - groups(tail).length;
  const whole = [...groups(head), ...Array<string>(Math.max(0, missing)).fill('0'), ...groups(tail)];
  return `address ${whole.slice(0, 4).join(':')}::/64`;
}

function digest(token: string): string {
  return sha256Of(token).toString('base64url');
}
