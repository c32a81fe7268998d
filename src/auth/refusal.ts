import { FlameherdError } from '../model/errors.ts';
import type { AuthEvents, RefusalReason } from './auth-events.ts';
import type { Authenticator, Caller } from './caller.ts';

/** An `unauthorized`, with what it is counted as. */
export class Refusal extends FlameherdError {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string, options: { readonly hint: string }) {
    super('unauthorized', message, options);
    this.reason = reason;
  }
}

/** The same authenticator; who is not let in, or cannot be, is counted by the reason. */
export function countRefusals(authenticator: Authenticator, events: Pick<AuthEvents, 'refused'>): Authenticator {
  async function counted<T>(asked: Promise<T>): Promise<T> {
    try {
      return await asked;
    } catch (error) {
      const reason = reasonOf(error);
      if (reason) events.refused(reason);
      throw error;
    }
  }
  return {
    ignoresTokens: authenticator.ignoresTokens,
    async identify(credentials) {
      const caller = await counted(authenticator.identify(credentials));
      return {
        name: caller.name,
        isProven: caller.isProven,
        may: (permission, namespace) => counted(caller.may(permission, namespace)),
        scopeOf: (permission) => counted(caller.scopeOf(permission)),
      } satisfies Caller;
    },
  };
}

function reasonOf(error: unknown): RefusalReason | undefined {
  if (error instanceof Refusal) return error.reason;
  if (!(error instanceof FlameherdError)) return undefined;
  if (error.code === 'auth_unavailable') return 'unavailable';
  return error.code === 'busy' ? 'busy' : undefined;
}
