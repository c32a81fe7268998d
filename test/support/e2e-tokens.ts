import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { kubectl } from './kubectl.ts';

const keyFile = process.env['E2E_SERVICE_ACCOUNT_KEY'];

/** Why tests of tokens that are over are left out, or false: the API server gives none, so they are signed here. */
export const withoutKey: string | false = keyFile
  ? false
  : 'E2E_SERVICE_ACCOUNT_KEY names no key that the cluster signs tokens with: test/e2e/README.md';

/** A token of a ServiceAccount, for us, unless another audience is given; empty: for the API server itself. */
export async function tokenOf(namespace: string, serviceAccount: string, audience = 'flameherd'): Promise<string> {
  const wanted = audience === '' ? [] : ['--audience', audience];
  return (await kubectl('-n', namespace, 'create', 'token', serviceAccount, '--duration=1h', ...wanted)).trim();
}

/** The same token, signed again as one that ends at another time. */
export function endingAt(token: string, endMs: number): string {
  if (!keyFile) throw new Error(String(withoutKey));
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
  const exp = Math.floor(endMs / 1000);
  const key = createPrivateKey(readFileSync(keyFile));
  const alg = key.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256';
  const parts = [{ alg }, { ...claims, exp, iat: exp - 3600, nbf: exp - 3600 }];
  const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}
