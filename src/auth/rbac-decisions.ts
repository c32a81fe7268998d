import { createHash } from 'node:crypto';
import type { AskedAccess, ReviewedUser } from '../kubernetes/reviews.ts';
import { FlameherdError } from '../model/errors.ts';
import { Rates } from '../model/rates.ts';
import type { DurationMs, UnixMs } from '../model/units.ts';
import { AnswerCache } from './answer-cache.ts';
import type { AuthEvents } from './auth-events.ts';
import { eachBounded } from './bounded.ts';
import type { Caller, NamespaceScope } from './caller.ts';
import type { Permission } from './permission.ts';
import { askedAccess, isClusterWide } from './rbac-words.ts';
import type { ReviewLane } from './review-lane.ts';
import { SingleFlight } from './single-flight.ts';
import { unavailable } from './unavailable.ts';

/** Decisions that are kept: one for each user, permission and namespace that was asked for. */
export const maxDecisions = 50_000;
/** Namespaces of one scope that are asked about at the same time. */
const scopeConcurrency = 16;
/**
 * Of so many namespaces a denial stands as long as it is said to; of more, longer in proportion, up to the time of what is allowed:
 * or each user of a large cluster would be asked about in all of its namespaces twice a minute.
 */
export const namespacesPerDenial = 100;

/**
 * Of namespaces that somebody names himself so many are asked about: they may be made up, each anew, and the lane is everybody's.
 * The token does not matter, for whoever may make tokens has as many as he likes.
 */
export const namedByOne = { perSecond: 20, burst: 500 } as const;
/** No namespace has a longer name, so no Role is in it: it is neither asked about nor remembered. */
const longestNamespace = 253;

export interface RbacOptions {
  /** Throws a `KubernetesError` when the API server does not say. */
  readonly review: (user: ReviewedUser, asked: AskedAccess) => Promise<boolean>;
  /** Those of which anything is known. */
  readonly namespaces: () => Promise<ReadonlySet<string>>;
  readonly allowedStandsMs: DurationMs;
  readonly deniedStandsMs: DurationMs;
  readonly lane: ReviewLane;
  readonly events: AuthEvents;
  readonly now: () => UnixMs;
}

/** What users may do by the RBAC of the cluster: asked of the API server, remembered for a while. */
export class RbacDecisions {
  readonly decisions: AnswerCache<boolean>;
  readonly #options: RbacOptions;
  readonly #flights = new SingleFlight<boolean>();
  readonly #named: Rates;

  constructor(options: RbacOptions) {
    this.#options = options;
    this.#named = new Rates({ ...namedByOne, nowMs: options.now });
    this.decisions = new AnswerCache(maxDecisions, options.now);
  }

  callerOf(user: ReviewedUser): Caller {
    const subject = { user, key: keyOf(user) };
    return {
      name: user.name,
      isProven: true,
      may: (permission, namespace) => this.#may(subject, permission, namespace),
      scopeOf: (permission) => this.#scopeOf(subject, permission),
    };
  }

  /** Who may everywhere may in each; so an answer for all namespaces spares one for each of them. */
  async #may(subject: Subject, permission: Permission, namespace: string | undefined): Promise<boolean> {
    const { deniedStandsMs } = this.#options;
    if (await this.#isAllowed(subject, askedAccess(permission, undefined), deniedStandsMs)) return true;
    if (namespace === undefined || namespace === '' || isClusterWide(permission)) return false;
    if (namespace.length > longestNamespace) return false;
    const asked = askedAccess(permission, namespace);
    const known = this.#remembered(decisionKey(subject, asked), deniedStandsMs);
    if (known === undefined && this.#named.take(subject.user.name) > 0) throw tooManyNames(subject.user);
    return known ?? this.#isAllowed(subject, asked, deniedStandsMs);
  }

  async #scopeOf(subject: Subject, permission: Permission): Promise<NamespaceScope> {
    const { allowedStandsMs, deniedStandsMs, namespaces } = this.#options;
    if (await this.#isKnownToBeAllowed(subject, askedAccess(permission, undefined), deniedStandsMs)) return 'all';
    if (isClusterWide(permission)) return new Set();
    const known = await namespaces();
    const standsMs = Math.min(allowedStandsMs, deniedStandsMs * Math.max(1, known.size / namespacesPerDenial));
    const scope = new Set<string>();
    const open: AskedAccess[] = [];
    for (const namespace of known) {
      if (namespace.length > longestNamespace) continue;
      const asked = askedAccess(permission, namespace);
      const allowed = this.#remembered(decisionKey(subject, asked), standsMs);
      if (allowed === undefined) open.push(asked);
      else if (allowed) scope.add(namespace);
    }
    await eachBounded(open, scopeConcurrency, async (asked) => {
      if (await this.#isKnownToBeAllowed(subject, asked, standsMs)) scope.add(asked.namespace ?? '');
    });
    return scope;
  }

  /** As `#isAllowed`; what was denied last stays so while nobody can be asked, so that readers of some namespaces go on. */
  async #isKnownToBeAllowed(subject: Subject, asked: AskedAccess, deniedStandsMs: DurationMs): Promise<boolean> {
    try {
      return await this.#isAllowed(subject, asked, deniedStandsMs);
    } catch (error) {
      if (this.decisions.last(decisionKey(subject, asked)) === false) return false;
      throw error;
    }
  }

  async #isAllowed(subject: Subject, asked: AskedAccess, deniedStandsMs: DurationMs): Promise<boolean> {
    const key = decisionKey(subject, asked);
    const known = this.#remembered(key, deniedStandsMs);
    return known ?? this.#flights.run(key, () => this.#ask(key, subject.user, asked));
  }

  #remembered(key: string, deniedStandsMs: DurationMs): boolean | undefined {
    const { allowedStandsMs } = this.#options;
    return this.decisions.fresh(key, (allowed) => (allowed ? allowedStandsMs : deniedStandsMs));
  }

  async #ask(key: string, user: ReviewedUser, asked: AskedAccess): Promise<boolean> {
    const { events, lane, now, review } = this.#options;
    const askedMs = now();
    const allowed = await lane.run(async () => {
      const sentMs = now();
      try {
        const answer = await review(user, asked);
        events.reviewed('access', answer ? 'yes' : 'no', now() - sentMs);
        return answer;
      } catch (error) {
        events.reviewed('access', 'failed', now() - sentMs);
        throw unavailable(`what ${user.name} may do`, error);
      }
    });
    this.decisions.put(key, allowed, askedMs);
    return allowed;
  }
}

function tooManyNames({ name }: ReviewedUser): FlameherdError {
  return new FlameherdError(
    'busy',
    `the API server is asked about namespaces that ${name} names as often as it may be: ${namedByOne.perSecond} a second`,
    { hint: 'send it again in a moment' },
  );
}

interface Subject {
  readonly user: ReviewedUser;
  /** The same for the same name, groups and so on, whichever token told them: who may make tokens has any number of them. */
  readonly key: string;
}

/** What tells two tokens of one account apart. The review has it all the same. */
const idOfToken = 'authentication.kubernetes.io/credential-id';

function keyOf({ name, uid, groups, extra }: ReviewedUser): string {
  const { [idOfToken]: _, ...lasting } = extra;
  return createHash('sha256')
    .update(JSON.stringify([name, uid, groups, lasting]))
    .digest('base64');
}

function decisionKey({ key }: Subject, { verb, resource, subresource = '', namespace = '' }: AskedAccess): string {
  return `${key} ${verb} ${resource}/${subresource} ${namespace}`;
}
