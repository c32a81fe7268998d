import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import {
  type FastifyHttpOptions,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  type RawServerDefault,
} from 'fastify';
import { anybody } from '../auth/caller.ts';
import { FlameherdError } from '../model/errors.ts';
import { isLoopbackHost } from '../model/loopback.ts';
import { type DurationMs, second } from '../model/units.ts';
import { type AccessCheck, isLocal, isUnauthorized } from './access.ts';
import { bounds } from './bounds.ts';
import type { HttpApp } from './context.ts';
import type { HttpDeps, HttpLimits } from './deps.ts';
import { replyWithError } from './error-reply.ts';
import { toJson } from './json.ts';
import { lateValidators } from './late-validators.ts';
import { refusalPage, sendDoorPage } from './login-page.ts';
import { isNavigation, loginUrl } from './login-place.ts';
import { addressKey, type CallerLimits, keyOf, LimitedError } from './rate-limits.ts';
import { checkHost, checkSameSite, hostName } from './request-origin.ts';
import type { ServerTls } from './tls.ts';
import { addVary } from './vary.ts';

/** Pages come from here, run nothing, and are shown in no frame. */
const securityHeaders = {
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const;

/** Text; a pprof is gzip already. */
const compressible = /^(text\/|application\/(problem\+)?json\b)/;
/** Brotli's own default, 11, takes a second where this takes ten milliseconds. */
const brotliQuality = 4;

export interface BaseOptions {
  readonly listenHost: string;
  readonly externalUrl: string | undefined;
  /** Any Host will do: what a probe or Prometheus calls a listener that is open to the network is not ours to know. */
  readonly anyHost: boolean;
  readonly access: AccessCheck;
  readonly limits: HttpLimits;
  readonly callers: CallerLimits;
  /** Answers depend on who asks. */
  readonly isPrivate: boolean;
  /** There is a page to log in on. */
  readonly hasLogin: boolean;
  readonly pagesDir: string;
  readonly tls: ServerTls | undefined;
}

/** A listener with all that does not depend on its routes: bounds, headers, checks, compression, errors. */
export async function baseApp(deps: Pick<HttpDeps, 'log' | 'answered'>, options: BaseOptions): Promise<HttpApp> {
  const server = {
    maxHeaderSize: bounds.headerBytes,
    headersTimeout: bounds.headersTimeoutMs,
    connectionsCheckingInterval: bounds.slowCheckMs,
  };
  // Fastify takes one or the other, and its types take servers of TLS for other ones.
  const https = options.tls && { https: { ...server, ...options.tls.options() } };
  const app = fastify({
    logger: false,
    bodyLimit: options.limits.bodyBytes,
    requestTimeout: bounds.requestTimeoutMs,
    keepAliveTimeout: bounds.keepAliveMs,
    connectionTimeout: longestAnswerMs(options.limits) + bounds.idleSocketMs,
    http: server,
    ...(https as Pick<FastifyHttpOptions<RawServerDefault>, 'http'> | undefined),
    routerOptions: { maxParamLength: bounds.pathParameterLength, ignoreTrailingSlash: true },
    ajv: { customOptions: { removeAdditional: false, useDefaults: false, coerceTypes: 'array', verbose: true } },
    // Response schemas document; they do not filter.
    schemaController: { compilersFactory: { buildValidator: lateValidators, buildSerializer: () => () => toJson } },
    // The parameter error reads the validator's own report.
    schemaErrorFormatter: () => new Error('invalid parameters'),
    frameworkErrors: (error, request, reply) =>
      void replyWithError(reply.headers(securityHeaders), request, error, deps.log),
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.server.maxConnections = bounds.connections;
  app.setErrorHandler((error, request, reply) =>
    isToldOnPage(error, request)
      ? tellOnPage(error, request, reply, options)
      : replyWithError(reply, request, error, deps.log),
  );
  reportAnswers(app, deps);
  addChecks(app, options);
  // The plugin compresses octet-streams whatever `customTypes` says; this is its switch.
  app.addHook('onSend', async (request, reply) => {
    if (!compressible.test(String(reply.getHeader('Content-Type')))) request.headers['x-no-compression'] = '1';
    if (options.isPrivate) addVary(reply, ['Accept', 'Authorization', 'Cookie']);
  });
  await app.register(compress, {
    globalDecompression: false,
    encodings: ['br', 'gzip'],
    threshold: bounds.compressFromBytes,
    customTypes: compressible,
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } },
  });
  return app;
}

function longestAnswerMs({ queryTimeoutMs }: HttpLimits): DurationMs {
  // A snap may wait for a profile that is under way, and a profile may take a quarter longer than its seconds.
  const snapMs = 2.5 * bounds.snapSeconds * second;
  return Math.max(queryTimeoutMs, bounds.selfProfileSeconds * second, snapMs);
}

function addChecks(app: HttpApp, options: BaseOptions): void {
  // No request is handled before the check has set both.
  app.decorateRequest('caller', null as never);
  app.decorateRequest('scope', null as never);
  app.decorateRequest('sessionId', undefined);
  const { listenHost, externalUrl } = options;
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    const { host, origin } = request.headers;
    if (!options.anyHost) {
      const { localAddress } = request.socket;
      checkHost(host, { listenHost, externalUrl, ...(localAddress !== undefined && { localAddress }) });
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      const site = request.headers['sec-fetch-site'];
      checkSameSite({ site: Array.isArray(site) ? site[0] : site, origin, host }, externalUrl);
    }
    return await admit(request, reply, options);
  });
}

/** Probes, which come all the time from wherever, are never too many. */
const unlimited: ReadonlySet<string | undefined> = new Set(['/-/healthy', '/-/ready']);

/** Lets a request in, leads a browser to the login, or throws why not. Who sends too much is refused in either case. */
async function admit(request: FastifyRequest, reply: FastifyReply, options: BaseOptions): Promise<unknown> {
  let refused: unknown;
  try {
    Object.assign(request, await options.access(request));
  } catch (error) {
    refused = error;
    request.caller ??= anybody;
  }
  const { url, config } = request.routeOptions;
  if (!unlimited.has(url) && !(config?.access === 'local' && isLocal(request))) {
    const leave = options.callers.enter(keyOf(request.caller, addressKey(request.ip)));
    reply.raw.once('close', leave);
  }
  if (refused === undefined) return undefined;
  if (!options.hasLogin || !isUnauthorized(refused)) throw refused;
  if (isNavigation(request.method, request.headers)) return reply.redirect(loginUrl(request.url));
  // Pages read it, and go there.
  void reply.header('X-Flameherd-Login', '/login');
  throw refused;
}

/** What a person can do something about. */
const toldOnPages: ReadonlySet<string> = new Set(['unauthorized', 'forbidden', 'auth_unavailable', 'rate_limited']);

function isToldOnPage(error: unknown, { method, headers }: FastifyRequest): error is FlameherdError {
  return error instanceof FlameherdError && toldOnPages.has(error.code) && isNavigation(method, headers);
}

function tellOnPage(
  error: FlameherdError,
  { sessionId, url }: FastifyRequest,
  reply: FastifyReply,
  { hasLogin, pagesDir }: BaseOptions,
): Promise<FastifyReply> {
  if (error instanceof LimitedError) void reply.header('Retry-After', error.retryAfterSeconds);
  const body = refusalPage(error, {
    hasSession: sessionId !== undefined,
    loginUrl: hasLogin ? loginUrl(url) : undefined,
  });
  return sendDoorPage(reply, pagesDir, { status: error.status, title: 'flameherd', body });
}

function reportAnswers(app: HttpApp, { answered }: Pick<HttpDeps, 'answered'>): void {
  if (!answered) return;
  app.addHook('onRequest', async (request, reply) => {
    // `reply.elapsedTime` is 0 where fastify logs nothing.
    const startedMs = performance.now();
    reply.raw.once('close', () => {
      const route = request.routeOptions.url ?? 'unknown';
      const seconds = (performance.now() - startedMs) / second;
      answered({ route, method: request.method, status: reply.statusCode, seconds });
    });
  });
}

/** Whether only this machine can reach an address. */
export function isPrivate(host: string): boolean {
  return isLoopbackHost(hostName(host));
}
