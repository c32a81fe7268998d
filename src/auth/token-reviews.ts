import { KubernetesError } from '../kubernetes/errors.ts';
import type { ReviewedUser, TokenAnswer } from '../kubernetes/reviews.ts';
import { sha256Of } from '../model/digest.ts';
import { type DurationMs, second, type UnixMs } from '../model/units.ts';
import { AnswerCache } from './answer-cache.ts';
import type { AuthEvents } from './auth-events.ts';
import { Refusal } from './refusal.ts';
import type { ReviewLane } from './review-lane.ts';
import { SingleFlight } from './single-flight.ts';
import { tokenExpiry } from './token-expiry.ts';
import { unavailable } from './unavailable.ts';

/** Tokens whose answers are kept; those that were refused apart, so that made-up ones push out no good one. */
export const maxKnownTokens = 4096;
export const maxRefusedTokens = 1024;
/** Shorter than for good ones: a ServiceAccount may have been made a moment after its token was tried. */
const refusedStandsMs: DurationMs = 10 * second;

export interface TokenReviewsOptions {
  readonly audiences: readonly string[];
  /** How long a good token is not asked about again. */
  readonly goodStandsMs: DurationMs;
  /** Throws a `KubernetesError` when the API server does not say. */
  readonly review: (token: string) => Promise<TokenAnswer>;
  readonly lanes: Readonly<Record<'newTokens' | 'knownTokens', ReviewLane>>;
  readonly events: AuthEvents;
  readonly now: () => UnixMs;
}

interface GoodToken {
  readonly user: ReviewedUser;
  readonly expiresMs: UnixMs;
}

/** Whose a token is, asked of the API server once and remembered for a while by the token's digest; the token is not kept. */
export class TokenReviews {
  readonly good: AnswerCache<GoodToken>;
  readonly refused: AnswerCache<string>;
  readonly #options: TokenReviewsOptions;
  readonly #flights = new SingleFlight<ReviewedUser>();

  constructor(options: TokenReviewsOptions) {
    this.#options = options;
    this.good = new AnswerCache(maxKnownTokens, options.now);
    this.refused = new AnswerCache(maxRefusedTokens, options.now);
  }

  /** Throws `unauthorized`, `busy` or `auth_unavailable`. */
  async userOf(token: string): Promise<ReviewedUser> {
    const { goodStandsMs, now } = this.#options;
    const key = sha256Of(token).toString('base64');
    const good = this.good.fresh(key, () => goodStandsMs);
    if (good && now() < good.expiresMs) return good.user;
    const refusedBecause = this.refused.fresh(key, () => refusedStandsMs);
    if (refusedBecause !== undefined) throw refusal(refusedBecause);
    return this.#flights.run(key, () => this.#review(key, token));
  }

  async #review(key: string, token: string): Promise<ReviewedUser> {
    const { lanes, now } = this.#options;
    const lane = this.good.last(key) ? lanes.knownTokens : lanes.newTokens;
    const askedMs = now();
    const answer = await lane.run(() => this.#ask(token));
    if ('refusedBecause' in answer) {
      this.good.delete(key);
      this.refused.put(key, answer.refusedBecause, askedMs);
      throw refusal(answer.refusedBecause);
    }
    this.refused.delete(key);
    this.good.put(key, { user: answer.user, expiresMs: tokenExpiry(token) ?? Number.POSITIVE_INFINITY }, askedMs);
    return answer.user;
  }

  async #ask(token: string): Promise<TokenAnswer> {
    const { audiences, events, now, review } = this.#options;
    const askedMs = now();
    try {
      const answer = forAudience(await review(token).catch(unreadable), audiences);
      events.reviewed('token', 'user' in answer ? 'yes' : 'no', now() - askedMs);
      return answer;
    } catch (error) {
      events.reviewed('token', 'failed', now() - askedMs);
      throw unavailable('who calls', error);
    }
  }
}

/** A request that the server finds bad is so by its token, for all else in it is ours; what it says of it may repeat the token. */
function unreadable(error: unknown): TokenAnswer {
  if (error instanceof KubernetesError && error.kind === 'invalid') return { refusedBecause: 'it cannot be read' };
  throw error;
}

/** A server that knows nothing of audiences names none, and then the token is for itself: not for us. */
function forAudience(answer: TokenAnswer, wanted: readonly string[]): TokenAnswer {
  if ('refusedBecause' in answer || answer.audiences.some((audience) => wanted.includes(audience))) return answer;
  return { refusedBecause: `it was made for ${answer.audiences.join(', ') || 'the API server itself'}` };
}

function refusal(because: string): Refusal {
  return new Refusal('bad_credentials', `the API server does not accept the token: ${because.slice(0, 300)}`, {
    hint: 'a token is made by kubectl create token NAME --audience flameherd (auth.kubernetes.audiences); docs/AUTH.md tells more',
  });
}
