import type { LabelSet } from './labels.ts';
import type { ProfileKind } from './profile-type.ts';
import type { ProcessIdentity } from './series.ts';
import type { Bytes, DurationMs, UnixMs } from './units.ts';

/** How the bytes of a profile reach us. */
export const transports = ['auto', 'direct', 'port-forward', 'pod-proxy', 'ephemeral'] as const;
export type TransportChoice = (typeof transports)[number];
export type TransportName = Exclude<TransportChoice, 'auto'>;

/** Where a source listens. `host` is a pod's own IP, or what the configuration names; never what a tenant writes. */
export interface Endpoint {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
}

/** One kind of profile of a target: what to fetch, and how often. */
export interface ScrapeSpec {
  readonly kind: ProfileKind;
  readonly endpoint: Endpoint;
  /** The request path with its query, without `seconds`: `/debug/pprof/heap`. */
  readonly path: string;
  readonly intervalMs: DurationMs;
  /** The length of a CPU or other windowed profile in seconds; undefined for snapshots. */
  readonly seconds: number | undefined;
}

/** Why a target is not being scraped, if it is not. */
export type TargetState =
  | { readonly kind: 'active' }
  /** The opt-in cannot be carried out (a port that does not resolve …); the reason says what is declared. */
  | { readonly kind: 'unresolved'; readonly reason: string }
  /** Over a cap, or paused: it waits. */
  | { readonly kind: 'held'; readonly reason: string }
  /** Annotated for another profiler and not opted in here. */
  | { readonly kind: 'candidate'; readonly reason: string };

/** Whether a workload is judged for growth, and from which age of a process on; undefined means the usual age. */
export type GrowthChoice =
  | { readonly kind: 'off' }
  | { readonly kind: 'on'; readonly minAgeMs: DurationMs | undefined };

/**
 * A source of profiles: one port of one container of one pod (or one configured URL). It is the unit of scraping and
 * differencing, so `source` changes whenever the process behind it does.
 */
export interface Target {
  /** (pod UID, container id, port), or the URL of a static target. */
  readonly source: string;
  readonly discoverer: 'static' | 'kubernetes';
  readonly labels: LabelSet;
  readonly process: ProcessIdentity;
  /** Names the program that runs, such as its image's digest; processes of one build share what addresses mean. */
  readonly build?: string | undefined;
  /** What the container may use of memory; absent: no limit is known. */
  readonly memoryLimitBytes?: Bytes;
  readonly specs: readonly ScrapeSpec[];
  readonly transport: TransportChoice;
  /** Absent means on, from the usual age. */
  readonly growth?: GrowthChoice;
  readonly state: TargetState;
  /** What was wrong or doubtful in the opt-in; shown on the target, in explain and once in the log. */
  readonly warnings: readonly string[];
  /** The pod is shutting down: one last heap and goroutine scrape, then nothing. */
  readonly terminating: boolean;
  /** The pod's coordinates, for transports that go through the API server. */
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string } | undefined;
  /** The pod's ServiceAccount: with the namespace it decides which TLS settings and credentials the target is asked with. */
  readonly serviceAccount?: string;
  /** hostNetwork pods are refused unless configured, and then only on declared ports. */
  readonly hostNetwork: boolean;
}

/**
 * The targets of one workload or one configuration entry. A group replaces the group of the same key whole; a group
 * without targets means that they are gone.
 */
export interface TargetGroup {
  readonly key: string;
  readonly targets: readonly Target[];
}

export type TargetHealth = 'unknown' | 'up' | 'down';

/** The state of one kind of one target, as `/api/v1/targets` tells it. */
export interface ScrapeStatus {
  readonly kind: ProfileKind;
  readonly url: string;
  readonly health: TargetHealth;
  /** Empty when the last scrape was good. */
  readonly lastError: string;
  readonly lastScrapeMs: UnixMs | undefined;
  readonly nextScrapeMs: UnixMs | undefined;
  readonly durationMs: DurationMs | undefined;
  readonly bytes: number | undefined;
  readonly samples: number | undefined;
  readonly seconds: number | undefined;
  readonly intervalMs: DurationMs;
  /** What was odd about the last profile, such as labels that it is stored without. */
  readonly warnings: readonly string[];
}

/** Active targets by health, the others by state. */
export function countTargets(statuses: readonly TargetStatus[]): Record<string, number> {
  const counts: Record<string, number> = { up: 0, down: 0, unknown: 0, unresolved: 0, held: 0, candidate: 0 };
  for (const { target, health } of statuses) {
    const name = target.state.kind === 'active' ? health : target.state.kind;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

export interface TargetStatus {
  readonly target: Target;
  readonly health: TargetHealth;
  readonly transport: TransportName | undefined;
  /** Why this transport was chosen. */
  readonly transportReason: string;
  readonly scrapes: readonly ScrapeStatus[];
}
