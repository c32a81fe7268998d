import type { DurationMs } from '../model/units.ts';

/**
 * What went wrong with the API server, by what a caller does about it:
 * `unauthorized` new credentials; `forbidden` a right is missing; `gone` the version or the continue token is too old: list
 * again; `version-too-large` the server does not know our version yet, or never will: drop it; `throttled` wait as told;
 * `invalid` the server does not understand the request; `server` its own fault; `unavailable` not reached, or the connection
 * broke; `silent` it stopped answering; `protocol` what it sent cannot be read.
 */
export type KubernetesErrorKind =
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'gone'
  | 'version-too-large'
  | 'throttled'
  | 'invalid'
  | 'server'
  | 'unavailable'
  | 'silent'
  | 'protocol';

interface KubernetesErrorFields {
  readonly kind: KubernetesErrorKind;
  readonly message: string;
  /** The HTTP status, or the code of an in-stream Status; 0 when there was no answer. */
  readonly status?: number;
  /** The reason of the Status, such as `Expired`. */
  readonly reason?: string;
  readonly retryAfterMs?: DurationMs | undefined;
  readonly cause?: unknown;
}

/** A request to the API server that failed, or an error that it sent inside a watch. */
export class KubernetesError extends Error {
  override readonly name = 'KubernetesError';
  readonly kind: KubernetesErrorKind;
  readonly status: number;
  readonly reason: string;
  readonly retryAfterMs: DurationMs | undefined;

  constructor({ kind, message, status = 0, reason = '', retryAfterMs, cause }: KubernetesErrorFields) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The part of a `v1 Status` that says what failed. */
interface WireStatus {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly { readonly reason?: string }[];
  };
}

/** The error of a Status object: an HTTP body, or the object of an `ERROR` event. */
export function errorFromStatus(body: unknown, httpStatus: number, retryAfterMs?: DurationMs): KubernetesError {
  const status = (typeof body === 'object' && body !== null ? body : {}) as WireStatus;
  const code = status.code ?? httpStatus;
  const reason = status.reason ?? '';
  const seconds = status.details?.retryAfterSeconds;
  return new KubernetesError({
    kind: kindOf(code, status),
    message: status.message || `the API server answered ${code}${reason && ` ${reason}`}`,
    status: code,
    reason,
    retryAfterMs: retryAfterMs ?? (seconds === undefined ? undefined : seconds * 1000),
  });
}

function kindOf(code: number, status: WireStatus): KubernetesErrorKind {
  const causes = status.details?.causes ?? [];
  if (causes.some((cause) => cause.reason === 'ResourceVersionTooLarge')) return 'version-too-large';
  if (code === 410 || status.reason === 'Expired' || status.reason === 'Gone') return 'gone';
  if (code === 401) return 'unauthorized';
  if (code === 403) return 'forbidden';
  if (code === 404) return 'not-found';
  if (code === 409) return 'conflict';
  if (code === 429) return 'throttled';
  return code >= 400 && code < 500 ? 'invalid' : 'server';
}

/** The value of a `Retry-After` header in seconds or as a date; undefined when there is none or it cannot be read. */
export function retryAfterMs(header: string | undefined, nowMs: number): DurationMs | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** Anything thrown while talking to the server, as a `KubernetesError`. */
export function toKubernetesError(error: unknown): KubernetesError {
  if (error instanceof KubernetesError) return error;
  const text = deepestText(error);
  return new KubernetesError({
    kind: 'unavailable',
    message: `the API server cannot be reached: ${text}`,
    cause: error,
  });
}

/** A machine's word for an error, for counters: the HTTP status, else the kind. */
export function errorCode(error: KubernetesError): string {
  return error.status === 0 ? error.kind : String(error.status);
}

/** Connection errors come wrapped, several levels deep and, for names with two addresses, as an AggregateError. */
function deepestText(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return deepestText(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return deepestText(error.cause);
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}
