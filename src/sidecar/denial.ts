import type { KubernetesError } from '../kubernetes/errors.ts';
import { cleanMessage } from '../model/clean-text.ts';
import type { Bytes } from '../model/units.ts';

/** What a refused injection means. */
export interface Denial {
  readonly kind: 'conflict' | 'replaced' | 'rights' | 'unsupported' | 'denied' | 'unavailable';
  /** The server's words, cleaned and cut. */
  readonly message: string;
}

const maxMessage: Bytes = 400;

/**
 * Reads the error of a PATCH of pods/ephemeralcontainers. Authorisation and admission both answer 403, and policies also
 * 400 and 422, so the words decide; what is not known is taken for a denial, for trying it again at once does not help.
 */
export function readDenial(error: KubernetesError): Denial {
  const message = cleanMessage(error.message, maxMessage);
  return { kind: kindOf(error), message };
}

function kindOf({ kind, message }: KubernetesError): Denial['kind'] {
  if (kind === 'conflict') return 'conflict';
  if (kind === 'not-found') return /^pods? "/.test(message) ? 'replaced' : 'unsupported';
  // 1.36 refuses a verb with an empty reason.
  if (kind === 'forbidden') return /cannot \w+ resource|is forbidden: *$/.test(message) ? 'rights' : 'denied';
  if (kind !== 'invalid') return 'unavailable';
  if (/metadata\.uid/.test(message)) return 'replaced';
  if (/static pods? do(es)? not support/i.test(message)) return 'unsupported';
  if (/may not be (changed|removed)|Duplicate value/.test(message)) return 'conflict';
  return 'denied';
}
