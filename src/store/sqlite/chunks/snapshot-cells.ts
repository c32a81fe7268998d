import type { Cells } from './cells.ts';
import { magnitudeOf, mostMagnitude, unfold, zigzag } from './magnitude.ts';
import type { Scales } from './scales.ts';
import { TokenReader, type TokenSteps } from './token-reader.ts';
import type { TokenWriter } from './tokens.ts';

/**
 * Snapshots hardly change from one to the next, so that of each stack is written what it was first, how long that stayed,
 * what it was then:
 *
 *     5 5 5 7 7 0        5, stays 2, 7, stays 1, 0, stays 0
 *
 * What came before in the same stack is the context: how long it stayed, whether it is there, how much it was.
 */
const firstContext = 0;
const stayContext = 1;
/** Stays of this and more are alike, as are those of which so many profiles are left. */
const mostStay = 3;
const noStay = mostStay + 1;
const mostLeft = 7;
const countContext = stayContext + (noStay + 1) * 2 * (mostLeft + 1);
const restContext = countContext + mostMagnitude + 1;

export function snapshotContexts(types: number): number {
  return restContext + types * (mostMagnitude + 1);
}

function contextOfStay(before: number, count: number, left: number): number {
  return stayContext + (before * 2 + (count > 0 ? 1 : 0)) * (mostLeft + 1) + (left < mostLeft ? left : mostLeft);
}

export function writeSnapshots(writer: TokenWriter, cells: Cells, { scales, scaleOf }: Scales): void {
  const { profiles, counts, rests, stackCount } = cells;
  for (let stack = 0; stack < stackCount; stack++) {
    writer.reserve(2 * profiles);
    writeStack(writer, cells, stack * profiles);
  }
  writer.endSection();
  for (const [type, ofType] of rests.entries()) {
    if (!ofType) continue;
    for (let stack = 0; stack < stackCount; stack++) {
      const scale = scales[scaleOf[stack] as number];
      if (!scale?.hasRest[type]) continue;
      writer.reserve(profiles);
      const isSigned = scale.worth[type] !== 0;
      const [start, end] = [stack * profiles, (stack + 1) * profiles];
      let before = 0;
      for (let cell = start; cell < end; cell++) {
        if (counts[cell] === 0 || (cell > start && isSame(counts, rests, cell))) continue;
        const rest = isSigned ? zigzag(ofType[cell] as number) : (ofType[cell] as number);
        writer.put(contextOfRest(type, before), rest);
        before = rest;
      }
    }
    writer.endSection();
  }
}

function writeStack(writer: TokenWriter, { profiles, counts, rests }: Cells, start: number): void {
  const end = start + profiles;
  let count = counts[start] as number;
  writer.put(firstContext, count);
  let [last, stayed] = [count, noStay];
  for (let cell = start; cell < end - 1; ) {
    const left = end - 1 - cell;
    let next = cell + 1;
    while (next < end && isSame(counts, rests, next)) next++;
    const stay = next - cell - 1;
    writer.put(contextOfStay(stayed, count, left), stay);
    if (stay === left) return;
    count = counts[next] as number;
    writer.put(countContext + magnitudeOf(last), count);
    stayed = Math.min(stay, mostStay);
    if (count > 0) last = count;
    cell = next;
  }
}

/** Whether a cell is like the one before it. */
function isSame(counts: Float64Array, rests: Cells['rests'], cell: number): boolean {
  if (counts[cell] !== counts[cell - 1]) return false;
  for (let type = 0; type < rests.length; type++) {
    const ofType = rests[type];
    if (ofType && ofType[cell] !== ofType[cell - 1]) return false;
  }
  return true;
}

function contextOfRest(type: number, before: number): number {
  return restContext + type * (mostMagnitude + 1) + magnitudeOf(before);
}

/** Reads the counts of a block, all of them; `isChange`, where given, gets a 1 where a cell is not the one before it. */
export function readSnapshotCounts(
  steps: TokenSteps,
  section: Uint8Array,
  { stackCount, profiles, counts }: Pick<Cells, 'stackCount' | 'profiles' | 'counts'>,
  isChange: Uint8Array | undefined,
): void {
  const reader = new TokenReader(steps, section);
  for (let stack = 0; stack < stackCount; stack++) {
    const end = (stack + 1) * profiles;
    let cell = stack * profiles;
    let count = reader.next(firstContext);
    let last = count;
    let stayed = noStay;
    counts[cell] = count;
    if (isChange) isChange[cell] = 1;
    while (cell < end - 1) {
      const left = end - 1 - cell;
      const stay = reader.next(contextOfStay(stayed, count, left));
      if (stay > 0) {
        const stop = Math.min(end, cell + 1 + stay);
        for (let at = cell + 1; at < stop; at++) counts[at] = count;
        if (stay >= left) break;
      }
      cell += 1 + stay;
      count = reader.nextOfAny(countContext + magnitudeOf(last));
      counts[cell] = count;
      if (isChange) isChange[cell] = 1;
      stayed = Math.min(stay, mostStay);
      if (count > 0) last = count;
    }
  }
}

/** Reads the rests of a type into `rests`, which holds zeros. */
export function readSnapshotRests(
  steps: TokenSteps,
  section: Uint8Array,
  type: number,
  { scales, scaleOf }: Scales,
  { counts, profiles, stackCount }: Pick<Cells, 'stackCount' | 'profiles' | 'counts'>,
  isChange: Uint8Array,
  rests: Float64Array,
): void {
  const reader = new TokenReader(steps, section);
  for (let stack = 0; stack < stackCount; stack++) {
    const scale = scales[scaleOf[stack] as number];
    if (!scale?.hasRest[type]) continue;
    const isSigned = scale.worth[type] !== 0;
    const end = (stack + 1) * profiles;
    let before = 0;
    for (let cell = stack * profiles; cell < end; cell++) {
      if (counts[cell] === 0) continue;
      if (isChange[cell] === 0) {
        rests[cell] = rests[cell - 1] as number;
        continue;
      }
      const rest = reader.next(contextOfRest(type, before));
      rests[cell] = isSigned ? unfold(rest) : rest;
      before = rest;
    }
  }
}
