import type { ProcessFloors } from '../../store/growth-store.ts';
import { bucketsPerHour, rateBuckets } from './options.ts';

/** Hours kept: a day, the three that are compared and the one that is open. */
const hours = 30;

/** Rates of one function, or of the whole (''), averaged over processes. */
export class RateRing {
  readonly name: string;
  /** Bytes per second by bucket, NaN for a gap. */
  readonly #rates = new Float32Array(rateBuckets).fill(Number.NaN);
  readonly #hourSum = new Float64Array(hours);
  readonly #hourCount = new Uint8Array(hours);
  /** The newest bucket, and the newest with a rate. */
  bucket = -1;
  present = -1;

  constructor(name: string) {
    this.name = name;
  }

  put(bucket: number, rate: number): void {
    this.advance(bucket);
    this.#rates[bucket % rateBuckets] = rate;
    const hour = Math.floor(bucket / bucketsPerHour) % hours;
    this.#hourSum[hour] = (this.#hourSum[hour] ?? 0) + rate;
    this.#hourCount[hour] = (this.#hourCount[hour] ?? 0) + 1;
  }

  advance(bucket: number): void {
    const from = this.bucket;
    if (bucket <= from) return;
    this.bucket = bucket;
    if (from < 0) return;
    for (let i = 0; i < Math.min(rateBuckets, bucket - from); i++) this.#rates[(bucket - i) % rateBuckets] = Number.NaN;
    const newest = Math.floor(bucket / bucketsPerHour);
    for (let i = 0; i < Math.min(hours, newest - Math.floor(from / bucketsPerHour)); i++) {
      this.#hourSum[(newest - i) % hours] = 0;
      this.#hourCount[(newest - i) % hours] = 0;
    }
  }

  /** The rate `back` buckets before the newest. */
  rate(back: number): number {
    const place = this.bucket - back;
    return place < 0 || back >= rateBuckets ? Number.NaN : (this.#rates[place % rateBuckets] ?? Number.NaN);
  }

  /** The mean of the hour `back` before the newest, which may be open; NaN of fewer than four buckets. */
  hour(back: number): number {
    const place = Math.floor(this.bucket / bucketsPerHour) - back;
    if (place < 0 || back >= hours) return Number.NaN;
    const count = this.#hourCount[place % hours] ?? 0;
    return count < 4 ? Number.NaN : (this.#hourSum[place % hours] ?? 0) / count;
  }
}

/** What is allocated by the processes of one revision, or of all: per function the mean rate of a process. */
export class RateBook {
  readonly functions = new Map<string, RateRing>();
  readonly whole = new RateRing('');
  /** What the functions that are not followed allocate together: the most that one of them can. */
  readonly rest = new RateRing('');
  /** The first and the newest bucket with a rate. */
  first = -1;
  seen = -1;

  take(bucket: number, processes: readonly ProcessFloors[]): void {
    const sum = sumsOf(processes);
    if (sum.seconds > 0) {
      if (this.first < 0) this.first = bucket;
      this.seen = bucket;
      this.whole.put(bucket, sum.bytes / sum.seconds);
      this.rest.put(bucket, sum.rest / sum.seconds);
      for (const [id, { name, bytes, without }] of sum.functions) {
        let ring = this.functions.get(id);
        if (!ring) this.functions.set(id, (ring = new RateRing(name)));
        ring.put(bucket, (bytes + (sum.rest - without)) / sum.seconds);
        ring.present = bucket;
      }
    }
    this.#advance(bucket);
  }

  /** Goes on to a bucket; forgets functions that have no rate in any that is kept. */
  #advance(bucket: number): void {
    this.whole.advance(bucket);
    this.rest.advance(bucket);
    for (const [id, ring] of this.functions) {
      ring.advance(bucket);
      if (bucket - ring.present > forgotten) this.functions.delete(id);
    }
  }
}

/** Buckets after which no kept rate is left. */
const forgotten = hours * bucketsPerHour;

interface Sums {
  bytes: number;
  seconds: number;
  rest: number;
  /** `without`: the rest of those processes that follow the function; of the others it may be in their rest. */
  readonly functions: Map<string, { readonly name: string; bytes: number; without: number }>;
}

function sumsOf(processes: readonly ProcessFloors[]): Sums {
  const sum: Sums = { bytes: 0, seconds: 0, rest: 0, functions: new Map() };
  for (const { heap, functions } of processes) {
    if (!heap || !(heap.allocMs > 0) || !(heap.allocBytes >= 0) || !Number.isFinite(heap.allocMs + heap.allocBytes))
      continue;
    const known = functions.filter(({ allocBytes }) => allocBytes >= 0 && Number.isFinite(allocBytes));
    const rest = Math.max(0, heap.allocBytes - known.reduce((total, { allocBytes }) => total + allocBytes, 0));
    sum.bytes += heap.allocBytes;
    sum.seconds += heap.allocMs / 1000;
    sum.rest += rest;
    for (const { id, name, allocBytes } of known) {
      const entry = sum.functions.get(id);
      if (entry) {
        entry.bytes += allocBytes;
        entry.without += rest;
      } else sum.functions.set(id, { name, bytes: allocBytes, without: rest });
    }
  }
  return sum;
}
