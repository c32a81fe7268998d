import type { Static } from 'typebox';
import type { Authenticator } from '../auth/caller.ts';
import type { Sessions } from '../auth/session.ts';
import type { ExplainSubject, Explanation } from '../discovery/discoverer.ts';
import type { GrowthQueries } from '../growth/contract.ts';
import type { Ingest } from '../ingest/messages.ts';
import type { AskedProcess } from '../model/asked-process.ts';
import type { PauseScope } from '../model/pause.ts';
import type { ProfileKind } from '../model/profile-type.ts';
import type { SidecarsStatus } from '../model/sidecar.ts';
import type { Snapped, SnapRequest } from '../model/snap.ts';
import type { TargetStatus } from '../model/target.ts';
import type { Bytes, DurationMs, UnixMs } from '../model/units.ts';
import type { QueryEngine } from '../query/engine.ts';
import type { CallerBounds, CallerLimit } from './rate-limits.ts';
import type { statusSchema } from './status-schema.ts';
import type { ServerTls } from './tls.ts';

/** What the listeners are given: functions and contracts, never the parts behind them. */
export interface HttpDeps {
  readonly query: Pick<QueryEngine, 'ask'>;
  readonly ingest: Pick<Ingest, 'submit'>;
  readonly targets: () => readonly TargetStatus[];
  /** What is known of the scrapes of one kind, of all processes that are asked or were of late. */
  readonly asked: (kind: ProfileKind) => Iterable<AskedProcess>;
  /** Names nothing of other namespaces than those given: of any, unless given. */
  readonly explain: (subject: ExplainSubject, namespaces?: ReadonlySet<string>) => Promise<Explanation>;
  /**
   * Scrapes one process now. Throws `not_found`, `forbidden` (not opted in), `bad_parameter` (several match), `scrape_failed`,
   * or `not_ready` while another collector scrapes.
   */
  readonly snap: (request: SnapRequest, signal: AbortSignal) => Promise<Snapped>;
  /** Stops scraping a scope at once; an undefined part means all of them. Pausing twice is pausing once. */
  readonly pause: (scope: PauseScope) => Promise<void> | void;
  /** Lifts the pause of exactly this scope; false when there is none. */
  readonly resume: (scope: PauseScope) => Promise<boolean> | boolean;
  readonly pauses: () => readonly PauseScope[];
  /** What grows that should not. */
  readonly growth: GrowthQueries;
  /** The ephemeral sidecars in pods, as the watch last told them. */
  readonly sidecars: () => SidecarsStatus;
  readonly status: () => StatusAnswer | Promise<StatusAnswer>;
  readonly ready: () => Readiness;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>;
  readonly selfProfiler: SelfProfiler;
  /** Absent: there is nothing to reload, and `/-/reload` is 404. Throws `bad_config` when the new one is refused. */
  readonly reload?: (() => Promise<ReloadedKeys>) | undefined;
  /** How far back an upload may be stamped. */
  readonly detailHorizonMs: DurationMs;
  readonly now: () => UnixMs;
  readonly log?: HttpLog | undefined;
  /** Told once for each request, after its last byte or its end: for metrics. `route` is a pattern, so it is bounded. */
  readonly answered?: ((answered: AnsweredRequest) => void) | undefined;
  /** Told of each request that was refused because its caller sends too much. */
  readonly limited?: ((limit: CallerLimit) => void) | undefined;
}

/** What `/api/v1/status` answers; what is undefined is left out. */
export type StatusAnswer = AsGiven<Static<typeof statusSchema>>;

/** What may be given where an answer is written: read-only, and undefined where a member may be absent. */
type AsGiven<Value> = Value extends readonly (infer Item)[]
  ? readonly AsGiven<Item>[]
  : Value extends object
    ? { readonly [Name in keyof Value]: AsGiven<Value[Name]> | UndefinedIfOptional<Value, Name> }
    : Value;
type UndefinedIfOptional<Value, Name extends keyof Value> = object extends Pick<Value, Name> ? undefined : never;

/** Keys of the configuration that changed. */
export interface ReloadedKeys {
  /** In force now. */
  readonly live: readonly string[];
  readonly needRestart: readonly string[];
}

export interface Readiness {
  readonly ready: boolean;
  /** Why not; empty when ready. */
  readonly reasons: readonly string[];
}

/** Profiles of the daemon itself, gzipped pprof. One CPU profile runs at a time; the caller sees to that. */
export interface SelfProfiler {
  readonly cpu: (seconds: number, signal: AbortSignal) => Promise<Uint8Array>;
  readonly heap: () => Promise<Uint8Array>;
}

export interface HttpLog {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface AnsweredRequest {
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
}

export interface ListenAddress {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

export interface HttpOptions {
  readonly listen: ListenAddress;
  readonly opsListen: ListenAddress | undefined;
  /** The URL by which people reach the API, if it is another than the listen address. */
  readonly externalUrl: string | undefined;
  /** Who finds out who calls. Without one whoever reaches the listener may do everything. */
  readonly authenticator: Authenticator | undefined;
  /** Lets it listen without an authenticator on an address that others can reach. */
  readonly allowUnauthenticated: boolean;
  /** `/metrics` asks who calls, too, on both listeners. */
  readonly metricsAuth: boolean;
  readonly limits: HttpLimits;
  /** People log in on a page. Absent: nobody is asked who it is, or a proxy in front asks. */
  readonly login?: LoginOptions | undefined;
  /** Absent: plain HTTP. */
  readonly tls?: ServerTls | undefined;
  /** The operations listener has TLS too. */
  readonly opsTls?: boolean;
  /** Where the built pages are; by default beside the program. */
  readonly pagesDir?: string;
}

export interface LoginOptions {
  readonly sessions: Sessions;
  /** The audience that tokens of the cluster are made for; absent where tokens are those of a file. */
  readonly audience: string | undefined;
}

export interface HttpLimits {
  readonly bodyBytes: Bytes;
  readonly queryTimeoutMs: DurationMs;
  /** Absent: the generous ones of the configuration's defaults. */
  readonly callers?: CallerBounds;
}
