import { type DurationMs, day, hour, minute, second } from './units.ts';

/** What a duration looks like, for messages: "interval: expected …". */
export const durationForm = 'a duration such as 90s, 1h30m, 500ms or 2d';

const units: readonly (readonly [name: string, ms: DurationMs])[] = [
  ['w', 7 * day],
  ['d', day],
  ['h', hour],
  ['m', minute],
  ['s', second],
  ['ms', 1],
];

const part = /(\d{1,15})(?:\.(\d{1,9}))?(ms|[wdhms])/y;

/**
 * Reads `90s`, `1h30m`, `1.5h`, `500ms`, `2d`: numbers with a unit (`w d h m s ms`), largest unit first, each at most once;
 * `0` needs none. No sign, no blanks. Undefined when it is anything else, or no whole number of milliseconds, or beyond 2^53.
 */
export function parseDuration(text: string): DurationMs | undefined {
  if (text === '0') return 0;
  let total = 0;
  let lastUnit = -1;
  for (let at = 0; at < text.length; at = part.lastIndex) {
    part.lastIndex = at;
    const [, whole = '', fraction = '', name] = part.exec(text) ?? [];
    const unit = units.findIndex(([unitName]) => unitName === name);
    if (unit <= lastUnit) return undefined;
    lastUnit = unit;
    const length = inMs(whole, fraction, units[unit]?.[1] ?? 0);
    if (length === undefined) return undefined;
    total += length;
  }
  return lastUnit >= 0 && Number.isSafeInteger(total) ? total : undefined;
}

/** Writes what `parseDuration` reads back: `1h30m`, `500ms`, `2d`, `0s`. Rounded to whole milliseconds; a minus for negatives. */
export function formatDuration(ms: DurationMs): string {
  let rest = Math.round(Math.abs(ms));
  if (rest === 0) return '0s';
  let text = ms < 0 ? '-' : '';
  for (const [name, length] of units) {
    if (name === 'w' || rest < length) continue;
    text += `${Math.floor(rest / length)}${name}`;
    rest %= length;
  }
  return text;
}

/** In whole numbers throughout, so that `0.1s` is exactly 100. */
function inMs(whole: string, fraction: string, unitMs: number): DurationMs | undefined {
  const scale = 10n ** BigInt(fraction.length);
  const scaled = BigInt(whole + fraction) * BigInt(unitMs);
  return scaled % scale === 0n ? Number(scaled / scale) : undefined;
}
