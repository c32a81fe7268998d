import type { Authenticator, Caller } from '../auth/caller.ts';
import { headerCallers } from '../auth/header-callers.ts';
import { kubernetesCallers } from '../auth/kubernetes-callers.ts';
import { ProxySecret } from '../auth/proxy-secret.ts';
import { countRefusals } from '../auth/refusal.ts';
import { callerOfRole } from '../auth/role-caller.ts';
import { tokenCallers } from '../auth/token-callers.ts';
import { TokenFile } from '../auth/token-file.ts';
import type { Config } from '../config/schema.ts';
import { type ClusterAccess, clusterAccess } from '../kubernetes/access.ts';
import type { ReviewedUser } from '../kubernetes/reviews.ts';
import { asksClusterWhoMay } from '../kubernetes/wanted-capabilities.ts';
import { FlameherdError } from '../model/errors.ts';
import type { Logger } from '../observe/logger.ts';
import type { MetricsRegistry } from '../observe/metrics.ts';
import { AuthCluster, type AuthClusterOptions } from './auth-cluster.ts';
import { registerAuthMetrics } from './auth-metrics.ts';
import { functionsAreHidden } from './metrics-rule.ts';

/**
 * The cluster whose API server says who calls: the one that is watched, else that of the kubeconfig; undefined where none is asked.
 * Throws `bad_config` when there is none to ask.
 */
export async function openAuthCluster(
  config: Config,
  watched: ClusterAccess | undefined,
): Promise<ClusterAccess | undefined> {
  if (!asksClusterWhoMay(config)) return undefined;
  const { kubeconfig, context } = config.discovery;
  try {
    return watched ?? (await clusterAccess({ kubeconfig, context }));
  } catch (error) {
    if (!(error instanceof FlameherdError)) throw error;
    const { mode } = config.auth;
    throw new FlameherdError('bad_config', `auth.mode: ${mode} asks an API server who calls, and ${error.message}`, {
      hint: error.hint,
      cause: error,
    });
  }
}

export interface AuthOptions extends Omit<AuthClusterOptions, 'client' | 'settings' | 'events'> {
  readonly config: Config;
  /** Of `openAuthCluster`. */
  readonly access: Pick<ClusterAccess, 'client'> | undefined;
  readonly metrics: MetricsRegistry;
  readonly log: Pick<Logger, 'warn'>;
}

/** Who finds out who calls; undefined where nobody is asked. Throws `bad_config` when its files cannot be used. */
export async function openAuthenticator(options: AuthOptions): Promise<Authenticator | undefined> {
  const { access, config, log, metrics } = options;
  let cluster: AuthCluster | undefined;
  const events = registerAuthMetrics(metrics, () => cluster?.numbers());
  if (access)
    cluster = new AuthCluster({ ...options, client: access.client, settings: config.auth.kubernetes, events });
  if (functionsAreHidden(config)) {
    log.warn(
      'auth.metrics is off: whoever reaches /metrics learns the names of all workloads; functions are left out of it',
      { mode: config.auth.mode },
    );
  }
  const authenticator = await authenticatorOf(options, cluster);
  return authenticator && countRefusals(authenticator, events);
}

async function authenticatorOf(
  { config, log, now }: AuthOptions,
  cluster: AuthCluster | undefined,
): Promise<Authenticator | undefined> {
  const { mode, tokenFile, header } = config.auth;
  if (mode === 'none') return undefined;
  if (mode === 'token') return tokenCallers(await TokenFile.open(tokenFile, now, log));
  if (mode === 'kubernetes') {
    if (!cluster) throw new Error('auth.mode: kubernetes has a cluster to ask');
    return kubernetesCallers(cluster.tokens, cluster.rbac);
  }
  const names = {
    user: header.user.toLowerCase(),
    groups: header.groups.toLowerCase(),
    secret: header.secretHeader.toLowerCase(),
  };
  return headerCallers(names, await ProxySecret.open(header.secretFile, now, log), callerOfProxy(header, cluster));
}

/** What somebody may do whom the proxy has named. */
function callerOfProxy(
  { authorize }: Config['auth']['header'],
  cluster: AuthCluster | undefined,
): (user: ReviewedUser) => Caller {
  if (authorize !== 'kubernetes') return ({ name }) => callerOfRole(authorize, name);
  if (!cluster) throw new Error('auth.header.authorize: kubernetes has a cluster to ask');
  return (user) => cluster.rbac.callerOf(user);
}
