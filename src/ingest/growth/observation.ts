import type { SeriesIdentity } from '../../model/series.ts';
import type { Bytes, DurationMs, UnixMs } from '../../model/units.ts';

/** What is learnt of a profile besides its samples, once it is stored. The columns are the batch's: copy what must live longer. */
export type ProfileObservation = HeapObservation | CpuObservation | CountObservation | ResetObservation;

export interface ObservedProfile {
  readonly partition: string;
  readonly series: SeriesIdentity;
  readonly stampMs: UnixMs;
  readonly intervalMs: DurationMs;
  /** What increases cover, or the length of a profile of a stretch of time; 0 for what only seeds. */
  readonly spanMs: DurationMs;
  /** Counters fell: the process began anew, without its identity saying so. */
  readonly isReset: boolean;
}

/** Columns by function: those that have any value, each once, by their numbers in the workload. They add up to the profile. */
export interface FunctionColumns<Name extends string> {
  readonly numbers: Int32Array;
  /** Absent where the profile has no such type. */
  readonly columns: Readonly<Record<Name, Float64Array | undefined>>;
  readonly totals: Readonly<Record<Name, number>>;
}

export const heapColumns = ['inuse_space', 'inuse_objects', 'alloc_space', 'alloc_objects'] as const;
export type HeapColumn = (typeof heapColumns)[number];

export interface HeapObservation extends ObservedProfile, FunctionColumns<HeapColumn> {
  readonly kind: 'heap';
  readonly period: Bytes;
}

/** `cpu` in seconds. */
export interface CpuObservation extends ObservedProfile, FunctionColumns<'cpu'> {
  readonly kind: 'cpu';
}

/** So many goroutines, or so many that are leaked. */
export interface CountObservation extends ObservedProfile {
  readonly kind: 'goroutine' | 'goroutineleak';
  readonly total: number;
}

/** Of another kind, whose counters fell. */
export interface ResetObservation extends ObservedProfile {
  readonly kind: 'reset';
}
