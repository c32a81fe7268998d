import type { AuthEvents } from '../auth/auth-events.ts';
import type { Authenticator, Caller } from '../auth/caller.ts';
import { headerCallers } from '../auth/header-callers.ts';
import { kubernetesCallers } from '../auth/kubernetes-callers.ts';
import { ProxySecret } from '../auth/proxy-secret.ts';
import { RbacDecisions } from '../auth/rbac-decisions.ts';
import { countRefusals } from '../auth/refusal.ts';
import { ReviewLane, type ReviewLaneName, reviewLanes } from '../auth/review-lane.ts';
import { callerOfRole } from '../auth/role-caller.ts';
import { tokenCallers } from '../auth/token-callers.ts';
import { TokenFile } from '../auth/token-file.ts';
import { TokenReviews } from '../auth/token-reviews.ts';
import type { Config } from '../config/schema.ts';
import { type ClusterAccess, clusterAccess } from '../kubernetes/access.ts';
import { KubernetesError } from '../kubernetes/errors.ts';
import { type ReviewedUser, reviewAccess, reviewToken } from '../kubernetes/reviews.ts';
import { asksClusterWhoMay } from '../kubernetes/wanted-capabilities.ts';
import { type DurationMs, second, type UnixMs } from '../model/units.ts';
import type { Logger } from '../observe/logger.ts';
import type { MetricsRegistry } from '../observe/metrics.ts';
import { type AuthNumbers, type Fullness, registerAuthMetrics } from './auth-metrics.ts';
import type { KnownNamespaces } from './known-namespaces.ts';
import { functionsAreHidden } from './metrics-rule.ts';

/** How long the API server may take for one review; then nobody is let in on a guess. */
const reviewTimeoutMs: DurationMs = 5 * second;

/** The cluster whose API server says who calls: the one that is watched, else that of the kubeconfig; undefined where none is asked. */
export async function openAuthCluster(
  config: Config,
  watched: ClusterAccess | undefined,
): Promise<ClusterAccess | undefined> {
  if (!asksClusterWhoMay(config)) return undefined;
  const { kubeconfig, context } = config.discovery;
  return watched ?? clusterAccess({ kubeconfig, context });
}

export interface AuthOptions {
  readonly config: Config;
  /** Of `openAuthCluster`. */
  readonly access: Pick<ClusterAccess, 'client'> | undefined;
  readonly namespaces: Pick<KnownNamespaces, 'all' | 'count'>;
  /** The API server refused us a review. */
  readonly onForbidden: () => void;
  readonly metrics: MetricsRegistry;
  readonly log: Pick<Logger, 'warn'>;
  readonly now: () => UnixMs;
}

/** Who finds out who calls; undefined where nobody is asked. Throws `bad_config` when its files cannot be used. */
export async function openAuthenticator(options: AuthOptions): Promise<Authenticator | undefined> {
  const { config, log, metrics } = options;
  let cluster: ClusterAuth | undefined;
  const events = registerAuthMetrics(metrics, () => cluster?.numbers());
  if (options.access) cluster = new ClusterAuth({ ...options, access: options.access }, events);
  if (functionsAreHidden(config)) {
    log.warn(
      'auth.metrics is off: whoever reaches /metrics learns the names of all workloads; functions are left out of it',
      {
        mode: config.auth.mode,
      },
    );
  }
  const authenticator = await authenticatorOf(options, cluster);
  return authenticator && countRefusals(authenticator, events);
}

async function authenticatorOf(
  { config, log, now }: AuthOptions,
  cluster: ClusterAuth | undefined,
): Promise<Authenticator | undefined> {
  const { mode, tokenFile, header } = config.auth;
  if (mode === 'none') return undefined;
  if (mode === 'token') return tokenCallers(await TokenFile.open(tokenFile, now, log));
  if (mode === 'kubernetes' && cluster) return kubernetesCallers(cluster.tokens, cluster.rbac);
  const { user, groups, secretHeader, secretFile, authorize } = header;
  const names = { user: user.toLowerCase(), groups: groups.toLowerCase(), secret: secretHeader.toLowerCase() };
  const secret = await ProxySecret.open(secretFile, now, log);
  const callerOf = (who: ReviewedUser): Caller => {
    if (authorize !== 'kubernetes') return callerOfRole(authorize, who.name);
    if (!cluster) throw new Error('a cluster is opened for authorize: kubernetes');
    return cluster.rbac.callerOf(who);
  };
  return headerCallers(names, secret, callerOf);
}

/** What is asked of the API server and remembered of its answers. */
class ClusterAuth {
  readonly tokens: TokenReviews;
  readonly rbac: RbacDecisions;
  readonly #lanes: Readonly<Record<ReviewLaneName, ReviewLane>>;
  readonly #namespaces: AuthOptions['namespaces'];

  constructor(
    {
      access: { client },
      config,
      namespaces,
      onForbidden,
      now,
    }: AuthOptions &
      Required<Pick<AuthOptions, 'access'>> & {
        readonly access: Pick<ClusterAccess, 'client'>;
      },
    events: AuthEvents,
  ) {
    const { audiences, rememberToken, rememberAllowed, rememberDenied } = config.auth.kubernetes;
    const told = async <T>(review: Promise<T>): Promise<T> => {
      try {
        return await review;
      } catch (error) {
        if (error instanceof KubernetesError && error.kind === 'forbidden') onForbidden();
        throw error;
      }
    };
    this.#namespaces = namespaces;
    this.#lanes = {
      newTokens: new ReviewLane(reviewLanes.newTokens, now),
      knownTokens: new ReviewLane(reviewLanes.knownTokens, now),
      access: new ReviewLane(reviewLanes.access, now),
    };
    this.tokens = new TokenReviews({
      audiences,
      goodStandsMs: rememberToken,
      review: (token) => told(reviewToken(client, token, audiences, reviewTimeoutMs)),
      lanes: this.#lanes,
      events,
      now,
    });
    this.rbac = new RbacDecisions({
      review: (user, asked) => told(reviewAccess(client, user, asked, reviewTimeoutMs)),
      namespaces: () => namespaces.all(),
      allowedStandsMs: rememberAllowed,
      deniedStandsMs: rememberDenied,
      lane: this.#lanes.access,
      events,
      now,
    });
  }

  numbers(): AuthNumbers {
    const { good, refused } = this.tokens;
    const { decisions } = this.rbac;
    const { newTokens, knownTokens, access } = this.#lanes;
    const cache = (name: string, { size, max }: { size: number; max: number }): Fullness => ({
      name,
      entries: size,
      limit: max,
    });
    const lane = (name: string, { inFlight }: ReviewLane, limit: number): Fullness => ({
      name,
      entries: inFlight,
      limit,
    });
    return {
      caches: [cache('tokens', good), cache('refused_tokens', refused), cache('access', decisions)],
      lanes: [
        lane('new_tokens', newTokens, reviewLanes.newTokens.inFlight),
        lane('known_tokens', knownTokens, reviewLanes.knownTokens.inFlight),
        lane('access', access, reviewLanes.access.inFlight),
      ],
      namespaces: this.#namespaces.count,
    };
  }
}
