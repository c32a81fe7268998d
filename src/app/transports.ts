import type { Config } from '../config/schema.ts';
import { isSelf } from '../discovery/self-target.ts';
import type { ClusterAccess } from '../kubernetes/access.ts';
import { type CapabilityName, capabilityRights } from '../kubernetes/capabilities.ts';
import { KubernetesError } from '../kubernetes/errors.ts';
import { openPodProxy, PodProxyError } from '../kubernetes/pod-proxy.ts';
import { openPortForward, PortForwardError } from '../kubernetes/port-forward.ts';
import { grantHint } from '../kubernetes/rbac-rule.ts';
import type { Target, TransportName } from '../model/target.ts';
import type { UnixMs } from '../model/units.ts';
import { safetyCheck } from '../scrape/safety.ts';
import { StreamBudget, type StreamNumbers } from '../scrape/stream-budget.ts';
import { type TargetCredentials, targetCredentials } from '../scrape/target-credentials.ts';
import { TransportBook } from '../scrape/transport-book.ts';
import { DirectTransport } from '../scrape/transports/direct.ts';
import { PodProxyTransport } from '../scrape/transports/pod-proxy.ts';
import { PortForwardTransport } from '../scrape/transports/port-forward.ts';
import { FetchError, type FetchFailure, type Transport } from '../scrape/transports/transport.ts';
import type { Rights } from './rights.ts';
import { safetyRules } from './settings.ts';

/** Every way to a target that the configuration enables. */
export interface Transports extends AsyncDisposable {
  readonly book: TransportBook;
  readonly direct: Transport;
  numbers(): TransportNumbers;
  /** What is configured and cannot be used. */
  problems(): readonly { readonly what: string; readonly hint: string }[];
}

export interface TransportNumbers {
  readonly streams: readonly StreamNumbers[];
  /** Of port-forward: idle streams, and those closed to make room. */
  readonly kept: { readonly count: number; readonly limit: number; readonly evicted: number } | undefined;
}

/** What all transports have in common. */
export interface TransportParts {
  readonly refuse: ReturnType<typeof safetyCheck>;
  readonly credentials: TargetCredentials;
  readonly budgets: StreamBudget[];
}

export interface TransportOptions {
  readonly config: Config;
  readonly access: ClusterAccess | undefined;
  readonly rights: Rights;
  readonly now: () => UnixMs;
  /** Further transports, of the same parts; a budget that is pushed is told with the others. */
  readonly more?: (parts: TransportParts) => readonly Transport[];
}

/** Opens nothing by itself: a stream is made when a target is asked. */
export function openTransports({ config, access, rights, now, more }: TransportOptions): Transports {
  const refuse = safetyCheck(safetyRules(config, access));
  const credentials = targetCredentials(config.scrape, now);
  const budgets: StreamBudget[] = [];
  const direct = new DirectTransport({ refuse, credentials, isSelf });
  const parts = { refuse, credentials, budgets };
  const forward = access && portForward(parts, { config, access, rights, now });
  const proxy = access && podProxy(parts, { config, access, rights, now });
  const transports = [direct, forward, proxy, ...(more?.(parts) ?? [])].filter((each) => each !== undefined);
  const missing = (name: TransportName, target: Target): string | undefined =>
    missingTransport(name, target, { config, access, rights });
  return {
    book: new TransportBook({ transports, missing, now }),
    direct,
    numbers: () => ({ streams: budgets.map((budget) => budget.numbers()), kept: forward?.kept }),
    problems: () =>
      credentials.problems().map((what) => ({ what, hint: 'check the files that scrape.tls and scrape.auth name' })),
    async [Symbol.asyncDispose]() {
      await forward?.[Symbol.asyncDispose]();
    },
  };
}

type Given = Pick<TransportOptions, 'config' | 'rights' | 'now'> & { readonly access: ClusterAccess };

function portForward(parts: TransportParts, { config, access, rights, now }: Given): PortForwardTransport | undefined {
  const { enabled, kept, ...limits } = config.transports.portForward;
  if (!enabled) return undefined;
  const budget = new StreamBudget('port-forward', 'transports.portForward', limits, now);
  parts.budgets.push(budget);
  return new PortForwardTransport({
    ...parts,
    budget,
    kept,
    open: (pod, port, signal) => openPortForward(access.client, pod, port, { signal }),
    explain: (error, target) => {
      if (error instanceof PortForwardError)
        return new FetchError(failureOf(error.reason), `port-forward: ${error.message}`, error);
      return apiServerError('port-forward', error, target, rights);
    },
  });
}

function podProxy(parts: TransportParts, { config, access, rights, now }: Given): PodProxyTransport | undefined {
  const { enabled, ...limits } = config.transports.podProxy;
  if (!enabled) return undefined;
  const budget = new StreamBudget('pod-proxy', 'transports.podProxy', limits, now);
  parts.budgets.push(budget);
  return new PodProxyTransport({
    ...parts,
    budget,
    open: (pod, to, signal) => openPodProxy(access.client, pod, to, { signal }),
    explain: (error, target) => {
      if (error instanceof PodProxyError)
        return new FetchError(failureOf(error.reason), `pod-proxy: ${error.message}`, error);
      return apiServerError('pod-proxy', error, target, rights);
    },
  });
}

/** What a stream says of the target; all else is the way to it. */
function failureOf(reason: PortForwardError['reason'] | PodProxyError['reason']): FetchFailure {
  return reason === 'silent' || reason === 'other' ? 'forward' : reason;
}

/** An error of the API server in terms of a scrape; undefined when it is none. A missing right names its rule, and is asked for anew. */
export function apiServerError(
  name: CapabilityName,
  error: unknown,
  { pod }: Target,
  rights: Pick<Rights, 'refused'>,
): FetchError | undefined {
  if (!(error instanceof KubernetesError)) return undefined;
  if (error.kind !== 'forbidden') return new FetchError('forward', `${name}: ${error.message}`, error);
  rights.refused();
  const hints = capabilityRights(name, pod?.namespace).map(grantHint).join('\n');
  return new FetchError('forward', `${name}: ${error.message}\n${hints}`, error);
}

const switches: Readonly<Partial<Record<TransportName, string>>> = {
  'port-forward': 'transports.portForward.enabled',
  'pod-proxy': 'transports.podProxy.enabled',
  ephemeral: 'transports.ephemeral.enabled',
};

/** Why a transport cannot be used for a target, with what to do in the lines after the first. */
function missingTransport(
  name: TransportName,
  { pod }: Target,
  { config, access, rights }: Pick<TransportOptions, 'config' | 'access' | 'rights'>,
): string | undefined {
  const key = switches[name];
  if (name === 'direct' || key === undefined) return undefined;
  if (!pod) return `${name} reaches pods only, and this target is none`;
  if (!access) return `${name} needs a cluster, and none is watched`;
  const enabled = {
    'port-forward': config.transports.portForward.enabled,
    'pod-proxy': config.transports.podProxy.enabled,
    ephemeral: config.transports.ephemeral.enabled,
  }[name];
  if (!enabled) return `${name} is off: an admin may set ${key}: true`;
  const missing = rights.missing(name, pod.namespace);
  return missing && `${missing.what}\n${missing.hint}`;
}
