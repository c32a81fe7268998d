import { formatTime } from '../model/time.ts';
import type { TimeWindow } from '../model/units.ts';
import type { Coverage } from '../store/profile-store.ts';
import { shortDecimal } from './decimal.ts';
import type { JsonText, JsonValue } from './json.ts';

/** What an answer says of itself besides its coverage (API.md, "meta"). */
export interface AnswerNotes {
  /** `sum`, `rate`, or how gauges were brought together over time; null where nothing tells. */
  readonly aggregation: string | null;
  /** Part of the total, 0 to 1, that stands in folded nodes or left-out rows. */
  readonly foldedShare: number;
  /** Sums in a merge: which part, 0 to 1, of the time that processes ran was profiled. */
  readonly profiledShare?: number | undefined;
  readonly warnings: readonly string[];
  /** Of a part of a flame graph: the total of the whole. */
  readonly rootTotal?: JsonText | undefined;
  /** For an empty answer: what exists nearby. */
  readonly hint?: string | undefined;
}

/** `meta` as JSON. */
export function metaOf(coverage: Coverage, notes: AnswerNotes): JsonValue {
  return {
    profiles: coverage.profiles,
    processes: coverage.processes,
    observedSeconds: coverage.observedSeconds,
    profiledSeconds: coverage.profiledSeconds,
    processSeconds: coverage.processSeconds,
    profiledShare: notes.profiledShare === undefined ? undefined : shortDecimal(notes.profiledShare),
    ...windowMembers(coverage.window),
    resolution: coverage.resolution,
    aggregation: notes.aggregation,
    foldedShare: shortDecimal(notes.foldedShare),
    rootTotal: notes.rootTotal,
    trimmed: coverage.trimmed,
    warnings: [...notes.warnings, ...coverage.warnings],
    partial: coverage.partial,
    hint: notes.hint,
  };
}

/** A window as answers write it: RFC 3339 and milliseconds. */
export function windowMembers({ fromMs, toMs }: TimeWindow): { readonly [name: string]: JsonValue } {
  return { from: formatTime(fromMs), to: formatTime(toMs), fromMs, toMs };
}

/** Which part, 0 to 1, of the time that processes ran was profiled; undefined where none ran. */
export function profiledShareOf({ profiledSeconds, processSeconds }: Coverage): number | undefined {
  return processSeconds === 0 ? undefined : Math.min(1, profiledSeconds / processSeconds);
}

/**
 * A sentence where profiles cover only a part of the time that processes ran: `profiled 10 of 60 process-seconds (17 %)`.
 * Undefined where they cover it all.
 */
export function sampledShare({ profiledSeconds, processSeconds }: Coverage): string | undefined {
  if (processSeconds <= 0 || profiledSeconds >= 0.99 * processSeconds) return undefined;
  const percent = Number(((100 * profiledSeconds) / processSeconds).toPrecision(2));
  return `profiled ${round(profiledSeconds)} of ${round(processSeconds)} process-seconds (${percent} %): values are as measured, not scaled up`;
}

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
