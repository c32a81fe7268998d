import type { DurationMs } from '../model/units.ts';
import type { KubernetesClient } from './client.ts';
import { KubernetesError } from './errors.ts';

/** Somebody as the API server knows him; `extra` is handed on as it came. */
export interface ReviewedUser {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** What the API server says of a token: whose it is and for whom it was made, or why it is not accepted. */
export type TokenAnswer =
  | { readonly user: ReviewedUser; readonly audiences: readonly string[] }
  | { readonly refusedBecause: string };

/** One thing that somebody may be allowed to do; without a namespace: in all of them. */
export interface AskedAccess {
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly verb: string;
  readonly namespace: string | undefined;
}

/**
 * Asks whose token this is (a TokenReview). Throws a `KubernetesError` when that cannot be asked. The API server reads a blank, or a
 * token that begins with one, as no token at all, and where it lets in who sends none it answers with their name: neither is asked
 * nor believed.
 */
export async function reviewToken(
  client: KubernetesClient,
  token: string,
  audiences: readonly string[],
  timeoutMs: DurationMs,
): Promise<TokenAnswer> {
  if (!/^[!-~]+$/.test(token)) return { refusedBecause: 'it has characters that no token has' };
  const spec = { token, audiences };
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec };
  const status = await post<WireTokenStatus>(client, 'authentication.k8s.io/v1/tokenreviews', review, timeoutMs);
  if (status.authenticated !== true) return { refusedBecause: textOr(status.error, 'it is not known') };
  const { username, uid, groups, extra } = status.user ?? {};
  if (typeof username !== 'string' || username === '') throw unreadable('a TokenReview without a user');
  const user = { name: username, uid: textOr(uid, ''), groups: textsOf(groups), extra: extraOf(extra) };
  if (isNobody(user)) return { refusedBecause: 'it is the token of nobody' };
  return { user, audiences: textsOf(status.audiences) };
}

function isNobody({ name, groups }: ReviewedUser): boolean {
  return name === 'system:anonymous' || groups.includes('system:unauthenticated');
}

/** Asks whether this user may do that (a SubjectAccessReview). Throws a `KubernetesError` when that cannot be asked. */
export async function reviewAccess(
  client: KubernetesClient,
  user: ReviewedUser,
  { namespace, ...asked }: AskedAccess,
  timeoutMs: DurationMs,
): Promise<boolean> {
  const spec = {
    user: user.name,
    uid: user.uid,
    groups: user.groups,
    extra: user.extra,
    resourceAttributes: { ...asked, ...(namespace === undefined ? {} : { namespace }) },
  };
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec };
  const path = 'authorization.k8s.io/v1/subjectaccessreviews';
  const { allowed } = await post<{ readonly allowed?: unknown }>(client, path, review, timeoutMs);
  if (typeof allowed !== 'boolean') throw unreadable('a SubjectAccessReview without a decision');
  return allowed;
}

interface WireTokenStatus {
  readonly authenticated?: unknown;
  readonly error?: unknown;
  readonly audiences?: unknown;
  readonly user?: {
    readonly username?: unknown;
    readonly uid?: unknown;
    readonly groups?: unknown;
    readonly extra?: unknown;
  };
}

/** The `status` of a review. An answer that comes in drops is waited for twice as long as one that does not come. */
async function post<Status>(
  client: KubernetesClient,
  path: string,
  review: object,
  timeoutMs: DurationMs,
): Promise<Status> {
  const limits = { idleMs: timeoutMs, signal: AbortSignal.timeout(2 * timeoutMs) };
  const answer = (await client.post(`/apis/${path}`, review, limits)) as { readonly status?: unknown } | null;
  const status = answer?.status;
  if (typeof status !== 'object' || status === null) throw unreadable('a review without a status');
  return status as Status;
}

function unreadable(what: string): KubernetesError {
  return new KubernetesError({ kind: 'protocol', message: `the API server answered with ${what}` });
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function extraOf(value: unknown): ReviewedUser['extra'] {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, texts]) => [key, textsOf(texts)]));
}
