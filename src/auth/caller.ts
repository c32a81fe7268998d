import type { Permission } from './permission.ts';

/** The namespaces in which something is allowed: all, the ones that are not known yet included, or just these. */
export type NamespaceScope = 'all' | ReadonlySet<string>;

/** Who calls, once it has said who it is. */
export interface Caller {
  /** For logs and pages; undefined where nobody was asked. */
  readonly name: string | undefined;
  /** Whether it has proved who it is. Without authentication nobody has. */
  readonly isProven: boolean;
  /**
   * Whether it may do this in a namespace; without one: everywhere. Throws `auth_unavailable` when that cannot be told.
   */
  may(permission: Permission, namespace?: string): Promise<boolean>;
  /** In which of the namespaces that are known it may do this. Throws `auth_unavailable` when that cannot be told. */
  scopeOf(permission: Permission): Promise<NamespaceScope>;
}

/** What a request carries that says who sends it. */
export interface Credentials {
  /** The token of `Bearer`, the password of `Basic`, or that of a session. */
  readonly token: string | undefined;
  /** Header of the request by its name in lower case; undefined where it came more than once, so that nobody adds to what a proxy says. */
  readonly header: (name: string) => string | undefined;
}

/** Finds out who calls. */
export interface Authenticator {
  /** Tokens mean nothing to it, so that none is a wrong one. */
  readonly ignoresTokens?: boolean | undefined;
  /** Throws `unauthorized` when the credentials are missing, wrong or over, `auth_unavailable` when that cannot be told. */
  identify(credentials: Credentials): Promise<Caller>;
}

export function includesNamespace(scope: NamespaceScope, namespace: string | undefined): boolean {
  return scope === 'all' || (namespace !== undefined && scope.has(namespace));
}

/**
 * Without authentication whoever reaches the listener may do everything but snap pods that nobody opted in: for that one must have
 * proved who one is.
 */
export const anybody: Caller = {
  name: undefined,
  isProven: false,
  may: async (permission) => permission !== 'snapAny',
  scopeOf: async (permission) => (permission === 'snapAny' ? new Set() : 'all'),
};
