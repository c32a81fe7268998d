/** Milliseconds since the Unix epoch, on the collector's clock. */
export type UnixMs = number;
/** A length of time in milliseconds. */
export type DurationMs = number;
/** Whole seconds since the Unix epoch: the grid on which gauges are integrated over time. */
export type UnixSeconds = number;
/** A count of bytes. */
export type Bytes = number;

export const second: DurationMs = 1000;
export const minute: DurationMs = 60 * second;
export const hour: DurationMs = 60 * minute;
export const day: DurationMs = 24 * hour;

/** A half-open span of time `[fromMs, toMs)`. */
export interface TimeWindow {
  readonly fromMs: UnixMs;
  readonly toMs: UnixMs;
}
