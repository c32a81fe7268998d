import { hostname } from 'node:os';
import type { Config } from '../config/schema.ts';
import type { Explanation } from '../discovery/discoverer.ts';
import type { ClusterAccess } from '../kubernetes/access.ts';
import { Election, type ElectionState } from '../kubernetes/election.ts';
import { inCluster } from '../kubernetes/in-cluster.ts';
import { LeaseWatch } from '../kubernetes/lease-watch.ts';
import { holdsLease, leaseOf } from '../kubernetes/wanted-capabilities.ts';
import type { Target } from '../model/target.ts';
import type { Logger } from '../observe/logger.ts';

/** Who scrapes the cluster, as `/api/v1/status` tells it. */
export interface LeadershipStatus {
  /** `alone`: no Lease is used. */
  readonly role: 'alone' | 'holder' | 'standby';
  /** `NAMESPACE/NAME`; "" when no Lease is used. */
  readonly lease: string;
  /** Who scrapes; "" while nobody is known to. */
  readonly holder: string;
  readonly detail: string;
}

/** One collector per scope scrapes the cluster; the others serve reads. */
export interface Leadership extends AsyncDisposable {
  /** Why this target is not to be scraped by us just now, or undefined. */
  standbyBecause(target: Target): string | undefined;
  status(): LeadershipStatus;
  /** Calls back whenever it becomes our turn to scrape. */
  onTurn(listener: () => void): void;
}

export interface LeadershipOptions {
  readonly config: Config;
  /** Undefined: no cluster is watched, so there is nothing to share. */
  readonly access: ClusterAccess | undefined;
  /** Made once and kept in the store: two processes never have the same. */
  readonly collectorId: string;
  readonly logger: Logger;
  /** Told of a 403. */
  readonly onForbidden: () => void;
}

/** In a cluster the Lease is held; outside, on somebody's laptop, a live one is respected and none is written. */
export function startLeadership(options: LeadershipOptions): Leadership {
  const { config, access } = options;
  if (!access || config.lease.mode === 'off') return alone;
  return holdsLease(config, inCluster()) ? holdLease(options, access) : respectLease(options, access);
}

const alone: Leadership = {
  standbyBecause: () => undefined,
  status: () => ({ role: 'alone', lease: '', holder: '', detail: 'no Lease is used' }),
  onTurn: () => {},
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

function holdLease({ config, collectorId, logger, onForbidden }: LeadershipOptions, access: ClusterAccess): Leadership {
  const { client } = access;
  const turn = new Turn();
  const { namespace, name } = leaseOf(config, client.namespace);
  const identity = `${hostname()}_${collectorId}`;
  const lease = `${namespace}/${name}`;
  let forbidden = '';
  const election = new Election({
    client,
    namespace,
    name,
    identity,
    timing: {
      durationMs: config.lease.duration,
      renewMs: config.lease.duration / 3,
      retryMs: config.lease.duration / 5,
    },
    onForbidden: (error) => {
      const known = forbidden !== '';
      forbidden = error.message;
      if (known) return;
      onForbidden();
      turn.begins();
    },
    onChange: (state) => {
      if (state.problem === '') forbidden = '';
      logger.info(describe(state), { lease });
      if (state.kind === 'holding') turn.begins();
    },
  });
  election.start();
  const describe = (state: ElectionState) => describeState(state, lease, forbidden);
  return {
    standbyBecause({ discoverer }) {
      if (discoverer !== 'kubernetes' || election.state.kind === 'holding' || forbidden) return undefined;
      return describe(election.state);
    },
    status: () => ({
      role: election.state.kind === 'holding' || forbidden ? 'holder' : 'standby',
      lease,
      holder: holderOf(election.state, identity),
      detail: describe(election.state),
    }),
    onTurn: (listener) => turn.onBegin(listener),
    [Symbol.asyncDispose]: () => election[Symbol.asyncDispose](),
  };
}

function respectLease({ config, logger }: LeadershipOptions, { client }: ClusterAccess): Leadership {
  const turn = new Turn();
  const watch = new LeaseWatch({
    client,
    namespace: config.lease.namespace || undefined,
    onChange: (live) => {
      if (live) logger.info(othersScrape(live.holder, `${live.namespace}/${live.name}`));
      else logger.info(watch.problem ?? 'no other collector holds a Lease');
      if (!live) turn.begins();
    },
  });
  watch.start();
  const because = (): string | undefined => {
    if (!watch.wasRead) return 'looking whether another collector scrapes this cluster';
    const { live } = watch;
    return live && `${othersScrape(live.holder, `${live.namespace}/${live.name}`)}; serve --force scrapes beside it`;
  };
  return {
    standbyBecause: ({ discoverer }) => (discoverer === 'kubernetes' ? because() : undefined),
    status: () => ({
      role: because() === undefined ? 'alone' : 'standby',
      lease: watch.live ? `${watch.live.namespace}/${watch.live.name}` : '',
      holder: watch.live?.holder ?? '',
      detail: because() ?? watch.problem ?? 'no other collector holds a Lease',
    }),
    onTurn: (listener) => turn.onBegin(listener),
    [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose](),
  };
}

/** Our turn to scrape, and who wants to know when it begins. */
class Turn {
  readonly #listeners: (() => void)[] = [];

  onBegin(listener: () => void): void {
    this.#listeners.push(listener);
  }

  begins(): void {
    for (const listener of this.#listeners) listener();
  }
}

function describeState(state: ElectionState, lease: string, forbidden: string): string {
  if (forbidden) return `Lease ${lease} may not be used (${forbidden}): scraping as if alone`;
  const trouble = state.problem && `; ${state.problem}`;
  if (state.kind === 'holding') return `this collector holds the Lease ${lease}${trouble}`;
  if (state.kind === 'waiting') return `${othersScrape(state.holder, lease)}${trouble}`;
  return `nobody is known to hold the Lease ${lease}${trouble}`;
}

function othersScrape(holder: string, lease: string): string {
  return `${holderName(holder)} scrapes this cluster (it holds the Lease ${lease}); this collector serves what it has stored`;
}

/** The pod's name, without what tells it from its namesakes. */
function holderName(holder: string): string {
  return holder.split('_')[0] || 'another collector';
}

function holderOf(state: ElectionState, identity: string): string {
  if (state.kind === 'waiting') return state.holder;
  return state.kind === 'holding' ? identity : '';
}

/** What is opted in is not scraped here while another collector does it. */
export function explainStandby(explanation: Explanation, leadership: Leadership): Explanation {
  const { role, detail } = leadership.status();
  if (explanation.verdict !== 'scraped' || role !== 'standby') return explanation;
  const rules = [...explanation.rules, { rule: 'this collector scrapes', verdict: 'fail' as const, detail }];
  return { ...explanation, verdict: 'held', because: detail, rules };
}
