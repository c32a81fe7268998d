import { createHash } from 'node:crypto';

/**
 * The id of a function over builds and collectors: 16 hex digits of the SHA-256 of its compared name and its module. Safe in
 * URLs and labels, as names are not.
 */
export function functionId(name: string, module: string): string {
  return createHash('sha256').update(`${module}\n${name}`).digest('hex').slice(0, 16);
}
