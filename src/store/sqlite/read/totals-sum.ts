import type { LabelSet } from '../../../model/labels.ts';
import type { Temporality } from '../../../model/profile-type.ts';
import type { UnixMs } from '../../../model/units.ts';
import type { Allowance } from '../../allowance.ts';
import type { SecondRange, SeriesTotals, TotalPoint, TotalsPart } from '../../profile-store.ts';
import { unionOf, wholeSecond } from '../../standing.ts';
import { addTimes, type ExactSum, ExactSums, exactOf } from './exact-sum.ts';
import type { PartTotals } from './part-totals.ts';
import type { SplitParts } from './split-parts.ts';

/** What a point of an answer holds in memory. */
const pointBytes = 100;

/** The totals of one line of the answer: of a series, or of a process's series in a group. */
export class TotalsLine {
  readonly labels: LabelSet;
  readonly processId: string;
  temporality: Temporality | undefined;
  readonly #stepMs: number;
  readonly #allowance: Allowance;
  readonly #buckets: Bucket[] = [];
  /** Where the sums of a part are in each bucket: a line has few of all parts. */
  readonly #placeOf = new Map<number, number>();
  readonly #hold = (bytes: number): void => this.#allowance.hold(bytes);

  constructor(labels: LabelSet, processId: string, stepMs: number, allowance: Allowance) {
    this.labels = labels;
    this.processId = processId;
    this.#stepMs = stepMs;
    this.#allowance = allowance;
  }

  /** Adds a profile that is stamped here, but not its gauges: they count for as long as they stand. */
  addProfile(stampMs: UnixMs, { total, spanMs, parts }: ProfileTotals & { readonly spanMs: number }): void {
    const bucket = this.#bucketAt(stampMs);
    bucket.profiles++;
    if (this.temporality === 'gauge') return;
    addTimes(bucket, total, 1);
    if (parts) this.#addParts(bucket, parts, 1);
    bucket.coveredMs += spanMs;
  }

  /** Adds the seconds `[from, to)`, in which one snapshot stands. */
  addStanding(from: number, to: number, { total, parts }: ProfileTotals): void {
    const stepMs = this.#stepMs;
    const isGauge = this.temporality === 'gauge';
    for (let since = from, index = Math.floor((from * 1000) / stepMs); since < to; index++) {
      const until = Math.min(to, wholeSecond((index + 1) * stepMs));
      if (until <= since) continue;
      const bucket = this.#bucketAt(index * stepMs);
      addRange(bucket, since, until);
      if (isGauge) {
        addTimes(bucket, total, until - since);
        if (parts) this.#addParts(bucket, parts, until - since);
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
    if (rolled.parts) this.#addParts(bucket, rolled.parts, 1);
    if (this.temporality !== 'gauge') bucket.coveredMs += rolled.spanMs;
    for (const { from, to } of rolled.observed) {
      addRange(bucket, from, to);
      if (this.temporality === 'gauge') bucket.coveredMs += 1000 * (to - from);
    }
  }

  /** The whole, then the parts that anything was counted of; nothing when it has no profile of the type. */
  result(parts: SplitParts | undefined): SeriesTotals[] {
    const { labels, processId, temporality } = this;
    if (temporality === undefined) return [];
    const points = this.#buckets.map(pointOf);
    const whole = { labels, processId, temporality };
    const found = parts ? [...this.#placeOf].map(([number, place]) => ({ ...parts.part(number), place })) : [];
    found.sort((a, b) => (a.order < b.order ? -1 : 1));
    return [{ ...whole, points }, ...found.flatMap(({ part, place }) => this.#partOf(whole, points, part, place))];
  }

  #partOf(
    whole: Omit<SeriesTotals, 'points'>,
    points: readonly TotalPoint[],
    part: TotalsPart,
    place: number,
  ): SeriesTotals[] {
    this.#allowance.hold(pointBytes * points.length);
    const own = points.map((point, at) => ({ ...point, value: this.#buckets[at]?.parts?.at(place) ?? 0n }));
    return own.some(({ value }) => value !== 0n) ? [{ ...whole, part, points: own }] : [];
  }

  #addParts(bucket: Bucket, { parts, values }: PartTotals, times: number): void {
    if (parts.length === 0) return;
    const sums = (bucket.parts ??= new ExactSums());
    for (let at = 0; at < parts.length; at++) {
      const part = parts[at] as number;
      let place = this.#placeOf.get(part);
      if (place === undefined) {
        place = this.#placeOf.size;
        this.#placeOf.set(part, place);
      }
      sums.addTimes(place, values[at] as number | bigint, times, this.#hold);
    }
  }

  #bucketAt(ms: UnixMs): Bucket {
    const bucketMs = Math.floor(ms / this.#stepMs) * this.#stepMs;
    let at = this.#buckets.length;
    // Nearly always the last one or a new one: profiles come in order of time.
    while (at > 0 && (this.#buckets[at - 1] as Bucket).bucketMs > bucketMs) at--;
    const known = this.#buckets[at - 1];
    if (known?.bucketMs === bucketMs) return known;
    const bucket: Bucket = {
      bucketMs,
      sum: 0,
      wide: 0n,
      coveredMs: 0,
      profiles: 0,
      standing: undefined,
      parts: undefined,
    };
    if (at === this.#buckets.length) this.#buckets.push(bucket);
    else this.#buckets.splice(at, 0, bucket);
    return bucket;
  }
}

/** Of one profile: all of it, and its parts where they were asked for. */
export interface ProfileTotals {
  readonly total: number | bigint;
  readonly parts: PartTotals | undefined;
}

interface RolledTotals extends ProfileTotals {
  readonly profiles: number;
  readonly spanMs: number;
  readonly observed: readonly SecondRange[];
}

interface Bucket extends ExactSum {
  readonly bucketMs: UnixMs;
  /** By place in the line; undefined where there are none but 0. */
  parts: ExactSums | undefined;
  coveredMs: number;
  profiles: number;
  standing: OpenRange[] | undefined;
}

interface OpenRange {
  readonly from: number;
  to: number;
}

/** Ranges mostly come in order, each beginning where the last one ended: a list of one is made as such, and stays small. */
function addRange(bucket: Bucket, from: number, to: number): void {
  const { standing } = bucket;
  const last = standing?.at(-1);
  if (last && last.from <= from && from <= last.to) last.to = Math.max(last.to, to);
  else if (standing) standing.push({ from, to });
  else bucket.standing = [{ from, to }];
}

function pointOf(bucket: Bucket): TotalPoint {
  const { bucketMs, coveredMs, profiles, standing } = bucket;
  return {
    bucketMs,
    value: exactOf(bucket),
    coveredSeconds: coveredMs / 1000,
    standing: standing && standing.length > 1 ? unionOf(standing) : (standing ?? []),
    profiles,
  };
}
