import type { Config } from '../config/schema.ts';
import { KubernetesDiscoverer } from '../discovery/kubernetes-discoverer.ts';
import type { ProbeFetch } from '../discovery/probe.ts';
import { discoveryRules } from '../discovery/rules.ts';
import type { PauseScope } from '../discovery/scope.ts';
import { type ClusterAccess, clusterAccess } from '../kubernetes/access.ts';
import { ClusterWatch } from '../kubernetes/cluster-watch.ts';
import { inCluster } from '../kubernetes/in-cluster.ts';
import { messageOf } from '../model/errors.ts';
import type { UnixMs } from '../model/units.ts';
import type { Logger } from '../observe/logger.ts';
import type { ReflectorNumbers } from './metrics.ts';

export interface Cluster extends AsyncDisposable {
  readonly discoverer: KubernetesDiscoverer;
  /** Addresses of the API server: never scraped. */
  readonly apiHosts: readonly string[];
  reflectors(): readonly ReflectorNumbers[];
}

export interface ClusterOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly paused: readonly PauseScope[];
  readonly probe: ProbeFetch;
  readonly onProcessEnd: (processId: string, endedMs: UnixMs) => void;
  readonly now: () => UnixMs;
}

/** Whether the configuration and the place we run in ask for Kubernetes. */
export function wantsCluster({ discovery }: Config): boolean {
  return discovery.kubernetes === 'on' || (discovery.kubernetes === 'auto' && inCluster());
}

/** Watches the cluster from now on. Throws `bad_config` when there is none to watch; a server that is down is waited for. */
export async function startCluster({
  config,
  logger,
  paused,
  probe,
  onProcessEnd,
  now,
}: ClusterOptions): Promise<Cluster> {
  const { kubeconfig, context, namespaces, labelSelector, podLabels } = config.discovery;
  const access = await clusterAccess({ kubeconfig, context });
  const watch = new ClusterWatch({
    client: access.client,
    namespaces: namespaces.only.length > 0 ? namespaces.only : undefined,
    labelSelector: labelSelector || undefined,
    podLabels,
    now,
  });
  const discoverer = new KubernetesDiscoverer({
    view: watch,
    rules: discoveryRules(config),
    now,
    onProcessEnd,
    ...(config.discovery.probe ? { probe } : {}),
    warn: (message, workload) => logger.warn(message, { workload }),
  });
  discoverer.setPaused(paused);
  watch.start();
  void greet(access, logger);
  return {
    discoverer,
    apiHosts: access.client.apiHosts,
    reflectors: () => watch.stats().resources.map(numbersOf),
    async [Symbol.asyncDispose]() {
      await watch.stop();
      await access[Symbol.asyncDispose]();
    },
  };
}

function numbersOf({
  resource,
  namespace,
  ...stats
}: ReturnType<ClusterWatch['stats']>['resources'][number]): ReflectorNumbers {
  return { ...stats, resource: namespace ? `${namespace}/${resource}` : resource };
}

async function greet(access: ClusterAccess, logger: Logger): Promise<void> {
  try {
    const { server, version } = await access.greet();
    logger.info('watching Kubernetes', { server, version });
  } catch (error) {
    logger.warn(`the API server does not answer yet: ${messageOf(error)}`, { server: access.client.server });
  }
}
