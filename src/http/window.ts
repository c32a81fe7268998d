import { FlameherdError } from '../model/errors.ts';
import { formatTime, parseTime } from '../model/time.ts';
import { second, type TimeWindow, type UnixMs } from '../model/units.ts';
import { defaultWindowMs } from './bounds.ts';

/** The time parameters as they come, checked by `windowParameters` only. */
export interface WindowQuery {
  readonly from?: string;
  readonly to?: string;
  readonly start?: string;
  readonly end?: string;
  readonly seconds?: number;
}

/** Reads `[from, to)`: by default the last hour. Throws `bad_time` or `bad_parameter`, which name the parameter. */
export function readWindow(query: WindowQuery, nowMs: UnixMs): TimeWindow {
  refuseBoth(query, 'from', 'start');
  refuseBoth(query, 'to', 'end');
  refuseBoth(query, 'seconds', 'from');
  refuseBoth(query, 'seconds', 'start');
  const toMs = readTime(query, 'to', nowMs) ?? readTime(query, 'end', nowMs) ?? nowMs;
  const spanMs = query.seconds === undefined ? defaultWindowMs : query.seconds * second;
  const fromMs = readTime(query, 'from', nowMs) ?? readTime(query, 'start', nowMs) ?? Math.max(0, toMs - spanMs);
  if (fromMs >= toMs) {
    throw new FlameherdError('bad_time', `from: ${formatTime(fromMs)} is not before to: ${formatTime(toMs)}`, {
      hint: 'the window is [from, to): to is not included, and is now when it is not given',
    });
  }
  return { fromMs, toMs };
}

function readTime(query: WindowQuery, name: 'from' | 'to' | 'start' | 'end', nowMs: UnixMs): UnixMs | undefined {
  const given = query[name];
  return given === undefined ? undefined : parseTime(name, given, nowMs);
}

function refuseBoth(query: WindowQuery, one: keyof WindowQuery, other: keyof WindowQuery): void {
  if (query[one] === undefined || query[other] === undefined) return;
  throw new FlameherdError('bad_parameter', `${one}: cannot be given together with ${other}`, {
    hint: 'leave one of them out',
  });
}
