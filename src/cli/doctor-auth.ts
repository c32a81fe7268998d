import type { Config } from '../config/schema.ts';
import { clusterAccess } from '../kubernetes/access.ts';
import { missingRight } from '../kubernetes/capabilities.ts';
import { messageOf } from '../model/errors.ts';
import type { Finding } from './finding.ts';

/** Where nothing in a cluster is watched, and its API server is asked who calls all the same: whether it answers us. */
export async function examineAuthCluster({ discovery: { kubeconfig, context } }: Config): Promise<Finding[]> {
  try {
    await using access = await clusterAccess({ kubeconfig, context });
    const { server, version } = await access.greet();
    const missing = await missingRight(access.client, 'auth', undefined);
    return [
      { what: 'API server', verdict: 'good', detail: `${server}, Kubernetes ${version}, is asked who calls` },
      missing
        ? { what: 'right', verdict: 'bad', detail: missing.what, hint: missing.hint }
        : { what: 'right', verdict: 'good', detail: 'auth: all that it needs' },
    ];
  } catch (error) {
    const hint = (error as { hint?: string }).hint ?? 'auth.mode asks it who calls: until it answers nobody is let in';
    return [{ what: 'API server', verdict: 'bad', detail: messageOf(error), hint }];
  }
}
