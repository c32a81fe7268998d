import type { AuthEvents } from '../auth/auth-events.ts';
import { RbacDecisions } from '../auth/rbac-decisions.ts';
import { ReviewLane, type ReviewLaneName, reviewLanes } from '../auth/review-lane.ts';
import { TokenReviews } from '../auth/token-reviews.ts';
import type { Config } from '../config/schema.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { KubernetesError } from '../kubernetes/errors.ts';
import { reviewAccess, reviewToken } from '../kubernetes/reviews.ts';
import { type DurationMs, second, type UnixMs } from '../model/units.ts';
import type { AuthNumbers, Fullness } from './auth-metrics.ts';
import type { KnownNamespaces } from './known-namespaces.ts';

/** How long the API server may take for one review; then nobody is let in on a guess. */
const defaultReviewTimeoutMs: DurationMs = 5 * second;

export interface AuthClusterOptions {
  readonly client: KubernetesClient;
  readonly settings: Config['auth']['kubernetes'];
  readonly namespaces: Pick<KnownNamespaces, 'all' | 'count'>;
  /** The API server refused us a review. */
  readonly onForbidden: () => void;
  readonly events: AuthEvents;
  readonly now: () => UnixMs;
  readonly reviewTimeoutMs?: DurationMs | undefined;
}

/** What is asked of one API server about callers, and remembered of its answers. */
export class AuthCluster {
  readonly tokens: TokenReviews;
  readonly rbac: RbacDecisions;
  readonly #lanes: Readonly<Record<ReviewLaneName, ReviewLane>>;
  readonly #options: AuthClusterOptions;

  constructor(options: AuthClusterOptions) {
    const { client, settings, namespaces, events, now, reviewTimeoutMs = defaultReviewTimeoutMs } = options;
    const { audiences, rememberToken, rememberAllowed, rememberDenied } = settings;
    this.#options = options;
    this.#lanes = {
      newTokens: new ReviewLane(reviewLanes.newTokens, now),
      knownTokens: new ReviewLane(reviewLanes.knownTokens, now),
      access: new ReviewLane(reviewLanes.access, now),
    };
    this.tokens = new TokenReviews({
      audiences,
      goodStandsMs: rememberToken,
      review: (token) => this.#told(reviewToken(client, token, audiences, reviewTimeoutMs)),
      lanes: this.#lanes,
      events,
      now,
    });
    this.rbac = new RbacDecisions({
      review: (user, asked) => this.#told(reviewAccess(client, user, asked, reviewTimeoutMs)),
      namespaces: () => namespaces.all(),
      allowedStandsMs: rememberAllowed,
      deniedStandsMs: rememberDenied,
      lane: this.#lanes.access,
      events,
      now,
    });
  }

  numbers(): AuthNumbers {
    const { newTokens, knownTokens, access } = this.#lanes;
    return {
      caches: [
        cache('tokens', this.tokens.good),
        cache('refused_tokens', this.tokens.refused),
        cache('access', this.rbac.decisions),
      ],
      lanes: [
        { name: 'new_tokens', entries: newTokens.inFlight, limit: reviewLanes.newTokens.inFlight },
        { name: 'known_tokens', entries: knownTokens.inFlight, limit: reviewLanes.knownTokens.inFlight },
        { name: 'access', entries: access.inFlight, limit: reviewLanes.access.inFlight },
      ],
      namespaces: this.#options.namespaces.count,
    };
  }

  async #told<T>(review: Promise<T>): Promise<T> {
    try {
      return await review;
    } catch (error) {
      if (error instanceof KubernetesError && error.kind === 'forbidden') this.#options.onForbidden();
      throw error;
    }
  }
}

function cache(name: string, { size, max }: { readonly size: number; readonly max: number }): Fullness {
  return { name, entries: size, limit: max };
}
