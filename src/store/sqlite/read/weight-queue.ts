/** Buckets in which the weight doubles. */
const bucketsPerOctave = 8;
/** 128 octaves: all that weigh less are in the last one. */
const buckets = 128 * bucketsPerOctave;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
/** The half of a double with its exponent. */
const highWord = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;

/**
 * Places of a tree that wait to be looked at, heaviest first; what differs by less than an eighth comes in any order, so that
 * nothing need be sorted. No place may be added that weighs more than the one taken last.
 */
export class WeightQueue {
  readonly #firstBucket: number;
  /** The first place of each bucket, + 1; then `#next` of each place. */
  readonly #first = new Int32Array(buckets);
  readonly #next: number[] = [];
  readonly #heads: number[] = [];
  readonly #parents: number[] = [];
  #bucket = 0;
  /** Of the place that was taken last. */
  head = 0;
  parent = 0;

  constructor(largestWeight: number) {
    this.#firstBucket = bucketOf(largestWeight);
  }

  add(head: number, parent: number, weight: number): void {
    const place = this.#heads.push(head);
    this.#parents.push(parent);
    // Sums of weights are rounded: a child may seem to weigh more than its parent.
    const bucket = Math.max(this.#bucket, Math.min(this.#firstBucket - bucketOf(weight), buckets - 1));
    this.#next.push(this.#first[bucket] as number);
    this.#first[bucket] = place;
  }

  /** Takes one of the heaviest into `head` and `parent`; false when none waits, or only lighter ones and `mayBeLighter` is false. */
  take(mayBeLighter: boolean): boolean {
    while (this.#first[this.#bucket] === 0) {
      if (!mayBeLighter || this.#bucket === buckets - 1) return false;
      this.#bucket++;
    }
    const place = (this.#first[this.#bucket] as number) - 1;
    this.#first[this.#bucket] = this.#next[place] as number;
    this.head = this.#heads[place] as number;
    this.parent = this.#parents[place] as number;
    return true;
  }

  /** The heads of all that still wait. */
  *waiting(): Generator<number> {
    for (let bucket = this.#bucket; bucket < buckets; bucket++) {
      for (let place = this.#first[bucket] as number; place !== 0; place = this.#next[place - 1] as number) {
        yield this.#heads[place - 1] as number;
      }
    }
  }
}

/** The exponent of a double and the first bits behind its point. */
function bucketOf(weight: number): number {
  double[0] = weight;
  return (words[highWord] as number) >>> 17;
}
