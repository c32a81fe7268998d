import type { Authenticator } from './caller.ts';
import { Refusal } from './refusal.ts';
import { callerOfRole } from './role-caller.ts';
import type { TokenFile } from './token-file.ts';

/** `auth.mode: token`: each token has a role, which holds in all namespaces. */
export function tokenCallers(tokens: Pick<TokenFile, 'find'>): Authenticator {
  return {
    async identify({ token }) {
      const known = token === undefined ? undefined : await tokens.find(token);
      if (known) return callerOfRole(known.role, known.name || `a token with the role ${known.role}`);
      const hint =
        'send Authorization: Bearer TOKEN, or http://flameherd:TOKEN@HOST/… where only that is possible (go tool pprof)';
      if (token === undefined) throw new Refusal('no_credentials', 'a token is needed', { hint });
      throw new Refusal('bad_credentials', 'the token is not known', { hint });
    },
  };
}
