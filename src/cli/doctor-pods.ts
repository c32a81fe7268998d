import { parseQuantity } from '../kubernetes/quantity.ts';
import { type ClusterLists, type KubeItem, nameOf, said } from './doctor-lists.ts';
import type { Finding } from './finding.ts';

interface Container {
  readonly name?: string;
  readonly securityContext?: { readonly readOnlyRootFilesystem?: boolean };
  readonly volumeMounts?: readonly { readonly name?: string; readonly mountPath?: string }[];
  readonly resources?: { readonly limits?: { readonly memory?: string } };
  readonly env?: readonly { readonly name?: string; readonly value?: string }[];
}

interface PodSpec {
  readonly securityContext?: { readonly fsGroup?: number };
  readonly containers?: readonly Container[];
}

/** Templates of our pods that would not run well, and sets whose pods are refused. */
export async function statefulSetFindings(sets: readonly KubeItem[], lists: ClusterLists): Promise<Finding[]> {
  const findings = await Promise.all(sets.map((set) => setFindings(set, lists)));
  const several = sets.length > 1 ? [severalFinding(sets)] : [];
  return [...findings.flat(), ...several];
}

function severalFinding(sets: readonly KubeItem[]): Finding {
  const hint =
    'one scrapes and the others stand by, as long as they hold the same Lease (lease.namespace, lease.name) or watch other namespaces';
  return {
    what: 'install',
    verdict: 'note',
    detail: `${sets.length} collectors: ${sets.map(nameOf).join(', ')}`,
    hint,
  };
}

async function setFindings(set: KubeItem, lists: ClusterLists): Promise<Finding[]> {
  const template = (set.spec?.['template'] as { spec?: PodSpec } | undefined)?.spec ?? {};
  const hasClaim = Array.isArray(set.spec?.['volumeClaimTemplates']) && set.spec['volumeClaimTemplates'].length > 0;
  const wanted = Number(set.spec?.['replicas'] ?? 1);
  const ready = Number(set.status?.['readyReplicas'] ?? 0);
  const findings = templateFindings(nameOf(set), template, hasClaim);
  if (ready < wanted) findings.push(...(await refusals(set, lists)));
  if (ready >= wanted && findings.length === 0) {
    findings.push({
      what: 'install',
      verdict: 'good',
      detail: `StatefulSet ${nameOf(set)}: ${ready} of ${wanted} ready`,
    });
  }
  return findings;
}

function templateFindings(name: string, { securityContext, containers = [] }: PodSpec, hasClaim: boolean): Finding[] {
  const findings: Finding[] = [];
  const note = (detail: string, hint: string): void =>
    void findings.push({ what: 'install', verdict: 'note', detail: `${name}: ${detail}`, hint });
  if (hasClaim && securityContext?.fsGroup === undefined) {
    note(
      'no fsGroup',
      'most volumes belong to root at first, and /data cannot be written to: set securityContext.fsGroup: 65532',
    );
  }
  for (const { name: container, securityContext: own, volumeMounts = [], resources, env = [] } of containers) {
    const hasTmp = volumeMounts.some(({ mountPath }) => mountPath === '/tmp');
    if (own?.readOnlyRootFilesystem && !hasTmp) {
      note(`${container} has a read-only root and no /tmp`, 'mount an emptyDir at /tmp: large lists are sorted there');
    }
    const limit = parseQuantity(resources?.limits?.memory ?? '');
    const heap =
      Number(/--max-old-space-size=(\d+)/.exec(env.find((one) => one.name === 'NODE_OPTIONS')?.value ?? '')?.[1]) *
      1024 ** 2;
    if (limit !== undefined && heap > 0.8 * limit) {
      const megabytes = Math.floor((0.75 * limit) / 1024 ** 2);
      note(
        `the heap of ${container} may fill its memory limit`,
        `set NODE_OPTIONS=--max-old-space-size=${megabytes}, three quarters of the limit`,
      );
    }
  }
  return findings;
}

/** Why a set has no pod: what its events say. */
async function refusals(set: KubeItem, lists: ClusterLists): Promise<Finding[]> {
  const { namespace = '', name = '' } = set.metadata ?? {};
  const events = await lists.list(`/api/v1/namespaces/${encodeURIComponent(namespace)}/events`, {
    fieldSelector: `involvedObject.name=${name},reason=FailedCreate`,
  });
  const messages = new Set(
    (events ?? []).map((event) => said((event as { message?: string }).message)).filter((text) => text !== ''),
  );
  return [...messages].slice(-3).map((message) => ({
    what: 'install',
    verdict: 'bad' as const,
    detail: `StatefulSet ${nameOf(set)} may not make its pod: ${message}`,
    hint: /PodSecurity/.test(message)
      ? 'the pods of the chart and of deploy/flameherd.yaml meet the restricted standard as they are: look at what was changed (podSecurityContext, securityContext, extra containers and volumes)'
      : 'look at quotas, LimitRanges and admission policies of the namespace',
  }));
}

interface ContainerStatus {
  readonly name?: string;
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
  readonly lastState?: { readonly terminated?: { readonly reason?: string; readonly exitCode?: number } };
  readonly restartCount?: number;
}

/** Pods of ours that do not run, each with what the cluster says of them. */
export function podFindings(pods: readonly KubeItem[]): Finding[] {
  return pods.flatMap((pod) => {
    const conditions = (pod.status?.['conditions'] ?? []) as readonly {
      type?: string;
      status?: string;
      message?: string;
    }[];
    const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
    const containers = (pod.status?.['containerStatuses'] ?? []) as readonly ContainerStatus[];
    const bad = (detail: string, hint: string): Finding => ({
      what: 'pod',
      verdict: 'bad',
      detail: `${nameOf(pod)}: ${detail}`,
      hint,
    });
    if (unscheduled)
      return [bad(`not scheduled: ${said(unscheduled.message)}`, hintOfScheduling(said(unscheduled.message)))];
    return containers.flatMap(({ name, state, lastState, restartCount = 0 }) => {
      const { reason = '', message } = state?.waiting ?? {};
      const ended = lastState?.terminated;
      if (ended?.reason === 'OOMKilled') {
        const hint =
          'raise resources.limits.memory, and --max-old-space-size to three quarters of it (docs/CAPACITY.md)';
        return [bad(`${name} was killed for its memory, ${restartCount} restarts`, hint)];
      }
      const isFault = reason !== '' && reason !== 'ContainerCreating' && reason !== 'PodInitializing';
      return isFault ? [bad(`${name} waits: ${reason} ${said(message)}`.trim(), hintOfWaiting(reason))] : [];
    });
  });
}

function hintOfScheduling(message: string): string {
  if (/persistentvolumeclaim|volume/i.test(message))
    return 'its volume is missing or on another node: see what is said of the claim';
  if (/insufficient/i.test(message)) return 'lower resources.requests, or give the cluster a larger node';
  return 'look at nodeSelector, affinity and tolerations';
}

function hintOfWaiting(reason: string): string {
  if (/Image/.test(reason))
    return 'build and push the image, or load it into the nodes, and set image.registry, repository and tag';
  if (reason === 'CreateContainerConfigError')
    return 'the image has to run as a number other than 0 (65532), and each Secret and ConfigMap has to exist';
  if (reason === 'CrashLoopBackOff')
    return 'kubectl logs --previous says why; flameherd config check reads the configuration';
  return 'kubectl describe pod says more';
}
