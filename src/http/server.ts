import { formatByteSize } from '../model/byte-size.ts';
import { FlameherdError, messageOf } from '../model/errors.ts';
import type { DurationMs } from '../model/units.ts';
import { accessCheck } from './access.ts';
import { apiApp, opsApp } from './apps.ts';
import { isPrivate } from './base-app.ts';
import { bounds } from './bounds.ts';
import type { HttpApp, HttpContext } from './context.ts';
import type { HttpDeps, HttpOptions, ListenAddress } from './deps.ts';
import { CallerLimits, defaultCallerBounds } from './rate-limits.ts';
import { seenWithin } from './seen.ts';
import { Slots } from './slots.ts';
import type { ServerTls } from './tls.ts';

/** While closing: how often connections are looked at for being idle. */
const idleSweepMs: DurationMs = 50;

export interface HttpServer {
  /** Where the API really listens: `http://127.0.0.1:4280`. */
  readonly url: string;
  readonly opsUrl: string | undefined;
  /**
   * Takes no new connections, lets requests in flight end for at most `graceMs`, then aborts them and closes what is left.
   * Idle connections are closed at once.
   */
  close(graceMs: DurationMs): Promise<void>;
}

/**
 * Opens both listeners. Throws `bad_config` when an address is taken or cannot be listened on, or when nobody is
 * asked who it is on an address that others can reach; then nothing is left open.
 */
export async function startHttp(deps: HttpDeps, options: HttpOptions): Promise<HttpServer> {
  refuseBadUrl(options);
  refuseOpenDoor(options);
  const draining = new AbortController();
  const shutdown = new AbortController();
  const context = httpContext(deps, options, { draining: draining.signal, shutdown: shutdown.signal });
  const access = accessCheck(options.authenticator, context.door);
  const opened: HttpApp[] = [];
  try {
    const api = await apiApp(context, access);
    const url = await open(opened, api, options.listen, '--listen', options.tls);
    let opsUrl: string | undefined;
    if (options.opsListen) {
      opsUrl = await open(
        opened,
        await opsApp(context, access, options.opsListen.host),
        options.opsListen,
        '--ops-listen',
        options.opsTls === true ? options.tls : undefined,
      );
    }
    return { url, opsUrl, close: (graceMs) => closeAll(opened, graceMs, { draining, shutdown }) };
  } catch (error) {
    await closeAll(opened, 0, { draining, shutdown });
    throw error;
  }
}

/** The state that requests share. */
export function httpContext(
  deps: HttpDeps,
  options: HttpOptions,
  signals: Pick<HttpContext, 'draining' | 'shutdown'>,
): HttpContext {
  const { bodyBytes } = options.limits;
  return {
    deps,
    seenBy: ({ scope }) => seenWithin(deps, scope),
    options,
    door: {
      sessions: options.login?.sessions,
      externalUrl: options.externalUrl,
      limits: new CallerLimits({ bounds: options.limits.callers ?? defaultCallerBounds, limited: deps.limited }),
    },
    ...signals,
    uploadBytes: new Slots(bounds.uploadBodies * bodyBytes, {
      message: `uploads of ${formatByteSize(bounds.uploadBodies * bodyBytes)} are under way, as much as may`,
      hint: 'send it again in a moment',
    }),
    selfProfileSlots: new Slots(1, {
      message: 'cpu profiling already in use',
      hint: 'wait for the profile that is running',
    }),
  };
}

function refuseBadUrl({ externalUrl }: HttpOptions): void {
  if (externalUrl === undefined || (/^https?:\/\/[^/]/.test(externalUrl) && URL.canParse(externalUrl))) return;
  throw new FlameherdError('bad_config', `http.externalUrl: ${JSON.stringify(externalUrl)} is no URL`, {
    hint: 'write it as people type it: https://profiles.example.com',
  });
}

function refuseOpenDoor({ authenticator, allowUnauthenticated, listen, metricsAuth }: HttpOptions): void {
  if (!authenticator && metricsAuth) {
    throw new FlameherdError('bad_config', 'auth.metrics: on asks who calls, and auth.mode: none asks nobody', {
      hint: 'set auth.mode: token and auth.tokenFile',
    });
  }
  if (authenticator || allowUnauthenticated || isPrivate(listen.host)) return;
  throw new FlameherdError(
    'bad_config',
    `http.listen: ${listen.host} can be reached by others, and auth.mode is none`,
    {
      hint: 'set auth.mode: token and auth.tokenFile; or listen on 127.0.0.1 and use kubectl port-forward; or, where something in front asks who it is, auth.allowUnauthenticated: true',
    },
  );
}

async function open(
  opened: HttpApp[],
  app: HttpApp,
  { host, port }: ListenAddress,
  flag: string,
  tls: ServerTls | undefined,
): Promise<string> {
  opened.push(app);
  tls?.renew(app.server);
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  try {
    await app.listen({ host: bare, port });
  } catch (error) {
    throw listenError(error, `${host}:${port}`, flag);
  }
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('a listener on TCP has an address');
  return `${tls ? 'https' : 'http'}://${reachableHost(bare)}:${address.port}`;
}

function listenError(error: unknown, address: string, flag: string): FlameherdError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    return new FlameherdError('bad_config', `${flag} ${address} is taken by another process`, {
      hint: `stop it, or choose another: ${flag} 127.0.0.1:0 takes any free port`,
      cause: error,
    });
  }
  const reasons: Readonly<Record<string, string>> = {
    EACCES: 'may not be used by this user',
    EADDRNOTAVAIL: 'is no address of this machine',
    ENOTFOUND: 'is a name that does not resolve',
  };
  return new FlameherdError(
    'bad_config',
    `${flag} ${address} ${reasons[code ?? ''] ?? `cannot be used: ${messageOf(error)}`}`,
    {
      hint: `listen on 127.0.0.1 for this machine only, on 0.0.0.0 for all: ${flag} 127.0.0.1:4280`,
      cause: error,
    },
  );
}

/** What a client on this machine types. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

type Ends = Readonly<Record<'draining' | 'shutdown', AbortController>>;

async function closeAll(apps: readonly HttpApp[], graceMs: DurationMs, { draining, shutdown }: Ends): Promise<void> {
  draining.abort();
  const closing = Promise.all(apps.map((app) => app.close()));
  // A connection that is kept alive falls idle when the request in flight on it has been answered.
  const sweep = setInterval(() => apps.forEach(({ server }) => server.closeIdleConnections()), idleSweepMs);
  const timer = setTimeout(() => {
    shutdown.abort();
    // One turn later, so that what was aborted still says so.
    setImmediate(() => apps.forEach(({ server }) => server.closeAllConnections()));
  }, graceMs);
  await closing.finally(() => {
    clearInterval(sweep);
    clearTimeout(timer);
  });
}
