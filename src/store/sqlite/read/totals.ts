import type { Temporality } from '../../../model/profile-type.ts';
import type { UnixMs } from '../../../model/units.ts';
import type { SecondRange, SeriesTotals, TotalPoint, TotalsRequest } from '../../profile-store.ts';
import { intersect, secondsIn, unionOf, wholeSecond } from '../../standing.ts';
import type { CatalogueReader } from '../catalogue/catalogue-reader.ts';
import { decodeTotals } from '../heads/samples.ts';
import { sameType } from '../heads/shape.ts';
import type { SelectedProfile, SelectedSeries } from './select-profiles.ts';

/** The totals of one type by series and bucket, from the totals stored beside each profile. */
export function totalsOf(
  { type, stepMs }: TotalsRequest,
  selected: readonly SelectedSeries[],
  catalogue: CatalogueReader,
): SeriesTotals[] {
  return selected.flatMap(({ series, profiles }) => {
    const buckets = new Map<UnixMs, Bucket>();
    let temporality: Temporality | undefined;
    for (const profile of profiles) {
      const { types } = profile.head.shape(profile.row.shape);
      const at = types.findIndex((known) => sameType(known, type));
      const found = types[at];
      if (!found) continue;
      temporality = found.temporality;
      addProfile(buckets, profile, decodeTotals(profile.row.totals)[at] ?? 0n, temporality, stepMs);
    }
    const process = catalogue.process(series.process);
    if (temporality === undefined || !process) return [];
    const points = [...buckets].sort(([a], [b]) => a - b).map(([bucketMs, bucket]) => pointOf(bucketMs, bucket));
    return [{ labels: series.labels, processId: process.identity, temporality, points }];
  });
}

interface Bucket {
  value: bigint;
  coveredSeconds: number;
  profiles: number;
  readonly standing: SecondRange[];
}

function addProfile(
  buckets: Map<UnixMs, Bucket>,
  { row, isInside, standing }: SelectedProfile,
  total: bigint,
  temporality: Temporality,
  stepMs: number,
): void {
  const bucketAt = (ms: UnixMs): Bucket => {
    const bucketMs = Math.floor(ms / stepMs) * stepMs;
    const bucket = buckets.get(bucketMs) ?? { value: 0n, coveredSeconds: 0, profiles: 0, standing: [] };
    buckets.set(bucketMs, bucket);
    return bucket;
  };
  if (isInside) {
    const bucket = bucketAt(row.stampMs);
    bucket.profiles++;
    if (temporality !== 'gauge') {
      bucket.value += total;
      bucket.coveredSeconds += row.spanMs / 1000;
    }
  }
  for (const part of partsByBucket(standing, stepMs)) {
    const bucket = bucketAt(part.bucketMs);
    bucket.standing.push(part.range);
    if (temporality !== 'gauge') continue;
    bucket.value += total * BigInt(secondsIn(part.range));
    bucket.coveredSeconds += secondsIn(part.range);
  }
}

/** A range cut at the edges of buckets, which are whole seconds as everything that stands. */
function* partsByBucket(
  standing: SecondRange,
  stepMs: number,
): Generator<{ readonly bucketMs: UnixMs; readonly range: SecondRange }> {
  if (secondsIn(standing) === 0) return;
  const first = Math.floor((standing.from * 1000) / stepMs);
  for (let index = first; wholeSecond(index * stepMs) < standing.to; index++) {
    const bucket = { from: wholeSecond(index * stepMs), to: wholeSecond((index + 1) * stepMs) };
    const range = intersect(standing, bucket);
    if (secondsIn(range) > 0) yield { bucketMs: index * stepMs, range };
  }
}

function pointOf(bucketMs: UnixMs, { value, coveredSeconds, profiles, standing }: Bucket): TotalPoint {
  return { bucketMs, value, coveredSeconds, standing: unionOf(standing), profiles };
}
