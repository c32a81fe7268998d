import type { Bytes, DurationMs, UnixMs } from '../../model/units.ts';
import type { HeapObservation } from './observation.ts';
import { otherNumber } from './workload-functions.ts';

/** The last heap of a process: 10 bytes for each function in it, and a quarter more for room. */
export class HeldHeap {
  stampMs: UnixMs = 0;
  intervalMs: DurationMs = 0;
  bytes: Bytes = 0;
  objects = 0;
  count = 0;
  numbers = new Uint16Array(0);
  values = new Float64Array(0);

  /** Does nothing where a later one is held. */
  take({ stampMs, intervalMs, numbers, columns, totals }: HeapObservation): void {
    if (stampMs < this.stampMs) return;
    this.stampMs = stampMs;
    this.intervalMs = intervalMs;
    this.bytes = totals.inuse_space;
    this.objects = totals.inuse_objects;
    if (numbers.length > this.numbers.length) {
      const room = Math.ceil(1.25 * numbers.length);
      this.numbers = new Uint16Array(room);
      this.values = new Float64Array(room);
    }
    const bytes = columns.inuse_space;
    let count = 0;
    for (let at = 0; at < numbers.length; at++) {
      const value = bytes?.[at] ?? 0;
      if (value === 0) continue;
      this.numbers[count] = numbers[at] as number;
      this.values[count++] = value;
    }
    this.count = count;
  }

  /** Adds what each function holds to its sum. */
  addTo(sums: Float64Array): void {
    for (let at = 0; at < this.count; at++) {
      const number = this.numbers[at] as number;
      sums[number] = (sums[number] as number) + (this.values[at] as number);
    }
  }

  renumber(numbers: Uint16Array): void {
    for (let at = 0; at < this.count; at++) this.numbers[at] = numbers[this.numbers[at] as number] ?? otherNumber;
  }

  markUsed(isUsed: Uint8Array): void {
    for (let at = 0; at < this.count; at++) isUsed[this.numbers[at] as number] = 1;
  }
}
