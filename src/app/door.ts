import { Sessions } from '../auth/session.ts';
import type { Config } from '../config/schema.ts';
import type { HttpDeps, HttpOptions } from '../http/deps.ts';
import { callerLimits } from '../http/rate-limits.ts';
import { ServerTls } from '../http/tls.ts';
import type { UnixMs } from '../model/units.ts';
import type { MetricsRegistry } from '../observe/metrics.ts';
import { httpOptions } from './settings.ts';

export interface DoorOptions {
  readonly config: Config;
  readonly authenticator: HttpOptions['authenticator'];
  readonly metrics: MetricsRegistry;
  readonly log: NonNullable<HttpDeps['log']>;
  readonly now: () => UnixMs;
}

/** How the listeners are reached. */
export interface Door extends Disposable {
  readonly options: HttpOptions;
  readonly limited: NonNullable<HttpDeps['limited']>;
}

/** TLS, sessions and bounds of the listeners. Throws `bad_config` when the certificate cannot be used. */
export async function openDoor({ config, authenticator, metrics, log, now }: DoorOptions): Promise<Door> {
  const { auth, http } = config;
  const tls = http.tls.certFile === '' ? undefined : await ServerTls.open({ ...http.tls, now, log });
  const sessions = hasLoginPage(auth.mode)
    ? new Sessions({ idleMs: auth.session.idle, maxLifeMs: auth.session.maxLife, now })
    : undefined;
  const limited = registerDoorMetrics(metrics, { tls, sessions });
  const options: HttpOptions = {
    ...httpOptions(config, authenticator),
    tls,
    opsTls: http.tls.ops,
    login: sessions && { sessions, audience: auth.mode === 'kubernetes' ? auth.kubernetes.audiences[0] : undefined },
  };
  return { options, limited, [Symbol.dispose]: () => tls?.[Symbol.dispose]() };
}

/** Behind a proxy that says who it is, the proxy has a page of its own. */
function hasLoginPage(mode: Config['auth']['mode']): boolean {
  return mode === 'token' || mode === 'kubernetes';
}

export interface DoorNumbers {
  readonly tls: Pick<ServerTls, 'expiresMs'> | undefined;
  readonly sessions: Pick<Sessions, 'count'> | undefined;
}

/** Answers what counts requests that were refused because their caller sends too much. */
export function registerDoorMetrics(
  registry: MetricsRegistry,
  { tls, sessions }: DoorNumbers,
): NonNullable<HttpDeps['limited']> {
  registry.gauge(
    'flameherd_tls_certificate_expiry_timestamp_seconds',
    'When the certificate of the API ends; absent without `http.tls`.',
    [],
    () => (tls ? [{ labels: {}, value: tls.expiresMs / 1000 }] : []),
  );
  registry.gauge('flameherd_sessions', 'People who have logged in on the page; absent where there is none.', [], () =>
    sessions ? [{ labels: {}, value: sessions.count }] : [],
  );
  const refused = registry.counter(
    'flameherd_http_limited_total',
    'Requests refused because their caller sends too much: `rate` (`http.requestsPerSecond`), `concurrent` (`http.concurrentPerCaller`), `failures` (`auth.failuresPerMinute`).',
    ['limit'],
  );
  for (const limit of callerLimits) refused.add({ limit }, 0);
  return (limit) => refused.add({ limit });
}
