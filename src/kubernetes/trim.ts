import type { LabelSet } from '../model/labels.ts';
import type { Bytes, UnixMs } from '../model/units.ts';
import { Interner } from './interner.ts';
import { keptAnnotations, keptLabels } from './kept-keys.ts';
import { parseQuantity } from './quantity.ts';
import type { ContainerRecord, ObjectRecord, OwnedRecord, OwnerRecord, PodRecord, PortRecord } from './records.ts';

export interface TrimOptions {
  /** Labels of pods to keep besides those that decide: `discovery.podLabels`. */
  readonly podLabels?: ReadonlySet<string>;
  /** Shared by all records of a cluster. */
  readonly interner?: Interner;
}

/** The variable in which an ephemeral container of ours says who added it: the only one that is ever read. */
export const addedByVariable = 'FLAMEHERD_BY';

interface WireMetadata {
  readonly uid?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly labels?: LabelSet;
  readonly annotations?: LabelSet;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly ownerReferences?: readonly (OwnerRecord & { readonly controller?: boolean })[];
}

interface WireResources {
  readonly limits?: { readonly memory?: unknown };
}

interface WireContainer {
  readonly name?: string;
  readonly image?: string;
  readonly restartPolicy?: string;
  readonly resources?: WireResources;
  readonly env?: readonly { readonly name?: string; readonly value?: string }[];
  readonly ports?: readonly {
    readonly name?: string;
    readonly containerPort?: number;
    readonly protocol?: string;
  }[];
}

interface WireEnd {
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

interface WireContainerStatus {
  readonly name?: string;
  readonly imageID?: string;
  readonly containerID?: string;
  readonly resources?: WireResources;
  readonly state?: {
    readonly running?: { readonly startedAt?: string };
    readonly terminated?: WireEnd;
    readonly waiting?: { readonly reason?: string };
  };
  readonly lastState?: { readonly terminated?: WireEnd };
}

interface WirePod {
  readonly metadata?: WireMetadata;
  readonly spec?: {
    readonly nodeName?: string;
    readonly hostNetwork?: boolean;
    readonly serviceAccountName?: string;
    readonly resources?: WireResources;
    readonly containers?: readonly WireContainer[];
    readonly initContainers?: readonly WireContainer[];
    readonly ephemeralContainers?: readonly WireContainer[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly resources?: WireResources;
    readonly podIP?: string;
    readonly podIPs?: readonly { readonly ip?: string }[];
    readonly containerStatuses?: readonly WireContainerStatus[];
    readonly initContainerStatuses?: readonly WireContainerStatus[];
    readonly ephemeralContainerStatuses?: readonly WireContainerStatus[];
  };
}

const noLabels: ReadonlySet<string> = new Set();

/** What is kept of a Pod; undefined when it has no UID or no name. Shares equal parts with earlier records. */
export function trimPod(object: unknown, options: TrimOptions = {}): PodRecord | undefined {
  const { metadata, spec = {}, status = {} } = object as WirePod;
  const interner = options.interner ?? new Interner();
  const base = trimBase(metadata, options.podLabels ?? noLabels, interner);
  if (metadata === undefined || base === undefined) return undefined;
  const ip = status.podIP ?? '';
  const ofPod = memoryLimit(status.resources) ?? memoryLimit(spec.resources);
  const trimAll = trimContainers(interner, ofPod);
  return {
    ...base,
    owner: controllingOwner(metadata, interner),
    node: interner.text(spec.nodeName ?? ''),
    phase: interner.text(status.phase ?? ''),
    ip,
    ips: (status.podIPs ?? []).flatMap((entry) => (entry.ip === undefined ? [] : [entry.ip === ip ? ip : entry.ip])),
    hostNetwork: spec.hostNetwork === true,
    serviceAccount: interner.text(spec.serviceAccountName ?? ''),
    createdMs: timeOf(metadata.creationTimestamp) ?? 0,
    deletionMs: timeOf(metadata.deletionTimestamp),
    containers: [
      ...trimAll(spec.containers, status.containerStatuses, () => 'container'),
      ...trimAll(spec.initContainers, status.initContainerStatuses, initRole),
      ...trimAll(spec.ephemeralContainers, status.ephemeralContainerStatuses, () => 'ephemeral'),
    ],
  };
}

/** What is kept of any other object, from all of it or from its PartialObjectMetadata; undefined without UID or name. */
export function trimMetadata(object: unknown, options: TrimOptions = {}): ObjectRecord | undefined {
  const { metadata } = object as WirePod;
  return trimBase(metadata, options.podLabels ?? noLabels, options.interner ?? new Interner());
}

/** As `trimMetadata`, with the controlling owner: for the ReplicaSets and Jobs between a pod and its workload. */
export function trimOwned(object: unknown, options: TrimOptions = {}): OwnedRecord | undefined {
  const { metadata } = object as WirePod;
  const base = trimMetadata(object, options);
  if (metadata === undefined || base === undefined) return undefined;
  return { ...base, owner: controllingOwner(metadata, options.interner ?? new Interner()) };
}

function trimBase(
  metadata: WireMetadata | undefined,
  podLabels: ReadonlySet<string>,
  interner: Interner,
): ObjectRecord | undefined {
  if (!metadata?.uid || !metadata.name) return undefined;
  return {
    uid: metadata.uid,
    namespace: interner.text(metadata.namespace ?? ''),
    name: metadata.name,
    labels: keptLabels(metadata.labels, podLabels, interner),
    annotations: keptAnnotations(metadata.annotations, interner),
    generation: metadata.generation ?? 0,
  };
}

function controllingOwner({ ownerReferences }: WireMetadata, interner: Interner): OwnerRecord | undefined {
  const owner = ownerReferences?.find((reference) => reference.controller === true);
  if (owner === undefined) return undefined;
  const { apiVersion, kind, name, uid } = owner;
  return interner.object({ apiVersion, kind, name, uid });
}

/** An init container that restarts always is a sidecar: it runs for as long as the pod does. */
function initRole(container: WireContainer): ContainerRecord['role'] {
  return container.restartPolicy === 'Always' ? 'sidecar' : 'init';
}

/** `ofPod`: the limit of all containers together, which is that of a container without one of its own. */
function trimContainers(interner: Interner, ofPod: Bytes | undefined) {
  return (
    containers: readonly WireContainer[] | undefined,
    statuses: readonly WireContainerStatus[] | undefined,
    role: (container: WireContainer) => ContainerRecord['role'],
  ): ContainerRecord[] =>
    (containers ?? []).map((container) => {
      const status = statuses?.find(({ name }) => name === container.name) ?? {};
      const { running, terminated, waiting } = status.state ?? {};
      // Between two runs the container id is still that of the last one, and so is its end.
      const ended = terminated ?? (waiting === undefined ? undefined : status.lastState?.terminated);
      const by = role(container) === 'ephemeral' ? addedBy(container) : '';
      return {
        name: interner.text(container.name ?? ''),
        role: role(container),
        image: interner.text(container.image ?? ''),
        imageDigest: interner.text(digestOf(status.imageID)),
        containerId: status.containerID ?? '',
        running: running !== undefined,
        startedMs: timeOf(running?.startedAt ?? ended?.startedAt),
        finishedMs: timeOf(ended?.finishedAt),
        waiting: interner.text(waiting?.reason ?? ''),
        // What the kubelet says holds: a resize in place changes the spec first.
        memoryLimit: memoryLimit(status.resources) ?? memoryLimit(container.resources) ?? ofPod,
        ports: interner.object(trimPorts(container)),
        ...(by === '' ? {} : { addedBy: interner.text(by) }),
      };
    });
}

/** 0 is no limit. */
function memoryLimit(resources: WireResources | undefined): Bytes | undefined {
  const memory = resources?.limits?.memory;
  const bytes = typeof memory === 'string' || typeof memory === 'number' ? parseQuantity(String(memory)) : undefined;
  return bytes === 0 ? undefined : bytes;
}

function addedBy({ env = [] }: WireContainer): string {
  return (env.find(({ name }) => name === addedByVariable)?.value ?? '').slice(0, 128);
}

function trimPorts(container: WireContainer): readonly PortRecord[] {
  return (container.ports ?? []).flatMap(({ name = '', containerPort, protocol = 'TCP' }) =>
    containerPort === undefined ? [] : [{ name, number: containerPort, protocol }],
  );
}

/** `repo@sha256:…`, `docker-pullable://repo@sha256:…` and the bare `sha256:…` of a local image. */
function digestOf(imageId: string | undefined): string {
  return /sha256:([0-9a-f]{64})/.exec(imageId ?? '')?.[1] ?? '';
}

function timeOf(text: string | undefined): UnixMs | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
