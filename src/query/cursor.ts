import { FlameherdError } from '../model/errors.ts';
import type { JsonValue } from './json.ts';

/** An entry of a list with the key that it is sorted and continued by. */
export interface PageEntry {
  readonly key: string;
  readonly value: JsonValue;
}

export interface Page {
  readonly entries: readonly PageEntry[];
  readonly hasNext: boolean;
}

/** The entries after the cursor, sorted by key in code-unit order. Keys are distinct. */
export function pageOf(all: readonly PageEntry[], limit: number, cursor: string | undefined): Page {
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  const sorted = all.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const rest = after === undefined ? sorted : sorted.filter(({ key }) => key > after);
  return { entries: rest.slice(0, limit), hasNext: rest.length > limit };
}

/** Clients pass a cursor back as it came, so its form may change. */
export function encodeCursor(key: string): string {
  return Buffer.from(key, 'utf8').toString('base64url');
}

/** Throws `bad_parameter` for what is no cursor. */
export function decodeCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString('utf8');
  if (cursor !== '' && encodeCursor(key) === cursor) return key;
  throw new FlameherdError('bad_parameter', `cursor: ${JSON.stringify(cursor)} is none of ours`, {
    hint: 'pass on nextCursor of the page before, as it stands; leave it out for the first page',
  });
}
