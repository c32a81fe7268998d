import { parseTime } from '../../model/time.ts';
import { type DurationMs, day, hour, minute, second, type TimeWindow, type UnixMs } from '../../model/units.ts';

/** Moments, windows and durations as people read them: in the time zone of the browser, on a clock of 24 hours. */

const dateParts = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const yearParts = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** `12:31`; with seconds where they count: `12:31:05`. */
export function clockText(ms: UnixMs, { seconds = false }: { readonly seconds?: boolean } = {}): string {
  const at = new Date(ms);
  const clock = `${twoDigits(at.getHours())}:${twoDigits(at.getMinutes())}`;
  return seconds ? `${clock}:${twoDigits(at.getSeconds())}` : clock;
}

/** `22 Nov`; `22 Nov 2025` in another year than `nowMs`. */
export function dateText(ms: UnixMs, nowMs: UnixMs = Date.now()): string {
  const isSameYear = new Date(ms).getFullYear() === new Date(nowMs).getFullYear();
  return (isSameYear ? dateParts : yearParts).format(ms);
}

/** `12:31` today, else `22 Nov, 12:31`. */
export function momentText(
  ms: UnixMs,
  { nowMs = Date.now(), seconds = false }: { readonly nowMs?: UnixMs; readonly seconds?: boolean } = {},
): string {
  const clock = clockText(ms, { seconds });
  return isSameDay(ms, nowMs) ? clock : `${dateText(ms, nowMs)}, ${clock}`;
}

/** `12:01–12:31`, `22 Nov, 23:30 – 23 Nov, 00:30`: the day once where it is the same, and not at all today. */
export function windowText({ fromMs, toMs }: TimeWindow, nowMs: UnixMs = Date.now()): string {
  const seconds = toMs - fromMs < 2 * minute;
  if (isSameDay(fromMs, toMs)) return `${momentText(fromMs, { nowMs, seconds })}–${clockText(toMs, { seconds })}`;
  return `${dateText(fromMs, nowMs)}, ${clockText(fromMs, { seconds })} – ${dateText(toMs, nowMs)}, ${clockText(toMs, { seconds })}`;
}

const lengths: readonly (readonly [unit: string, ms: DurationMs])[] = [
  ['d', day],
  ['h', hour],
  ['min', minute],
  ['s', second],
];

/** `45 s`, `30 min`, `1 h 5 min`, `3 d 2 h`: the two largest units; `320 ms` below a second. Never negative. */
export function durationText(ms: DurationMs): string {
  if (ms < second) return `${Math.max(0, Math.round(ms))} ms`;
  const whole = Math.round(ms / second) * second;
  const first = Math.max(
    0,
    lengths.findIndex(([, length]) => whole >= length),
  );
  const parts: string[] = [];
  let rest = whole;
  for (const [unit, length] of lengths.slice(first, first + 2)) {
    const count = Math.floor(rest / length);
    if (count > 0) parts.push(`${count} ${unit}`);
    rest -= count * length;
  }
  return parts.join(' ');
}

/** `now`, `12 s ago`, `3 h ago`, `in 20 s`: the largest unit alone. */
export function agoText(ms: UnixMs, nowMs: UnixMs = Date.now()): string {
  const distanceMs = Math.abs(nowMs - ms);
  if (distanceMs < second) return 'now';
  const [unit, length] = lengths.find(([, least]) => distanceMs >= least) ?? ['s', second];
  const text = `${Math.floor(distanceMs / length)} ${unit}`;
  return ms > nowMs ? `in ${text}` : `${text} ago`;
}

/** RFC 3339 in UTC, whole seconds where they are: for titles and URLs. */
export function isoText(ms: UnixMs): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

/** The window that `from` and `to` of a URL mean; the last hour where they are absent, undefined where they are none. */
export function readWindow(from: string | undefined, to: string | undefined, nowMs: UnixMs): TimeWindow | undefined {
  try {
    const toMs = to ? parseTime('to', to, nowMs) : nowMs;
    const fromMs = from ? parseTime('from', from, nowMs) : toMs - hour;
    return fromMs < toMs ? { fromMs, toMs } : undefined;
  } catch {
    return undefined;
  }
}

/** As `<input type="datetime-local" step="1">` has it: local, without a zone. */
export function inputText(ms: UnixMs): string {
  const at = new Date(ms);
  const date = [at.getFullYear(), twoDigits(at.getMonth() + 1), twoDigits(at.getDate())].join('-');
  return `${date}T${clockText(ms, { seconds: true })}`;
}

/** Reads what such an input holds; undefined while it is incomplete. */
export function readInput(text: string): UnixMs | undefined {
  const ms = /^\d{4,}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

export function isSameDay(ms: UnixMs, otherMs: UnixMs): boolean {
  return new Date(ms).toDateString() === new Date(otherMs).toDateString();
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
