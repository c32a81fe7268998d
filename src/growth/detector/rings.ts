import {
  bucketsPerHalf,
  bucketsPerWatch,
  longestWindow,
  longFloors,
  rateBuckets,
  shortFloors,
  weekFloors,
} from './options.ts';

/** Where each kind of floor begins in the row of a series. */
const longAt = shortFloors;
const weekAt = longAt + longFloors;
const rateAt = weekAt + weekFloors;
const stride = rateAt + rateBuckets;

/** What is read from a ring: values and their places, oldest first, without gaps. Places count from the window's left edge. */
export class Window {
  readonly v = new Float64Array(longestWindow);
  readonly k = new Float64Array(longestWindow);
  n = 0;

  /** Place of the left edge, in units of the ring. */
  from = 0;
}

/**
 * The floors of all series of one process, on one grid:
 *
 *     per bucket  ▁▂▂▃ 36    newest 6 h
 *     per 30 min  ▁▂▃▄ 120   newest 60 h, each the least of its buckets
 *     per 4 h     ▁▃▅▆ 44    newest 7 d, likewise
 *     rate        ▂▂▂▂ 48    of allocation, newest 8 h
 *
 * A bucket without profiles is a gap (NaN). A row is 248 numbers of 4 bytes, 992 bytes; a floor is kept to 1 part in 16 million.
 */
export class FloorRings {
  #values = new Float32Array(stride * 4);
  #rows = 0;
  readonly #free: number[] = [];
  /** The newest bucket; -1 before the first. */
  bucket = -1;

  /** A new series, all gaps. */
  add(): number {
    const row = this.#free.pop() ?? this.#rows++;
    if ((row + 1) * stride > this.#values.length) {
      const larger = new Float32Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values.fill(Number.NaN, row * stride, (row + 1) * stride);
    return row;
  }

  /** A new series that before now held what another did, but never more than `atMost`. */
  addLike(other: number, atMost: number): number {
    const row = this.add();
    const values = this.#values;
    for (let i = 0; i < stride; i++) {
      const x = values[other * stride + i] ?? Number.NaN;
      values[row * stride + i] = i < rateAt ? Math.min(x, atMost) : x;
    }
    return row;
  }

  remove(row: number): void {
    this.#free.push(row);
  }

  /** Goes on to a later bucket: what lies between is a gap of every series. */
  advance(bucket: number): void {
    const from = this.bucket;
    this.bucket = bucket;
    if (from < 0) return;
    this.#clear(0, shortFloors, from, bucket);
    this.#clear(rateAt, rateBuckets, from, bucket);
    this.#clear(longAt, longFloors, Math.floor(from / bucketsPerHalf), Math.floor(bucket / bucketsPerHalf));
    this.#clear(weekAt, weekFloors, Math.floor(from / bucketsPerWatch), Math.floor(bucket / bucketsPerWatch));
  }

  #clear(at: number, length: number, from: number, to: number): void {
    const places = Math.min(length, to - from);
    for (let i = 0; i < places; i++) {
      const slot = at + ((to - i) % length);
      for (let row = 0; row < this.#rows; row++) this.#values[row * stride + slot] = Number.NaN;
    }
  }

  /** The floor of the newest bucket. */
  put(row: number, floor: number): void {
    const base = row * stride;
    this.#values[base + (this.bucket % shortFloors)] = floor;
    this.#lower(base + longAt + (Math.floor(this.bucket / bucketsPerHalf) % longFloors), floor);
    this.#lower(base + weekAt + (Math.floor(this.bucket / bucketsPerWatch) % weekFloors), floor);
  }

  #lower(at: number, floor: number): void {
    const known = this.#values[at] ?? Number.NaN;
    if (!(known <= floor)) this.#values[at] = floor;
  }

  /** The rate of allocation in the newest bucket. */
  putRate(row: number, rate: number): void {
    this.#values[row * stride + rateAt + (this.bucket % rateBuckets)] = rate;
  }

  /** The newest `n` bucket floors. */
  short(row: number, n: number, out: Window): Window {
    return this.#read(row * stride, shortFloors, this.bucket, n, out);
  }

  /** The newest `n` half-hours, the open one among them. */
  long(row: number, n: number, out: Window): Window {
    return this.#read(row * stride + longAt, longFloors, Math.floor(this.bucket / bucketsPerHalf), n, out);
  }

  /** The newest `n` half-hours that are over. */
  longOver(row: number, n: number, out: Window): Window {
    return this.#read(row * stride + longAt, longFloors, Math.floor(this.bucket / bucketsPerHalf) - 1, n, out);
  }

  /** The newest `n` watches of 4 h that are over. */
  week(row: number, n: number, out: Window): Window {
    return this.#read(row * stride + weekAt, weekFloors, Math.floor(this.bucket / bucketsPerWatch) - 1, n, out);
  }

  rates(row: number, n: number, out: Window): Window {
    return this.#read(row * stride + rateAt, rateBuckets, this.bucket, n, out);
  }

  /** The rate of the bucket `back` before the newest; NaN for a gap. */
  rate(row: number, back: number): number {
    const place = this.bucket - back;
    if (place < 0 || back >= rateBuckets) return Number.NaN;
    return this.#values[row * stride + rateAt + (place % rateBuckets)] ?? Number.NaN;
  }

  /** The floor of the half-hour `back` before the newest one; NaN for a gap. */
  half(row: number, back: number): number {
    const place = Math.floor(this.bucket / bucketsPerHalf) - back;
    if (place < 0 || back >= longFloors) return Number.NaN;
    return this.#values[row * stride + longAt + (place % longFloors)] ?? Number.NaN;
  }

  /** Floors known of the newest 6 h. */
  known(row: number): number {
    let n = 0;
    for (let i = 0; i < shortFloors; i++) {
      const x = this.#values[row * stride + i] ?? Number.NaN;
      if (x === x) n++;
    }
    return n;
  }

  /** The least of the newest `n` buckets; NaN if all are gaps. */
  recent(row: number, n: number): number {
    let x = Number.NaN;
    for (let i = 0; i < Math.min(n, this.bucket + 1); i++) {
      const y = this.#values[row * stride + ((this.bucket - i) % shortFloors)] ?? Number.NaN;
      if (!(x <= y) && y === y) x = y;
    }
    return x;
  }

  #read(base: number, length: number, newest: number, n: number, out: Window): Window {
    const from = newest - n + 1;
    const values = this.#values;
    out.from = from;
    out.n = 0;
    let slot = ((from % length) + length) % length;
    for (let i = 0; i < n; i++) {
      const x = values[base + slot] ?? Number.NaN;
      if (x === x) {
        out.v[out.n] = x;
        out.k[out.n++] = i;
      }
      if (++slot === length) slot = 0;
    }
    return out;
  }
}
