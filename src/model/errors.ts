import { redact } from './redact.ts';

/**
 * Every error that a client or an operator can meet has a code here; `docs/errors.md` explains each, and a test keeps the
 * two equal. The number is the HTTP status it answers with.
 */
export const errorCatalogue = {
  bad_query: 400,
  bad_parameter: 400,
  bad_config: 400,
  bad_profile: 400,
  process_required: 400,
  bad_time: 400,
  unauthorized: 401,
  forbidden: 403,
  cross_site: 403,
  not_found: 404,
  empty_window: 404,
  out_of_order: 409,
  duplicate_time: 409,
  too_large: 413,
  wrong_host: 421,
  detail_expired: 422,
  unsupported_format: 422,
  query_too_large: 422,
  busy: 429,
  rate_limited: 429,
  internal: 500,
  scrape_failed: 502,
  not_ready: 503,
  auth_unavailable: 503,
  query_timeout: 503,
  storage_full: 503,
  storage_read_only: 503,
  store_locked: 503,
  store_too_new: 503,
} as const;

export type ErrorCode = keyof typeof errorCatalogue;

/**
 * An expected failure, told to whoever can act on it: `message` names the thing, what was given and what is allowed;
 * `hint` says what to do next; neither holds a secret (`redact`). Anything else that is thrown is a fault of ours.
 */
export class FlameherdError extends Error {
  override readonly name = 'FlameherdError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string | undefined; cause?: unknown } = {}) {
    super(redact(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint === undefined ? undefined : redact(options.hint);
  }

  get status(): number {
    return errorCatalogue[this.code];
  }

  /** A plain form that crosses thread borders; `fromPlain` restores it. */
  toPlain(): PlainError {
    return { code: this.code, message: this.message, ...(this.hint === undefined ? {} : { hint: this.hint }) };
  }

  static fromPlain({ code, message, hint }: PlainError): FlameherdError {
    return new FlameherdError(code, message, { hint });
  }
}

export interface PlainError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

/** The text of anything thrown, without secrets: what a library says of a URL may hold a password. */
export function messageOf(error: unknown): string {
  return redact(error instanceof Error ? error.message : String(error));
}

/** For the branch of a union that cannot be reached. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
