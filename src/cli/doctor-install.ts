import type { KubernetesClient } from '../kubernetes/client.ts';
import { listsOf } from './doctor-lists.ts';
import { podFindings, statefulSetFindings } from './doctor-pods.ts';
import { serviceMonitorFindings } from './doctor-prometheus.ts';
import { claimFindings } from './doctor-volumes.ts';
import type { Finding } from './finding.ts';

/** The labels of an installation, by the chart and by the plain files alike. */
const ours = { labelSelector: 'app.kubernetes.io/name=flameherd' };

/**
 * What stands of flameherd in the cluster: StatefulSets, pods, claims and ServiceMonitors that bear its label, in all
 * namespaces, or in `namespace` where only that may be read. A pod itself may read little of it; a person's kubeconfig more.
 */
export async function examineInstall(client: KubernetesClient, namespace: string | undefined): Promise<Finding[]> {
  const lists = listsOf(client);
  const everywhere = await lists.list('/apis/apps/v1/statefulsets', ours);
  const within = everywhere || namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const sets = everywhere ?? (await lists.list(`/apis/apps/v1${within}/statefulsets`, ours)) ?? [];
  const pods = await lists.list(`/api/v1${within}/pods`, ours);
  const claims = await lists.list(`/api/v1${within}/persistentvolumeclaims`, ours);
  const monitors = await lists.list(`/apis/monitoring.coreos.com/v1${within}/servicemonitors`, ours);
  const findings = [
    ...(await statefulSetFindings(sets, lists)),
    ...podFindings(pods ?? []),
    ...(await claimFindings(claims ?? [], lists)),
    ...(await serviceMonitorFindings(monitors ?? [], lists)),
  ];
  if (pods && claims) return findings;
  const what = [...(pods ? [] : ['pods']), ...(claims ? [] : ['volume claims'])].join(' and ');
  const hint = 'flameherd doctor --kubernetes with the kubeconfig of somebody who may read them looks at them, too';
  return [...findings, { what: 'install', verdict: 'note', detail: `${what} of flameherd may not be read here`, hint }];
}
