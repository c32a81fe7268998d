import { parseDuration } from './duration.ts';
import { FlameherdError } from './errors.ts';
import type { UnixMs } from './units.ts';

/** The moments a `Date` can hold: up to the year 275760. */
const latestMs: UnixMs = 8.64e15;

/** Decimal digits of a nanosecond count by the magnitude of a Unix time: 1e11 s is the year 5138, 1e11 ms is 1973. */
const magnitudes: readonly (readonly [below: bigint, nanosDigits: number])[] = [
  [10n ** 11n, 9],
  [10n ** 14n, 6],
  [10n ** 17n, 3],
  [10n ** 20n, 0],
];

const unixTime = /^(\d{1,20})(?:\.(\d+))?$/;
const relativeTime = /^now(?:([+-])(.+))?$/;
const rfc3339 = /^(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

const allowed = 'RFC 3339 (2026-03-01T12:00:00Z), Unix time in s, ms, µs or ns, now, or now-90m';

/**
 * Reads a moment: RFC 3339, Unix time in s, ms, µs or ns (told apart by its size), `now`, `now-90m`. What is finer than a
 * millisecond is rounded up, so that `[from, to)` selects the same stamps. Throws `bad_time`, which names the parameter.
 */
export function parseTime(parameter: string, text: string, nowMs: UnixMs): UnixMs {
  const ms = parseUnixTime(text) ?? parseRelative(text, nowMs) ?? parseRfc3339(text);
  if (ms !== undefined && ms >= 0 && ms <= latestMs) return ms;
  throw new FlameherdError('bad_time', `${parameter}: ${JSON.stringify(text)} is no time; allowed are ${allowed}`, {
    hint: hintFor(text),
  });
}

/** RFC 3339 in UTC with milliseconds: `2026-03-01T12:00:00.000Z`. */
export function formatTime(ms: UnixMs): string {
  return new Date(ms).toISOString();
}

function parseUnixTime(text: string): UnixMs | undefined {
  const [, whole, fraction = ''] = unixTime.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const digits = magnitudes.find(([below]) => BigInt(whole) < below)?.[1];
  return digits === undefined ? undefined : ceilMs(whole, fraction, digits);
}

function parseRelative(text: string, nowMs: UnixMs): UnixMs | undefined {
  const [found, sign, offset] = relativeTime.exec(text) ?? [];
  if (found === undefined) return undefined;
  if (offset === undefined) return nowMs;
  const distanceMs = parseDuration(offset);
  return distanceMs === undefined ? undefined : nowMs + (sign === '-' ? -distanceMs : distanceMs);
}

function parseRfc3339(text: string): UnixMs | undefined {
  const found = rfc3339.exec(text);
  if (!found) return undefined;
  const [
    ,
    date = '',
    hours = '',
    minutes = '',
    seconds = '',
    fraction = '',
    sign,
    offsetHours = '0',
    offsetMinutes = '0',
  ] = found;
  const localMs = Date.parse(`${date}T${hours}:${minutes}:${seconds}Z`);
  // Date.parse lets 30 February and 24:00 run over into the next day; a calendar does not.
  if (Number.isNaN(localMs) || formatTime(localMs).slice(0, 13) !== `${date}T${hours}`) return undefined;
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return undefined;
  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000;
  return localMs + (ceilMs('0', fraction, 9) ?? 0) - (sign === '-' ? -offsetMs : offsetMs);
}

/** `whole.fraction` times 10^nanosDigits nanoseconds, rounded up to milliseconds. Whole numbers throughout: no 0.1 + 0.2. */
function ceilMs(whole: string, fraction: string, nanosDigits: number): UnixMs {
  const nanos = BigInt(whole + fraction.slice(0, nanosDigits).padEnd(nanosDigits, '0'));
  const finer = /[1-9]/.test(fraction.slice(nanosDigits)) ? 1n : 0n;
  return Number((nanos + finer + 999_999n) / 1_000_000n);
}

function hintFor(text: string): string {
  if (/ \d/.test(text)) return 'a + in a URL means a blank: write it as %2B, or give the time in UTC with Z';
  if (/^\d{4}-\d\d-\d\d([Tt][\d:.]+)?$/.test(text)) return 'add the time of day and the offset: 2026-03-01T12:00:00Z';
  if (text.startsWith('now')) return 'after now comes - and a duration: now-90m, now-1h30m, now-2d';
  if (text.startsWith('-')) return 'for a time before now write now-1h';
  return 'a time of the day is written 2026-03-01T12:00:00Z, a time ago now-90m';
}
