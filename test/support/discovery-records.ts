import { configOf } from '../../src/config/load.ts';
import type { WorkloadRecord } from '../../src/discovery/cluster-view.ts';
import { type DiscoveryRules, discoveryRules } from '../../src/discovery/rules.ts';
import { type PodInput, type PodOutcome, targetsOfPod } from '../../src/discovery/targets-of-pod.ts';
import type { ContainerRecord, ObjectRecord, PodRecord, PodService, PortRecord } from '../../src/kubernetes/records.ts';
import type { LabelSet } from '../../src/model/labels.ts';

/** The rules of an empty configuration. */
export const defaultDiscoveryRules: DiscoveryRules = discoveryRules(configOf([]).config);

const digest = 'c0ffee0123456789'.repeat(4);

/** A port as a person writes it: `http 8080`, `6060`, `dns 53/UDP`. */
export function portOf(text: string): PortRecord {
  const [last = '', name = ''] = text.split(' ').reverse();
  const [number = '', protocol = 'TCP'] = last.split('/');
  return { name, number: Number(number), protocol };
}

/** A running container with these ports. */
export function containerOf(
  name: string,
  ports: readonly string[] = [],
  change: Partial<ContainerRecord> = {},
): ContainerRecord {
  return {
    name,
    role: 'container',
    image: `registry:5000/shop/${name}:v1`,
    imageDigest: digest,
    containerId: `containerd://${name}-1`,
    running: true,
    startedMs: 1_000,
    finishedMs: undefined,
    waiting: '',
    ports: ports.map(portOf),
    ...change,
  };
}

/** A running pod of Deployment `shop/checkout` with one container `app`. */
export function podOf(change: Partial<PodRecord> = {}): PodRecord {
  const name = change.name ?? 'checkout-5d4f-x2x';
  return {
    uid: `uid-${name}`,
    namespace: 'shop',
    name,
    labels: { 'pod-template-hash': '5d4f' },
    annotations: {},
    generation: 0,
    owner: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'checkout-5d4f', uid: 'uid-checkout-5d4f' },
    node: 'node-1',
    phase: 'Running',
    ip: '10.1.0.7',
    ips: ['10.1.0.7'],
    hostNetwork: false,
    serviceAccount: 'default',
    createdMs: 500,
    deletionMs: undefined,
    containers: [containerOf('app', ['http 8080'])],
    ...change,
  };
}

export function objectOf(name: string, change: Partial<ObjectRecord> = {}): ObjectRecord {
  return { uid: `uid-${name}`, namespace: 'shop', name, labels: {}, annotations: {}, generation: 1, ...change };
}

/** Annotations with our prefix put on: `{scrape: 'true'}`. */
export function ours(keys: LabelSet): LabelSet {
  return Object.fromEntries(Object.entries(keys).map(([key, value]) => [`flameherd.dev/${key}`, value]));
}

export interface Situation {
  /** The annotated Services that select the pod. */
  readonly services?: readonly PodService[];
  /** Our keys on the pod, its Deployment and its Namespace. */
  readonly on?: { readonly pod?: LabelSet; readonly workload?: LabelSet; readonly namespace?: LabelSet };
  /** What else the pod is. */
  readonly pod?: Partial<PodRecord>;
  readonly containers?: readonly ContainerRecord[];
  /** Annotations on the pod with their own prefix. */
  readonly foreign?: LabelSet;
  readonly config?: Partial<DiscoveryRules>;
  readonly probe?: PodInput['probe'];
}

/** What comes of a pod of Deployment `shop/checkout` in this situation. */
export function outcomeOf({
  on = {},
  pod = {},
  services = [],
  containers,
  foreign = {},
  config = {},
  probe,
}: Situation): PodOutcome {
  const record = podOf({
    ...pod,
    annotations: { ...foreign, ...pod.annotations, ...ours(on.pod ?? {}) },
    ...(containers ? { containers } : {}),
  });
  const workload: WorkloadRecord = {
    kind: 'Deployment',
    name: 'checkout',
    object: objectOf('checkout', { annotations: ours(on.workload ?? {}) }),
  };
  return targetsOfPod({
    pod: record,
    workload,
    namespace: objectOf('shop', { namespace: '', annotations: ours(on.namespace ?? {}) }),
    services,
    config: { ...defaultDiscoveryRules, ...config },
    probe: probe ?? (() => undefined),
  });
}

/** One line a target: `app 8080 active cpu,heap`; for a target that is not active the reason in place of the kinds. */
export function drawTargets({ targets }: PodOutcome): string[] {
  return targets.map(({ labels, specs, state }) => {
    const port = specs[0]?.endpoint.port ?? '-';
    const rest = state.kind === 'active' ? specs.map(({ kind }) => kind).join(',') : state.reason;
    return `${labels['container']} ${port} ${state.kind} ${rest}`;
  });
}

/** The ports that are scraped, as `container:port`. */
export function scrapedPorts(situation: Situation): string[] {
  const { targets } = outcomeOf(situation);
  const active = targets.filter(({ state }) => state.kind === 'active');
  return active.map(({ labels, specs }) => `${labels['container']}:${specs[0]?.endpoint.port}`);
}

/** All warnings of all targets, each once. */
export function warningsOf({ targets }: PodOutcome): string[] {
  return [...new Set(targets.flatMap(({ warnings }) => warnings))];
}
