import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { formatByteSize } from '../model/byte-size.ts';
import { type ErrorCode, FlameherdError, messageOf } from '../model/errors.ts';
import type { HttpLog } from './deps.ts';
import { isBrowser } from './login-place.ts';
import { parameterError } from './parameter-error.ts';
import { LimitedError } from './rate-limits.ts';

/** RFC 9457. `code` is a key of the catalogue in `docs/errors.md`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly hint?: string;
}

/** When to try again, for errors that pass by themselves. */
const retryAfterSeconds: Partial<Record<ErrorCode, number>> = {
  busy: 1,
  not_ready: 5,
  auth_unavailable: 5,
  storage_full: 60,
  storage_read_only: 60,
};

/** The client went away, so nobody reads the answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

/** The one way by which errors leave: pprof's text where a pprof was asked for, else `application/problem+json`. */
export function replyWithError(
  reply: FastifyReply,
  request: FastifyRequest,
  thrown: unknown,
  log?: HttpLog,
): FastifyReply {
  if (thrown instanceof ClientGone) return reply.code(499).send();
  const error = toFlameherdError(thrown, request);
  if (error.code === 'internal') {
    log?.error('a request failed', {
      request: request.id,
      method: request.method,
      path: pathOf(request.url),
      error: stackOf(thrown),
    });
  }
  reply.code(error.status);
  const retryAfter = thrown instanceof LimitedError ? thrown.retryAfterSeconds : retryAfterSeconds[error.code];
  if (retryAfter !== undefined) reply.header('Retry-After', retryAfter);
  if (error.code === 'unauthorized') {
    const bearer = 'Bearer realm="flameherd"';
    reply.header('WWW-Authenticate', isBrowser(request.headers) ? bearer : [bearer, 'Basic realm="flameherd"']);
  }
  if (wantsPprof(request.method, request.url)) {
    return reply.header('X-Go-Pprof', '1').type('text/plain; charset=utf-8').send(errorText(error));
  }
  return reply.type('application/problem+json; charset=utf-8').send(problemOf(error));
}

export function problemOf(error: FlameherdError): Problem {
  const problem = {
    type: `urn:flameherd:error:${error.code}`,
    title: STATUS_CODES[error.status] ?? 'Error',
    status: error.status,
    code: error.code,
    detail: error.message,
  };
  return error.hint === undefined ? problem : { ...problem, hint: error.hint };
}

/** As `go tool pprof` prints it behind the status, given X-Go-Pprof: 1. */
function errorText(error: FlameherdError): string {
  return `${error.code}: ${error.message}\n${error.hint === undefined ? '' : `hint: ${error.hint}\n`}`;
}

/**
 * Whether a pprof is what the request asks for. Told from the URL alone, for an error may come before a route is found or
 * parameters are read.
 */
export function wantsPprof(method: string, url: string): boolean {
  const path = pathOf(url);
  if (/^\/debug\/pprof(\/|$)/.test(path)) return true;
  if (/^\/api\/v1\/(profiles\/[^/]+|growth\/[^/]+\/profile)\/?$/.test(path))
    return method === 'GET' || method === 'HEAD';
  if (!/^\/(pprof\/|api\/v1\/(merge|diff)\/?$)/.test(path)) return false;
  const format = new URLSearchParams(url.slice(path.length)).get('format') ?? 'pprof';
  return format === 'pprof' || format === 'pgo';
}

/** The URL without its query. */
export function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

/** What fastify and its plugins throw, in our codes; anything unknown is a fault of ours and is not told. */
export function toFlameherdError(thrown: unknown, { routeOptions }: FastifyRequest): FlameherdError {
  if (thrown instanceof FlameherdError) return thrown;
  const { code = '', statusCode = 500, validation } = (thrown ?? {}) as Partial<FastifyError>;
  if (validation) return parameterError(validation);
  if (statusCode === 413 || code.endsWith('_TOO_LARGE')) {
    return new FlameherdError('too_large', `the body is larger than ${formatByteSize(routeOptions.bodyLimit)}`, {
      hint: 'raise http.maxBody, or upload a shorter profile',
    });
  }
  if (statusCode >= 400 && statusCode < 500) return new FlameherdError('bad_parameter', messageOf(thrown));
  return new FlameherdError('internal', 'something went wrong on our side', {
    hint: 'the log says what; please report it',
  });
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
