import type { LabelSet } from '../../../model/labels.ts';
import type { Temporality } from '../../../model/profile-type.ts';
import type { UnixMs } from '../../../model/units.ts';
import type { SecondRange, SeriesTotals, TotalPoint } from '../../profile-store.ts';
import { unionOf, wholeSecond } from '../../standing.ts';

/** The totals of one line of the answer: of a series, or of a process's series in a group. */
export class TotalsLine {
  readonly labels: LabelSet;
  readonly processId: string;
  temporality: Temporality | undefined;
  readonly #stepMs: number;
  readonly #buckets: Bucket[] = [];

  constructor(labels: LabelSet, processId: string, stepMs: number) {
    this.labels = labels;
    this.processId = processId;
    this.#stepMs = stepMs;
  }

  /** Adds a profile that is stamped here, but not its gauges: they count for as long as they stand. */
  addProfile(stampMs: UnixMs, total: number | bigint, spanMs: number): void {
    const bucket = this.#bucketAt(stampMs);
    bucket.profiles++;
    if (this.temporality === 'gauge') return;
    addTimes(bucket, total, 1);
    bucket.coveredMs += spanMs;
  }

  /** Adds the seconds `[from, to)`, in which one snapshot stands. */
  addStanding(from: number, to: number, total: number | bigint): void {
    const stepMs = this.#stepMs;
    const isGauge = this.temporality === 'gauge';
    for (let since = from, index = Math.floor((from * 1000) / stepMs); since < to; index++) {
      const until = Math.min(to, wholeSecond((index + 1) * stepMs));
      if (until <= since) continue;
      const bucket = this.#bucketAt(index * stepMs);
      addRange(bucket, since, until);
      if (isGauge) {
        addTimes(bucket, total, until - since);
        bucket.coveredMs += 1000 * (until - since);
      }
      since = until;
    }
  }

  /** Adds what a roll-up holds of a process: all of it in the bucket that it begins in. */
  addRolled(startMs: UnixMs, rolled: RolledTotals): void {
    const bucket = this.#bucketAt(startMs);
    bucket.profiles += rolled.profiles;
    addTimes(bucket, rolled.total, 1);
    if (this.temporality !== 'gauge') bucket.coveredMs += rolled.spanMs;
    for (const { from, to } of rolled.observed) {
      addRange(bucket, from, to);
      if (this.temporality === 'gauge') bucket.coveredMs += 1000 * (to - from);
    }
  }

  /** Undefined when it has no profile of the type. */
  result(): SeriesTotals | undefined {
    const { labels, processId, temporality } = this;
    if (temporality === undefined) return undefined;
    return { labels, processId, temporality, points: this.#buckets.map(pointOf) };
  }

  #bucketAt(ms: UnixMs): Bucket {
    const bucketMs = Math.floor(ms / this.#stepMs) * this.#stepMs;
    let at = this.#buckets.length;
    // Nearly always the last one or a new one: profiles come in order of time.
    while (at > 0 && (this.#buckets[at - 1] as Bucket).bucketMs > bucketMs) at--;
    const known = this.#buckets[at - 1];
    if (known?.bucketMs === bucketMs) return known;
    const bucket: Bucket = { bucketMs, sum: 0, wide: 0n, coveredMs: 0, profiles: 0, standing: undefined };
    if (at === this.#buckets.length) this.#buckets.push(bucket);
    else this.#buckets.splice(at, 0, bucket);
    return bucket;
  }
}

interface RolledTotals {
  readonly total: bigint;
  readonly profiles: number;
  readonly spanMs: number;
  readonly observed: readonly SecondRange[];
}

interface Bucket {
  readonly bucketMs: UnixMs;
  /** The value is `sum` and `wide`: doubles for as long as they are exact. */
  sum: number;
  wide: bigint;
  coveredMs: number;
  profiles: number;
  standing: OpenRange[] | undefined;
}

interface OpenRange {
  readonly from: number;
  to: number;
}

function addTimes(bucket: Bucket, total: number | bigint, times: number): void {
  if (typeof total === 'number') {
    const sum = bucket.sum + total * times;
    if (Number.isSafeInteger(total * times) && Number.isSafeInteger(sum)) {
      bucket.sum = sum;
      return;
    }
  }
  bucket.wide += BigInt(total) * BigInt(times);
}

/** Ranges mostly come in order, each beginning where the last one ended: a list of one is made as such, and stays small. */
function addRange(bucket: Bucket, from: number, to: number): void {
  const { standing } = bucket;
  const last = standing?.at(-1);
  if (last && last.from <= from && from <= last.to) last.to = Math.max(last.to, to);
  else if (standing) standing.push({ from, to });
  else bucket.standing = [{ from, to }];
}

function pointOf({ bucketMs, sum, wide, coveredMs, profiles, standing }: Bucket): TotalPoint {
  return {
    bucketMs,
    value: wide === 0n ? BigInt(sum) : BigInt(sum) + wide,
    coveredSeconds: coveredMs / 1000,
    standing: standing && standing.length > 1 ? unionOf(standing) : (standing ?? []),
    profiles,
  };
}
