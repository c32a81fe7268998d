import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { FlameherdError } from '../model/errors.ts';
import { type KubernetesClient, openKubernetes } from './client.ts';
import { inCluster } from './in-cluster.ts';

/** A client with what a person asks of it first. */
export interface ClusterAccess extends AsyncDisposable {
  readonly client: KubernetesClient;
  /** Asks the server who it is. Throws a `KubernetesError` when it cannot be reached. */
  greet(): Promise<ClusterGreeting>;
}

export interface ClusterGreeting {
  readonly server: string;
  /** `v1.34.4`. */
  readonly version: string;
  /** Our clock minus the server's, good to a second: its Date header has no more. */
  readonly skewMs: number;
}

/** Opens the cluster we run in, else that of the kubeconfig; empty texts mean the usual ones. Throws `bad_config` without any. */
export async function clusterAccess(options: {
  readonly kubeconfig: string;
  readonly context: string;
}): Promise<ClusterAccess> {
  if (!options.kubeconfig && !inCluster()) requireKubeconfig();
  const client = await openKubernetes({
    ...(options.kubeconfig ? { kubeconfig: options.kubeconfig } : { inCluster: inCluster() }),
    ...(options.context ? { context: options.context } : {}),
  });
  return {
    client,
    async greet() {
      const before = Date.now();
      const { headers, body } = await client.open('/version', { signal: AbortSignal.timeout(10_000) });
      const { gitVersion } = (await body.json()) as { gitVersion?: string };
      const middle = (before + Date.now()) / 2;
      const stamp = Date.parse(String(headers['date'] ?? ''));
      return {
        server: client.server,
        version: gitVersion ?? 'of unknown version',
        // The header is cut to whole seconds, so half a second is added back.
        skewMs: Number.isNaN(stamp) ? 0 : Math.round(middle - (stamp + 500)),
      };
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** Without a kubeconfig the library would go to localhost:8080 and fail with words about HTTP. */
function requireKubeconfig(): void {
  const files = process.env['KUBECONFIG']?.split(':').filter((file) => file !== '') ?? [
    join(homedir(), '.kube', 'config'),
  ];
  if (files.some((file) => existsSync(file))) return;
  throw new FlameherdError(
    'bad_config',
    `there is no kubeconfig: ${files.join(', ')} does not exist, and this is no pod`,
    {
      hint: 'set KUBECONFIG or discovery.kubeconfig to the kubeconfig of your cluster',
    },
  );
}
