import { hostname } from 'node:os';
import type { Config } from '../config/schema.ts';
import type { ClusterAccess } from '../kubernetes/access.ts';
import { ExecError, execInPod } from '../kubernetes/exec.ts';
import type { ObjectRecord, PodRecord } from '../kubernetes/records.ts';
import { meets, parseLabelRequirement } from '../model/label-requirement.ts';
import type { SidecarsStatus } from '../model/sidecar.ts';
import type { Target } from '../model/target.ts';
import type { DurationMs, UnixMs } from '../model/units.ts';
import type { Logger } from '../observe/logger.ts';
import { StreamBudget } from '../scrape/stream-budget.ts';
import { EphemeralTransport, ephemeralFloorMs, type SidecarAccess } from '../scrape/transports/ephemeral.ts';
import { FetchError, type FetchFailure, type Transport } from '../scrape/transports/transport.ts';
import { podsWithSidecars } from '../sidecar/listing.ts';
import { SidecarError, type SidecarFailure } from '../sidecar/sidecar-error.ts';
import { type SidecarNumbers, Sidecars } from '../sidecar/sidecars.ts';
import type { Rights } from './rights.ts';
import { apiServerError, type TransportParts } from './transports.ts';

/** The ephemeral sidecars, and the transport that asks them. */
export interface SidecarsPart extends AsyncDisposable {
  /** The transport over them; none while they are switched off. */
  readonly transports: (parts: TransportParts) => readonly Transport[];
  status(): SidecarsStatus;
  numbers(): SidecarNumbers | undefined;
}

/** What is watched of the cluster, as last seen. */
export interface SeenCluster {
  pods(): Iterable<PodRecord>;
  namespace(name: string): ObjectRecord | undefined;
}

export interface SidecarsPartOptions {
  readonly config: Config;
  readonly access: ClusterAccess | undefined;
  /** Undefined until it is watched. */
  readonly cluster: () => SeenCluster | undefined;
  readonly rights: Pick<Rights, 'refused'>;
  readonly collectorId: string;
  readonly logger: Logger;
  readonly now: () => UnixMs;
}

/** A sidecar outlives so many intervals of its slowest kind, or each fetch would need a new one. */
const idleIntervals = 3;

/** Nothing is asked of the cluster before the first fetch. */
export function startSidecars(options: SidecarsPartOptions): SidecarsPart {
  const { config, access, cluster } = options;
  const { ephemeral } = config.transports;
  const pods = () => podsWithSidecars(cluster()?.pods() ?? []);
  if (!ephemeral.enabled || !access) return switchedOff(pods);
  const { rights, logger, collectorId, now } = options;
  const namespaceRefusal = namespaceCheck(ephemeral.namespaceLabel, cluster);
  const sidecars = new Sidecars({
    client: access.client,
    image: ephemeral.image,
    by: `${hostname()}/${collectorId}`.slice(0, 128),
    namespaceRefusal,
    onForbidden: () => rights.refused(),
    log: logger,
    now,
    settings: {
      maxLifeMs: ephemeral.maxLife,
      startTimeoutMs: ephemeral.startTimeout,
      injectionsPerMinute: ephemeral.injectionsPerMinute,
      retryAfterMs: ephemeral.retryAfter,
    },
  });
  return {
    transports: ({ refuse, credentials, budgets }) => {
      const { streams, streamsPerNode, perSecond } = ephemeral;
      const budget = new StreamBudget('ephemeral', 'transports.ephemeral', { streams, streamsPerNode, perSecond }, now);
      budgets.push(budget);
      return [
        new EphemeralTransport({
          refuse,
          credentials,
          budget,
          missing: (target) => missing(target, { auto: ephemeral.auto, namespaceRefusal }),
          sidecars: sidecarAccess(sidecars, ephemeral.idleTtl, access, rights),
        }),
      ];
    },
    status: () => ({ enabled: true, pods: pods(), breakers: sidecars.breakers() }),
    numbers: () => sidecars.numbers(),
    [Symbol.asyncDispose]: () => sidecars[Symbol.asyncDispose](),
  };
}

function sidecarAccess(
  sidecars: Sidecars,
  idleTtlMs: DurationMs,
  { client }: ClusterAccess,
  rights: Pick<Rights, 'refused'>,
): SidecarAccess {
  return {
    ensure: (target, signal) => ensure(sidecars, target, idleTtlMs, signal),
    exec: async (target, container, argv, limits) => {
      try {
        return await execInPod(client, podOf(target), container, argv, limits);
      } catch (error) {
        if (limits.signal.aborted) throw limits.signal.reason;
        if (error instanceof ExecError) {
          throw new FetchError(failureOfExec[error.reason], `exec in the sidecar: ${error.message}`, error);
        }
        throw apiServerError('ephemeral', error, target, rights) ?? error;
      }
    },
    lost({ pod }) {
      if (pod) sidecars.lost(pod.uid);
    },
  };
}

function switchedOff(pods: () => SidecarsStatus['pods']): SidecarsPart {
  return {
    transports: () => [],
    status: () => ({ enabled: false, pods: pods(), breakers: [] }),
    numbers: () => undefined,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The first half of the opt-in: the label is an administrator's word, for tenants cannot label their Namespace. */
function namespaceCheck(
  label: string,
  cluster: () => SeenCluster | undefined,
): (namespace: string) => string | undefined {
  const wanted = parseLabelRequirement(label);
  return (namespace) => {
    const seen = cluster()?.namespace(namespace);
    if (!wanted || !seen) return `namespace ${namespace} is not known, so its label ${label} cannot be looked for`;
    if (meets(wanted, seen.labels)) return undefined;
    return `namespace ${namespace} has not the label ${label}, by which an administrator allows ephemeral sidecars in it`;
  };
}

interface Conditions {
  readonly auto: boolean;
  readonly namespaceRefusal: (namespace: string) => string | undefined;
}

/** Why this target gets no sidecar, beside a missing right. */
function missing({ pod, transport, specs }: Target, { auto, namespaceRefusal }: Conditions): string | undefined {
  if (!pod) return 'a sidecar needs a pod';
  if (transport === 'auto' && !auto) return 'auto takes no ephemeral sidecar (transports.ephemeral.auto is false)';
  if (transport === 'auto' && specs.some(({ intervalMs }) => intervalMs < ephemeralFloorMs)) {
    return 'an ephemeral sidecar fetches a kind once a minute at most: set flameherd.dev/interval to 1m or more';
  }
  return namespaceRefusal(pod.namespace);
}

function podOf({ pod }: Target) {
  if (!pod) throw new FetchError('forbidden', 'a sidecar needs a pod');
  return pod;
}

async function ensure(sidecars: Sidecars, target: Target, idleTtlMs: DurationMs, signal: AbortSignal): Promise<string> {
  const slowestMs = Math.max(0, ...target.specs.map(({ intervalMs }) => intervalMs));
  try {
    return await sidecars.ensure(podOf(target), Math.max(idleTtlMs, idleIntervals * slowestMs), signal);
  } catch (error) {
    if (!(error instanceof SidecarError)) throw error;
    throw new FetchError(failureOf[error.reason] ?? 'forward', `no sidecar: ${error.message}`, error);
  }
}

const failureOf: Readonly<Partial<Record<SidecarFailure, FetchFailure>>> = {
  'not-allowed': 'forbidden',
  held: 'budget',
};

const failureOfExec: Readonly<Record<ExecError['reason'], FetchFailure>> = {
  too_large: 'too_large',
  timeout: 'timeout',
  not_started: 'forward',
  no_status: 'forward',
  reset: 'forward',
};
