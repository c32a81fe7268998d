import type { UnixMs } from '../../model/units.ts';
import type { LinePoint } from './lines.ts';

/** A moment from which on values are of another size. */
export interface Jump {
  readonly atMs: UnixMs;
  /** Medians of what is until the jump before or after it. */
  readonly before: number;
  readonly after: number;
}

/** Points on each side that tell its level; a spike of less than half as many is none. */
const sidePoints = 8;
/** At the ends of a line there may be fewer. */
const leastPoints = 3;
/** A roll-out goes from pod to pod: the way from one level to the next may take so many points. */
const transitPoints = 4;
/** Of the larger of both levels: what changes less is no news. */
const leastChange = 0.25;
/** In standard errors of the difference of two medians. */
const leastErrors = 6;
/** How far both sides may drift by themselves, as a share of the change: else it is a slope or a wave. */
const mostDrift = 0.4;
/** It began where this share of the change was made. */
const begunShare = 0.2;
const mostJumps = 5;

/**
 * Where a line changes its level within a few points and stays there: not noise, not a spike, not a slope. By medians, so that
 * outliers do not count. `floor` is the least change that matters, in the unit of the line (a share of the total, say). In order of time,
 * at most five, the largest.
 */
export function findJumps(points: readonly LinePoint[], floor = 0): Jump[] {
  const known = points.filter((point): point is readonly [UnixMs, number] => point[1] !== null);
  const values = known.map(([, value]) => value);
  const error = noiseOf(values) * Math.sqrt(Math.PI / sidePoints);
  const isJump = (from: number, to: number): boolean =>
    Math.abs(to - from) > Math.max(leastErrors * error, leastChange * Math.max(Math.abs(from), Math.abs(to)), floor);

  const edges = candidatesIn(values)
    .filter(
      (index) =>
        isJump(...levelsAt(values, index)) && driftAround(values, index) <= mostDrift * changeAt(values, index),
    )
    .map((index) => beginningOf(values, index));
  return levelled(values, edges, isJump)
    .map(({ index, before, after }) => ({ atMs: known[index]?.[0] ?? 0, before, after }))
    .toSorted((one, other) => Math.abs(other.after - other.before) - Math.abs(one.after - one.before))
    .slice(0, mostJumps)
    .toSorted((one, other) => one.atMs - other.atMs);
}

/** A function's share of the total has to change with it: else the whole has jumped, and the function as a part of it. */
const leastShare = 0.02;
/** Both are found at the same points, give or take so many. */
const apartPoints = 5;

/** Jumps of a function in its own right: of its value and, in the same direction, of its share of the total. */
export function findOwnJumps(points: readonly (readonly number[])[], total: readonly (readonly number[])[]): Jump[] {
  const totals = new Map(total.map(([tMs = 0, value = 0]) => [tMs, value]));
  const values = points.map(([tMs = 0, value = 0]): LinePoint => [tMs, value]);
  const shares = values.map(([tMs, value]): LinePoint => [tMs, (value ?? 0) / (totals.get(tMs) || Infinity)]);
  const ofShares = findJumps(shares, leastShare);
  const places = new Map(values.map(([tMs], at) => [tMs, at]));
  const placeOf = (atMs: UnixMs): number => places.get(atMs) ?? 0;
  return findJumps(values).filter((jump) =>
    ofShares.some(
      (other) =>
        Math.abs(placeOf(other.atMs) - placeOf(jump.atMs)) <= apartPoints &&
        other.after > other.before === jump.after > jump.before,
    ),
  );
}

/** What a jump is in words: `started`, `ended`, `rose ×3.2`, `fell to 40 %`. */
export function jumpText({ before, after }: Jump): string {
  const small = 0.05 * Math.max(before, after);
  if (before <= small) return 'started';
  if (after <= small) return 'ended';
  if (after > before) return `rose ×${(after / before).toPrecision(2)}`;
  return `fell to ${Math.round((100 * after) / before)} %`;
}

/** Where the change is the largest and both sides are flattest, no two nearer to each other than the points of a side. */
function candidatesIn(values: readonly number[]): number[] {
  const changes = values.map((_, index) => changeAt(values, index) - driftAround(values, index));
  const chosen: number[] = [];
  const indices = changes.keys().filter((index) => index >= leastPoints && index <= values.length - leastPoints);
  for (const index of [...indices].toSorted((one, other) => (changes[other] ?? 0) - (changes[one] ?? 0))) {
    if (chosen.every((other) => Math.abs(index - other) >= sidePoints)) chosen.push(index);
  }
  return chosen.toSorted((one, other) => one - other);
}

/** Levels between the edges; an edge whose two levels are alike after all is dropped, and they are one. */
function levelled(
  values: readonly number[],
  edges: readonly number[],
  isJump: (from: number, to: number) => boolean,
): { readonly index: number; readonly before: number; readonly after: number }[] {
  const jumps = edges.map((index, at) => ({
    index,
    before: median(values.slice(edges[at - 1] ?? 0, index)),
    after: median(values.slice(index, edges[at + 1] ?? values.length)),
  }));
  const weak = jumps.findIndex(({ before, after }) => !isJump(before, after));
  return weak < 0 ? jumps : levelled(values, edges.toSpliced(weak, 1), isJump);
}

function sidesOf(values: readonly number[], index: number): [before: readonly number[], after: readonly number[]] {
  const afterFrom = Math.min(index + transitPoints, values.length - leastPoints);
  return [values.slice(Math.max(0, index - sidePoints), index), values.slice(afterFrom, afterFrom + sidePoints)];
}

function levelsAt(values: readonly number[], index: number): [before: number, after: number] {
  const [before, after] = sidesOf(values, index);
  return [median(before), median(after)];
}

function changeAt(values: readonly number[], index: number): number {
  const [before, after] = levelsAt(values, index);
  return Math.abs(after - before);
}

function driftAround(values: readonly number[], index: number): number {
  const [before, after] = sidesOf(values, index);
  return driftOf(before) + driftOf(after);
}

/** How far the second half of some points is from the first. */
function driftOf(values: readonly number[]): number {
  const half = values.length >> 1;
  return Math.abs(median(values.slice(-half)) - median(values.slice(0, half)));
}

/** The first point on the way to the new level, with which those after it agree. */
function beginningOf(values: readonly number[], index: number): number {
  const [before, after] = levelsAt(values, index);
  const shareAt = (value: number): number => (value - before) / (after - before);
  const near = values.slice(index, index + transitPoints + sidePoints);
  const found = near.findIndex(
    (value, at) => shareAt(value) >= begunShare && shareAt(median(near.slice(at, at + leastPoints))) >= 2 * begunShare,
  );
  return index + Math.max(0, found);
}

/** The standard deviation of one point, by how neighbours differ: jumps and slopes do not count. */
function noiseOf(values: readonly number[]): number {
  const steps = values.slice(1).map((value, at) => value - (values[at] ?? value));
  const middle = median(steps);
  return (1.4826 * median(steps.map((step) => Math.abs(step - middle)))) / Math.SQRT2;
}

function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
