import { randomUUID } from 'node:crypto';

/** A rule as a Role or ClusterRole would have it; without a namespace: a ClusterRoleBinding. */
export interface FakeGrant {
  /** A user, or with `group:` before it a group. */
  readonly to: string;
  readonly verb: string;
  /** `profiles`, or with a subresource `snaps/any`. */
  readonly resource: string;
  readonly namespace?: string;
}

export interface FakeToken {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  /** For whom it was made. */
  readonly audiences: readonly string[];
}

interface Review {
  readonly kind: string;
  readonly spec: {
    readonly token?: string;
    readonly audiences?: readonly string[];
    readonly user?: string;
    readonly groups?: readonly string[];
    readonly resourceAttributes?: Readonly<Record<string, string>>;
  };
}

/** Tokens and RBAC of a fake API server, as TokenReviews and SubjectAccessReviews tell of them. */
export class FakeReviews {
  readonly tokens = new Map<string, FakeToken>();
  grants: FakeGrant[] = [];
  /** All that were asked, oldest first. */
  readonly asked: Review[] = [];
  /** Awaited before each answer. */
  hold: Promise<void> = Promise.resolve();

  /** A token that is good for an audience, made up here. */
  tokenFor(username: string, token: Partial<FakeToken> = {}): string {
    const text = `token-of-${username}-${randomUUID()}`;
    this.tokens.set(text, { username, audiences: ['flameherd'], ...token });
    return text;
  }

  async answer(body: string): Promise<unknown> {
    const review = JSON.parse(body) as Review;
    this.asked.push(review);
    await this.hold;
    return { ...review, status: review.kind === 'TokenReview' ? this.#authenticated(review) : this.#allowed(review) };
  }

  #authenticated({ spec: { token = '', audiences = [] } }: Review): object {
    const known = this.tokens.get(token);
    if (!known) return { user: {}, error: 'invalid bearer token' };
    const both = known.audiences.filter((audience) => audiences.includes(audience));
    if (both.length === 0) {
      const error = `token audiences ${JSON.stringify(known.audiences)} is invalid for the target audiences ${JSON.stringify(audiences)}`;
      return { user: {}, error };
    }
    const { audiences: _, ...user } = known;
    return { authenticated: true, user, audiences: both };
  }

  #allowed({ spec: { user = '', groups = [], resourceAttributes: asked = {} } }: Review): object {
    const { verb, group, namespace, subresource } = asked;
    const resource = subresource ? `${asked['resource']}/${subresource}` : asked['resource'];
    const who = new Set([user, ...groups.map((name) => `group:${name}`)]);
    const allowed = this.grants.some(
      (grant) =>
        group === 'profiles.flameherd.dev' &&
        who.has(grant.to) &&
        grant.verb === verb &&
        grant.resource === resource &&
        (grant.namespace === undefined || grant.namespace === namespace),
    );
    return { allowed };
  }
}
