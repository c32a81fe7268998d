import type { UnixMs } from '../model/units.ts';

/**
 * When a JWT says that it ends; undefined for anything else. Nothing is verified: it may only shorten how long an answer about
 * this very token is kept.
 */
export function tokenExpiry(token: string): UnixMs | undefined {
  const [, payload, signature, ...more] = token.split('.');
  if (payload === undefined || signature === undefined || more.length > 0) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const { exp } = (claims ?? {}) as { readonly exp?: unknown };
    return typeof exp === 'number' && Number.isFinite(exp) ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
