import { createHash } from 'node:crypto';

/** SHA-256 of a text: what is kept, compared and looked up in place of something secret. */
export function sha256Of(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
