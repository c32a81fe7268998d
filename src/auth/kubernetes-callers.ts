import type { Authenticator } from './caller.ts';
import type { RbacDecisions } from './rbac-decisions.ts';
import { Refusal } from './refusal.ts';
import type { TokenReviews } from './token-reviews.ts';

/** `auth.mode: kubernetes`: the API server says whose a token is, and its RBAC what they may do in which namespace. */
export function kubernetesCallers(
  tokens: Pick<TokenReviews, 'userOf'>,
  access: Pick<RbacDecisions, 'callerOf'>,
): Authenticator {
  return {
    async identify({ token }) {
      if (token !== undefined && token !== '') return access.callerOf(await tokens.userOf(token));
      throw new Refusal('no_credentials', 'a token of the cluster is needed', {
        hint: 'send Authorization: Bearer TOKEN, with a token of kubectl create token NAME --audience flameherd; docs/AUTH.md tells more',
      });
    },
  };
}
