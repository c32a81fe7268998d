import type { Config } from '../config/schema.ts';
import { KubernetesDiscoverer } from '../discovery/kubernetes-discoverer.ts';
import type { ProbeFetch } from '../discovery/probe.ts';
import { discoveryRules } from '../discovery/rules.ts';
import { type ClusterAccess, clusterAccess } from '../kubernetes/access.ts';
import { ClusterWatch } from '../kubernetes/cluster-watch.ts';
import { inCluster } from '../kubernetes/in-cluster.ts';
import { messageOf } from '../model/errors.ts';
import { parseLabelRequirement } from '../model/label-requirement.ts';
import type { PauseScope } from '../model/pause.ts';
import type { Target } from '../model/target.ts';
import type { UnixMs } from '../model/units.ts';
import type { Logger } from '../observe/logger.ts';
import type { ReflectorNumbers } from './metrics.ts';

export interface Cluster extends AsyncDisposable {
  readonly discoverer: KubernetesDiscoverer;
  /** Whether the process of a target still runs, as far as was seen; targets that are no pods always do. */
  runs(target: Target): boolean;
  /** Pods, workloads and namespaces as last seen. */
  readonly seen: Pick<ClusterWatch, 'pods' | 'pod' | 'workload' | 'namespace'>;
  reflectors(): readonly ReflectorNumbers[];
}

export interface ClusterOptions {
  readonly access: ClusterAccess;
  readonly config: Config;
  readonly logger: Logger;
  readonly paused: readonly PauseScope[];
  readonly probe: ProbeFetch;
  readonly onProcessEnd: (processId: string, endedMs: UnixMs) => void;
  readonly now: () => UnixMs;
}

/** Whether the configuration and the place we run in ask for Kubernetes. */
function wantsCluster({ discovery }: Config): boolean {
  return discovery.kubernetes === 'on' || (discovery.kubernetes === 'auto' && inCluster());
}

/** The cluster that is asked for, if any; nothing is asked of it yet. Throws `bad_config` when there is none. */
export async function openCluster(config: Config): Promise<ClusterAccess | undefined> {
  const { kubeconfig, context } = config.discovery;
  return wantsCluster(config) ? clusterAccess({ kubeconfig, context }) : undefined;
}

/** Watches the cluster from now on; a server that is down is waited for. */
export function watchCluster({ access, config, logger, paused, probe, onProcessEnd, now }: ClusterOptions): Cluster {
  const { namespaces, labelSelector, podLabels, services } = config.discovery;
  const watch = new ClusterWatch({
    client: access.client,
    namespaces: namespaces.only.length > 0 ? namespaces.only : undefined,
    labelSelector: labelSelector || undefined,
    podLabels,
    namespaceLabels: [parseLabelRequirement(config.transports.ephemeral.namespaceLabel)?.key ?? ''],
    services,
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
    seen: watch,
    runs: ({ pod, process }) =>
      pod === undefined ||
      watch.podByUid(pod.uid)?.containers.some(({ containerId }) => `${pod.uid}/${containerId}` === process.id) ===
        true,
    reflectors: () => watch.stats().resources.map(numbersOf),
    [Symbol.asyncDispose]: () => watch.stop(),
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
