import type { Bytes, DurationMs, UnixMs } from '../model/units.ts';

/** What one run of compaction did. All of it can be cloned. */
export interface CompactionReport {
  /** The hours whose profiles count as chunks from now on; of late profiles an hour may come again. */
  readonly hours: readonly CompactedHour[];
  /** Series and hours whose gauges were added up anew. */
  readonly restated: number;
  readonly rolledHours: number;
  readonly rolledDays: number;
  /** Hours with chunks that no roll-up holds yet. */
  readonly hoursToRoll: number;
  readonly cpuMs: DurationMs;
  /** What could not be done, and is tried again by the next run. */
  readonly failures: readonly CompactionFailure[];
  /** It ended before all was done, as it had run for long or was told to stop: another run goes on. */
  readonly isUnfinished: boolean;
}

export interface CompactedHour {
  readonly hourMs: UnixMs;
  /** The file that the chunks were made of. */
  readonly file: string;
  readonly profiles: number;
  /** Of that file, with its log. */
  readonly bytesBefore: Bytes;
  /** Of the chunks. */
  readonly bytesAfter: Bytes;
  /** From the first profile to the commit, rests included. */
  readonly durationMs: DurationMs;
}

export interface CompactionFailure {
  /** What was being done. */
  readonly doing: string;
  readonly message: string;
  readonly hint: string | undefined;
  /** The start of an hour whose detail turned out to be damaged. */
  readonly damagedHourMs: UnixMs | undefined;
}
