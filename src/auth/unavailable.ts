import { capabilityRights } from '../kubernetes/capabilities.ts';
import { KubernetesError } from '../kubernetes/errors.ts';
import { grantHint } from '../kubernetes/rbac-rule.ts';
import { FlameherdError, messageOf } from '../model/errors.ts';

/** What a review that failed means for who calls. What is no failure of a review stays what it is. */
export function unavailable(what: string, error: unknown): unknown {
  if (!(error instanceof KubernetesError)) return error;
  return new FlameherdError('auth_unavailable', `${what} cannot be told: ${messageOf(error)}`, {
    hint: hintOf(error),
    cause: error,
  });
}

function hintOf({ kind }: KubernetesError): string {
  if (kind === 'forbidden')
    return `${capabilityRights('auth', undefined).map(grantHint).join('\n')}\nor apply deploy/rbac/auth.yaml`;
  if (kind === 'unauthorized') return "the API server does not accept flameherd's own credentials; see its log";
  return 'send it again in a moment; flameherd doctor says whether the API server is reached';
}
