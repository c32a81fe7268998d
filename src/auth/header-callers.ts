import type { ReviewedUser } from '../kubernetes/reviews.ts';
import type { Authenticator, Caller, Credentials } from './caller.ts';
import type { ProxySecret } from './proxy-secret.ts';
import { Refusal } from './refusal.ts';

/** Names of headers in lower case. */
export interface HeaderNames {
  readonly user: string;
  readonly groups: string;
  readonly secret: string;
}

/**
 * `auth.mode: header`: who calls is what a proxy in front says, which proves itself by a secret; without it the headers mean
 * nothing. A token that comes beside them means nothing either.
 */
export function headerCallers(
  names: HeaderNames,
  secret: Pick<ProxySecret, 'is'>,
  callerOf: (user: ReviewedUser) => Caller,
): Authenticator {
  return {
    ignoresTokens: true,
    async identify({ header }) {
      if (!(await secret.is(header(names.secret) ?? ''))) {
        throw new Refusal('not_the_proxy', 'this did not come by way of the proxy that asks who you are', {
          hint: `come through the proxy; it proves itself by the header ${names.secret} (auth.header.secretFile)`,
        });
      }
      return callerOf(userOf(names, header));
    },
  };
}

function userOf(names: HeaderNames, header: Credentials['header']): ReviewedUser {
  const name = textOf(header(names.user)).trim();
  if (name === '') {
    throw new Refusal('no_credentials', `the proxy named nobody: the header ${names.user} is missing or empty`, {
      hint: 'does the proxy let people in who have not logged in? auth.header.user names the header',
    });
  }
  const groups = textOf(header(names.groups))
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '');
  for (const each of [name, ...groups]) refuseReserved(each);
  return { name, uid: '', groups: [...new Set(groups)], extra: {} };
}

/**
 * `system:masters` may do everything, and a ServiceAccount what it may: such names only the cluster gives. A proxy that tells one
 * has taken it from somewhere else.
 */
function refuseReserved(name: string): void {
  if (!name.startsWith('system:')) return;
  throw new Refusal(
    'reserved_name',
    `the proxy named ${JSON.stringify(name)}: names with system: are the cluster's own`,
    {
      hint: 'let the proxy leave such groups out, or put something before them',
    },
  );
}

/** Headers come as bytes, and proxies write UTF-8. */
function textOf(value: string | undefined): string {
  return Buffer.from(value ?? '', 'latin1').toString('utf8');
}
