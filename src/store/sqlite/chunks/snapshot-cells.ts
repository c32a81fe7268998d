import type { Cells } from './cells.ts';
import { magnitudeOf, mostMagnitude, unfold, zigzag } from './magnitude.ts';
import type { Runs } from './runs.ts';
import type { Scales } from './scales.ts';
import { largeNumber, mostBits, openSection, TokenReader, type TokenSteps } from './token-reader.ts';
import { rowShift, type TokenSlots } from './token-slots.ts';
import { directTokens, frequencyBits, leastState, type TokenWriter } from './tokens.ts';

/**
 * Snapshots hardly change from one to the next, so that of each stack is written what it was first, how long that stayed,
 * what it was then:
 *
 *     5 5 5 7 7 0        5, stays 2, 7, stays 1, 0, stays 0
 *
 * What came before in the same stack is the context: how long it stayed, whether it is there, how much it was.
 */
const firstContext: number = 0;
const stayContext = 1;
/** Stays of this and more are alike, as are those of which so many profiles are left. */
const mostStay = 3;
const noStay: number = mostStay + 1;
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

/** What a loop takes from another module is looked up at each use; these are not. */
const slotBits = frequencyBits;
const slotMask = (1 << slotBits) - 1;
const least = leastState;
const rowBits = rowShift;
const direct = directTokens;
const mostInt = mostBits;
/** Its magnitude is that of all above it. */
const highest = 2 ** (mostMagnitude - 1);

/** What to make of the counts of a block. */
export interface SnapshotUse {
  /** By profile: the weights of those before it. */
  readonly before: Float64Array;
  /** By scale: what a count is worth, times the fraction of the scales; -1 where counts are not added up, but runs are kept. */
  readonly worths: Float64Array;
}

/**
 * Adds up in `sums` what the counts of a block are worth by stack, each times the weight of its profile, and makes `runs` the cells
 * of some scales. As `TokenReader` reads, with its state in variables, for this is most of reading a chunk. What cannot be
 * foretold is not branched on: `is…` are all ones where it is so, else 0.
 */
export function readSnapshots(
  { first, tokenOf, frequency, start, plainBits, bases }: TokenSlots,
  section: Uint8Array,
  { scaleOf, fraction }: Scales,
  { before, worths }: SnapshotUse,
  sums: Float64Array,
  runs: Runs,
): void {
  const { view, state: firstState, tokensAt, bitsAt } = openSection(section);
  const stackCount = scaleOf.length;
  const lastProfile = before.length - 2;
  runs.start(stackCount * (lastProfile + 1));
  const { stack: stackOf, from, to, count: counts } = runs;
  let length = 0;
  let state = firstState;
  let tokenAt = tokensAt;
  let bitAt = bitsAt;
  let stack = 0;
  let profile = 0;
  let last = 0;
  let stayed = noStay;
  let context = firstContext;
  while (stack < stackCount) {
    let table = first[context] as number;
    let slot = state & slotMask;
    let token = tokenOf[table + slot] as number;
    let row = (table >>> rowBits) + token;
    let after = Math.imul(frequency[row] as number, state >>> slotBits) + slot - (start[row] as number);
    let isLow = (after - least) >> 31;
    state = (after << (isLow & 16)) | (view.getUint16(tokenAt, true) & isLow);
    tokenAt += isLow & 2;
    let bits = plainBits[token] as number;
    let count = 0;
    let amount = 0;
    if (bits > mostInt) {
      amount = largeNumber(token, view, bitAt);
      count = Math.min(amount, highest) | 0;
    } else {
      count = (bases[token] as number) + ((view.getInt32(bitAt >>> 3, true) >>> (bitAt & 7)) & ((1 << bits) - 1));
      amount = count;
    }
    bitAt += bits;
    const isThere = -count >> 31;
    const left = lastProfile - profile;
    let stay = 0;
    if (left > 0) {
      const isMany = (mostLeft - left) >> 31;
      table = first[
        stayContext + (2 * stayed - isThere) * (mostLeft + 1) + ((left & ~isMany) | (mostLeft & isMany))
      ] as number;
      slot = state & slotMask;
      token = tokenOf[table + slot] as number;
      row = (table >>> rowBits) + token;
      after = Math.imul(frequency[row] as number, state >>> slotBits) + slot - (start[row] as number);
      isLow = (after - least) >> 31;
      state = (after << (isLow & 16)) | (view.getUint16(tokenAt, true) & isLow);
      tokenAt += isLow & 2;
      stay = token;
      if (stay >= direct) {
        bits = plainBits[token] as number;
        stay = (bases[token] as number) + ((view.getInt32(bitAt >>> 3, true) >>> (bitAt & 7)) & ((1 << bits) - 1));
        bitAt += bits;
      }
      if (stay > left) throw new RangeError('a snapshot stays for longer than its block');
    }
    const next = profile + 1 + stay;
    const weight = (before[next] as number) - (before[profile] as number);
    const worth = worths[scaleOf[stack] as number] as number;
    if (worth >= 0) sums[stack] = (sums[stack] as number) + Math.floor((amount * worth) / fraction) * weight;
    else if (count > 0) {
      stackOf[length] = stack;
      from[length] = profile;
      to[length] = next;
      counts[length++] = amount;
    }
    const isEnd = (lastProfile - next) >> 31;
    last = ((count & isThere) | (last & ~isThere)) & ~isEnd;
    context = (countContext + 32 - Math.clz32(last)) & ~isEnd;
    const above = stay - mostStay;
    stayed = ((stay - (above & ~(above >> 31))) & ~isEnd) | (noStay & isEnd);
    profile = next & ~isEnd;
    stack -= isEnd;
  }
  runs.length = length;
}

/** Reads the rests of a type by run: of all, or of those scales that have rests of it. */
export function readSnapshotRests(
  steps: TokenSteps,
  section: Uint8Array,
  type: number,
  { scales, scaleOf }: Scales,
  runs: Runs,
): Float64Array {
  const reader = new TokenReader(steps, section);
  const rests = new Float64Array(runs.length);
  for (let at = 0, before = 0; at < rests.length; at++) {
    const stack = runs.stack[at] as number;
    const scale = scales[scaleOf[stack] as number];
    if (!scale?.hasRest[type]) continue;
    if (at === 0 || runs.stack[at - 1] !== stack) before = 0;
    const rest = reader.next(contextOfRest(type, before));
    rests[at] = scale.worth[type] === 0 ? rest : unfold(rest);
    before = rest;
  }
  return rests;
}
