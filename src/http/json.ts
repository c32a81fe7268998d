import { formatTime } from '../model/time.ts';
import type { UnixMs } from '../model/units.ts';

/** `JSON.rawJSON`, which the language's types do not know yet. */
const { rawJSON } = JSON as typeof JSON & { readonly rawJSON: (text: string) => unknown };

/** JSON where an int64 is an integer with all its digits. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? rawJSON(part.toString()) : part));
}

/** A moment under two names: `lastScrape` in RFC 3339 and `lastScrapeMs`; null when there is none. */
export function moment<Name extends string>(
  name: Name,
  ms: UnixMs | undefined,
): Record<Name, string | null> & Record<`${Name}Ms`, number | null> {
  return { [name]: ms === undefined ? null : formatTime(ms), [`${name}Ms`]: ms ?? null } as ReturnType<
    typeof moment<Name>
  >;
}
