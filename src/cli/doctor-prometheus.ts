import { type ClusterLists, type KubeItem, nameOf } from './doctor-lists.ts';
import type { Finding } from './finding.ts';

const what = 'ServiceMonitor';

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly unknown[];
}

/** ServiceMonitors that no Prometheus of the cluster selects: kube-prometheus-stack wants the label `release`. */
export async function serviceMonitorFindings(monitors: readonly KubeItem[], lists: ClusterLists): Promise<Finding[]> {
  if (monitors.length === 0) return [];
  const servers = await lists.list('/apis/monitoring.coreos.com/v1/prometheuses');
  return monitors.map((monitor) => finding(monitor, servers));
}

function finding(monitor: KubeItem, servers: readonly KubeItem[] | undefined): Finding {
  const labels = monitor.metadata?.labels ?? {};
  const name = nameOf(monitor);
  if (servers === undefined) {
    if (labels['release'] !== undefined)
      return { what, verdict: 'good', detail: `${name} has release: ${labels['release']}` };
    const hint = 'kube-prometheus-stack selects by `release: NAME-OF-ITS-RELEASE`: set serviceMonitor.labels';
    return {
      what,
      verdict: 'note',
      detail: `${name} has no label release, and Prometheus objects may not be read here`,
      hint,
    };
  }
  const missing = servers.map((server) => missingLabels(server, labels));
  const selected = servers.find((_, at) => missing[at]?.length === 0);
  if (selected) return { what, verdict: 'good', detail: `${name} is selected by Prometheus ${nameOf(selected)}` };
  if (servers.length === 0) {
    const hint = 'the definitions of its operator are there, and no Prometheus is';
    return { what, verdict: 'note', detail: `${name} is selected by nobody`, hint };
  }
  const wanted = servers.map((server, at) => `${nameOf(server)} wants ${(missing[at] ?? []).join(', ')}`).join('; ');
  const hint = `${wanted}: set serviceMonitor.labels so`;
  return { what, verdict: 'bad', detail: `${name} is selected by no Prometheus, so nothing scrapes /metrics`, hint };
}

/** Labels that this Prometheus asks for and the monitor has not; expressions are taken as fulfilled. */
function missingLabels({ spec }: KubeItem, labels: Readonly<Record<string, string>>): readonly string[] {
  const selector = spec?.['serviceMonitorSelector'] as Selector | undefined;
  // Without a selector none is selected; an empty one selects all.
  if (selector === undefined) return ['a serviceMonitorSelector of its own'];
  return Object.entries(selector.matchLabels ?? {})
    .filter(([name, value]) => labels[name] !== value)
    .map(([name, value]) => `${name}: ${value}`);
}
