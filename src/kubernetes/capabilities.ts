import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../model/errors.ts';
import { type DurationMs, minute, second } from '../model/units.ts';
import type { KubernetesClient } from './client.ts';
import type { KubernetesProblem } from './problem.ts';
import { grantHint, type Right } from './rbac-rule.ts';
import { resources } from './resource.ts';
import { reviewRights } from './rights.ts';

/** What can be switched on and off by rights; each has a file of its name in `deploy/rbac/`. */
export const capabilityNames = [
  'services',
  'port-forward',
  'pod-proxy',
  'ephemeral',
  'events',
  'leases',
  'auth',
] as const;
export type CapabilityName = (typeof capabilityNames)[number];

/** What does not work without its rights, as it stands in a message. */
const withoutIt: Readonly<Record<CapabilityName, string>> = {
  services: 'annotations of Services do not count',
  'port-forward': 'pods that listen on 127.0.0.1 only are not reached',
  'pod-proxy': 'pods are not reached through the API server',
  ephemeral: 'no ephemeral containers are added',
  events: 'no Events are written',
  leases: 'a second collector would scrape the same pods',
  auth: 'nobody is let in whom the API server has to know',
};

/**
 * The rights of a capability: in all namespaces, or in one. Websocket upgrades of port-forward and exec are checked for
 * `get`, and since Kubernetes 1.35 for `create` too.
 */
export function capabilityRights(name: CapabilityName, namespace: string | undefined): readonly Right[] {
  return rightsOf[name].map((right) => ({ ...right, namespace }));
}

const { pods, services, endpointslices, events, leases, tokenreviews, subjectaccessreviews } = resources;

const rightsOf: Readonly<Record<CapabilityName, readonly Right[]>> = {
  services: [
    { resource: services, verbs: ['list', 'watch'] },
    { resource: endpointslices, verbs: ['list', 'watch'] },
  ],
  'port-forward': [{ resource: pods, subresource: 'portforward', verbs: ['get', 'create'] }],
  'pod-proxy': [{ resource: pods, subresource: 'proxy', verbs: ['get'] }],
  ephemeral: [
    { resource: pods, verbs: ['get'] },
    { resource: pods, subresource: 'ephemeralcontainers', verbs: ['patch'] },
    { resource: pods, subresource: 'exec', verbs: ['get', 'create'] },
  ],
  events: [{ resource: events, verbs: ['create'] }],
  leases: [{ resource: leases, verbs: ['get', 'list', 'create', 'patch'] }],
  auth: [
    { resource: tokenreviews, verbs: ['create'] },
    { resource: subjectaccessreviews, verbs: ['create'] },
  ],
};

/** What is missing and what to add, for people. */
export interface MissingRight {
  readonly what: string;
  readonly hint: string;
}

export interface CapabilitiesOptions {
  readonly client: KubernetesClient;
  /** What the configuration switches on; nothing else is asked about. */
  readonly wanted: readonly CapabilityName[];
  /** Where pods are scraped; undefined: in all namespaces. */
  readonly namespaces: readonly string[] | undefined;
  /** Where the Lease is. */
  readonly leaseNamespace: string;
  readonly everyMs?: DurationMs;
  readonly missingEveryMs?: DurationMs;
  /** Ends early, without an error, when the signal aborts; for tests. */
  readonly sleep?: (ms: DurationMs, signal: AbortSignal) => Promise<void>;
}

interface Known {
  readonly name: CapabilityName;
  readonly namespace: string | undefined;
  readonly missing: MissingRight | undefined;
}

/**
 * Which of the wanted capabilities the API server grants, asked verb by verb at the start, now and then, every half minute
 * while something is missing, and within a second when a 403 was seen; half a minute later when the last 403 had another
 * cause. What is not known yet counts as granted: the request itself will tell.
 */
export class Capabilities implements AsyncDisposable {
  readonly #options: CapabilitiesOptions;
  readonly #stop = new AbortController();
  #known = new Map<string, Known>();
  #running: Promise<void> | undefined;
  #askNow = Promise.withResolvers<void>();
  #problem: string | undefined;

  constructor(options: CapabilitiesOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#askNow.resolve();
    await this.#running;
  }

  /** What this capability lacks in this namespace; undefined when it is granted, or not known yet. */
  missing(name: CapabilityName, namespace?: string): MissingRight | undefined {
    const one = namespace === undefined ? undefined : this.#known.get(keyOf(name, namespace));
    return (one ?? this.#known.get(keyOf(name, undefined)))?.missing;
  }

  /** A request was refused: the rights are asked for again soon. */
  refused(): void {
    this.#askNow.resolve();
  }

  /** What is missing, each with the rule to add. */
  problems(): readonly KubernetesProblem[] {
    const missing = [...this.#known.values()].flatMap((known) => known.missing ?? []);
    if (this.#problem !== undefined) missing.push({ what: this.#problem, hint: 'it is asked again by itself' });
    return missing;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { everyMs = 10 * minute, missingEveryMs = 30 * second, sleep = sleepFor } = this.#options;
    let wasRefused = false;
    while (!signal.aborted) {
      this.#askNow = Promise.withResolvers<void>();
      try {
        await this.#review(signal);
        this.#problem = undefined;
      } catch (error) {
        if (signal.aborted) return;
        this.#problem = `rights cannot be asked for: ${messageOf(error)}`;
      }
      const isComplete = this.problems().length === 0;
      // Many requests may be refused at once: asking once a second answers them all. Where no right was missing, a policy
      // refuses, or a pod that imitates the API server: asking often is of no use.
      const gapMs = wasRefused && isComplete ? missingEveryMs : Math.min(second, missingEveryMs);
      const wait = new AbortController();
      wasRefused = await Promise.race([
        sleep(isComplete ? everyMs : missingEveryMs, wait.signal).then(() => false),
        this.#askNow.promise.then(() => true),
      ]);
      wait.abort();
      if (!signal.aborted) await sleep(gapMs, signal);
    }
  }

  async #review(signal: AbortSignal): Promise<void> {
    const { client, wanted } = this.#options;
    const known = new Map<string, Known>();
    for (const name of wanted) {
      for (const namespace of scopesOf(name, this.#options)) {
        const missing = await missingRight(client, name, namespace, signal);
        known.set(keyOf(name, namespace), { name, namespace, missing });
      }
    }
    this.#known = known;
  }
}

/** Where the rights of a capability are needed: undefined stands for all namespaces, which reviews have to be granted in. */
export function scopesOf(
  name: CapabilityName,
  { namespaces, leaseNamespace }: Pick<CapabilitiesOptions, 'namespaces' | 'leaseNamespace'>,
): readonly (string | undefined)[] {
  if (name === 'leases') return [leaseNamespace];
  return name === 'auth' ? [undefined] : (namespaces ?? [undefined]);
}

/** Asks the API server; undefined when the capability has all of its rights. Throws a `KubernetesError` when it cannot be asked. */
export async function missingRight(
  client: KubernetesClient,
  name: CapabilityName,
  namespace: string | undefined,
  signal?: AbortSignal,
): Promise<MissingRight | undefined> {
  const reports = await reviewRights(client, capabilityRights(name, namespace), signal);
  const lacking = reports
    .filter(({ allowed }) => !allowed)
    .map(({ right, missingVerbs }) => ({ ...right, verbs: missingVerbs }));
  return describe(name, namespace, lacking);
}

function describe(
  name: CapabilityName,
  namespace: string | undefined,
  lacking: readonly Right[],
): MissingRight | undefined {
  if (lacking.length === 0) return undefined;
  const rights = lacking.map(
    ({ resource, subresource, verbs }) =>
      `${verbs.join(' and ')} ${subresource === undefined ? resource.plural : `${resource.plural}/${subresource}`}`,
  );
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  return {
    what: `${name} is off${where}: the right to ${rights.join(', ')} is missing, so ${withoutIt[name]}`,
    hint: `${lacking.map(grantHint).join('\n')}\nor apply deploy/rbac/${name}.yaml`,
  };
}

async function sleepFor(ms: DurationMs, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => {});
}

function keyOf(name: CapabilityName, namespace: string | undefined): string {
  return `${name}/${namespace ?? ''}`;
}
