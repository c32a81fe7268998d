import type { Cells } from './cells.ts';
import { magnitudeOf, mostMagnitude, unfold, zigzag } from './magnitude.ts';
import type { Scales } from './scales.ts';
import type { Sums } from './sum-column.ts';
import { largeNumber, mostBits, openSection, TokenReader, type TokenSteps } from './token-reader.ts';
import { directTokens, frequencyBits, leastState, type TokenWriter } from './tokens.ts';

/**
 * Increases and deltas are written in the light of their sum over the hour, which is stored anyway: stacks are put into
 * classes by it. Of a class with few counts the gaps between those that are not 0 are written, of any other each count.
 */
const mostClass = 47;
const gapContext = mostClass + 1;
const restContext = 2 * (mostClass + 1);

export function increaseContexts(types: number): number {
  return restContext + types * (mostMagnitude + 1);
}

/** What the sums over a chunk tell of its cells. */
export interface IncreaseClasses {
  /** The positions of stacks, class by class; those that are never there are in none. */
  readonly stacks: Int32Array;
  /** By class: where its stacks end. */
  readonly end: Int32Array;
  /** A class below this has less than a count for every other profile. */
  readonly firstDense: number;
  /** By type and stack: how large a rest is on average. */
  readonly magnitudes: readonly (Uint8Array | undefined)[];
}

/** `sumOf` gives the sums of a type of the group; it is asked for those it takes. */
export function increaseClasses(
  { scales, scaleOf, fraction }: Scales,
  profiles: number,
  sumOf: (type: number) => Sums,
): IncreaseClasses {
  const first = sumOf(0);
  const lead = first instanceof Float64Array ? first : Float64Array.from(first, Number);
  const types = scales[0]?.worth.length ?? 0;
  const isLeadWhole = scales.every(({ hasRest }) => !hasRest[0]);
  const worths = Float64Array.from(scales, ({ worth }) => worth[0] as number);
  const counts = new Float64Array(scaleOf.length);
  for (let stack = 0; stack < scaleOf.length; stack++) {
    const worth = worths[scaleOf[stack] as number] as number;
    const sum = Math.floor(((lead[stack] as number) * fraction) / worth);
    counts[stack] = sum > 0 || isLeadWhole ? sum : isAbove0(stack, types, sumOf) ? 1 : 0;
  }
  const magnitudes = Array.from({ length: types }, (_, type) =>
    scales.some(({ worth, hasRest }) => hasRest[type] && worth[type] === 0)
      ? meanMagnitudes(sumOf(type), counts)
      : undefined,
  );
  return { ...byClass(counts), firstDense: classOf(profiles / 2), magnitudes };
}

/** Sorts the stacks that have counts by their class. */
function byClass(counts: Float64Array): Pick<IncreaseClasses, 'stacks' | 'end'> {
  const classes = new Uint8Array(counts.length);
  const end = new Int32Array(mostClass + 1);
  for (let stack = 0; stack < counts.length; stack++) {
    const count = counts[stack] as number;
    if (!(count > 0)) continue;
    const ofStack = classOf(count);
    classes[stack] = ofStack;
    end[ofStack] = (end[ofStack] as number) + 1;
  }
  let before = 0;
  for (let at = 0; at <= mostClass; at++) [end[at], before] = [before, before + (end[at] as number)];
  const stacks = new Int32Array(before);
  for (let stack = 0; stack < counts.length; stack++) {
    if (!((counts[stack] as number) > 0)) continue;
    const ofStack = classes[stack] as number;
    const at = end[ofStack] as number;
    stacks[at] = stack;
    end[ofStack] = at + 1;
  }
  return { stacks, end };
}

/** Sums of other types tell whether a stack without a sum of the first is there at all. */
function isAbove0(stack: number, types: number, sumOf: (type: number) => Sums): boolean {
  for (let type = 0; type < types; type++) if (Number(sumOf(type)[stack]) > 0) return true;
  return false;
}

/** Two classes for each power of two. */
function classOf(count: number): number {
  if (count < 1) return 0;
  if (count >= 2 ** 24) return mostClass;
  const highest = 31 - Math.clz32(count);
  return 2 * highest + (count >= 1.5 * (1 << highest) ? 1 : 0);
}

function meanMagnitudes(sums: Sums, counts: Float64Array): Uint8Array {
  return Uint8Array.from(counts, (count, stack) => (count > 0 ? magnitudeOf(Number(sums[stack]) / count) : 0));
}

export function writeIncreases(
  writer: TokenWriter,
  { profiles, counts, rests, stackCount }: Cells,
  { scales, scaleOf }: Scales,
  classes: IncreaseClasses,
): void {
  const { firstDense, magnitudes } = classes;
  for (const [context, stacks] of eachClass(classes)) {
    if (context < firstDense) writeSparse(writer, context, stacks, profiles, counts);
    else {
      for (const stack of stacks) {
        writer.reserve(profiles);
        const end = (stack + 1) * profiles;
        for (let cell = stack * profiles; cell < end; cell++) writer.put(context, counts[cell] as number);
      }
    }
  }
  writer.endSection();
  for (const [type, ofType] of rests.entries()) {
    if (!ofType) continue;
    for (let stack = 0; stack < stackCount; stack++) {
      const scale = scales[scaleOf[stack] as number];
      if (!scale?.hasRest[type]) continue;
      writer.reserve(profiles);
      const isSigned = scale.worth[type] !== 0;
      const context = restContext + type * (mostMagnitude + 1) + (isSigned ? 0 : (magnitudes[type]?.[stack] ?? 0));
      const end = (stack + 1) * profiles;
      for (let cell = stack * profiles; cell < end; cell++) {
        if (counts[cell] === 0) continue;
        const rest = ofType[cell] as number;
        writer.put(context, isSigned ? zigzag(rest) : rest);
      }
    }
    writer.endSection();
  }
}

function writeSparse(
  writer: TokenWriter,
  context: number,
  stacks: Int32Array,
  profiles: number,
  counts: Float64Array,
): void {
  let next = 0;
  for (const [at, stack] of stacks.entries()) {
    writer.reserve(2 * profiles + 1);
    for (let profile = 0; profile < profiles; profile++) {
      const count = counts[stack * profiles + profile] as number;
      if (count === 0) continue;
      const position = at * profiles + profile;
      writer.put(gapContext + context, position - next);
      writer.put(context, count - 1);
      next = position + 1;
    }
  }
  writer.put(gapContext + context, stacks.length * profiles - next);
}

/** What a loop takes from another module is looked up at each use; these are not. */
const slotBits = frequencyBits;
const slotMask = (1 << slotBits) - 1;
const least = leastState;
const mostInt = mostBits;
const direct = directTokens;

/**
 * Adds up the counts of a block by stack, each times the weight of its profile: as `TokenReader` reads, with its state in
 * variables, for this is most of reading a chunk.
 */
export function weighIncreaseCounts(
  { first, steps, plainBits, bases }: TokenSteps,
  section: Uint8Array,
  { stacks, end: ends, firstDense }: IncreaseClasses,
  weights: Float64Array,
  sums: Float64Array,
): void {
  const profiles = weights.length;
  const { view, state: firstState, tokensAt, bitsAt } = openSection(section);
  let state = firstState;
  let tokenAt = tokensAt;
  let bitAt = bitsAt;
  let row = 0;
  for (let ofClass = 0; ofClass <= mostClass; ofClass++) {
    const end = ends[ofClass] as number;
    const isSparse = ofClass < firstDense;
    const counts = first[ofClass] as number;
    const gaps = first[gapContext + ofClass] as number;
    // Gaps and counts take turns, so that one place reads both.
    let isGap = isSparse;
    let profile = 0;
    let sum = 0;
    while (row < end) {
      const step = steps[(isGap ? gaps : counts) + (state & slotMask)] as number;
      const after = Math.imul((step >>> 8) & 0xfff, state >>> slotBits) + (step >>> 20);
      const low = (after - least) >> 31;
      state = (after << (low & 16)) | (view.getUint16(tokenAt, true) & low);
      tokenAt += low & 2;
      let number = step & 0xff;
      if (number >= direct) {
        const bits = plainBits[number] as number;
        number =
          bits > mostInt
            ? largeNumber(number, view, bitAt)
            : (bases[number] as number) + ((view.getInt32(bitAt >>> 3, true) >>> (bitAt & 7)) & ((1 << bits) - 1));
        bitAt += bits;
      }
      if (isGap) {
        // After a count there is always a gap, though it be of nothing to the end.
        profile += number;
        isGap = false;
      } else {
        sum += (isSparse ? number + 1 : number) * (weights[profile] as number);
        profile++;
        isGap = isSparse;
        if (isSparse) continue;
      }
      if (profile < profiles) continue;
      sums[stacks[row] as number] = sum;
      sum = 0;
      const rows = profile < 2 * profiles ? 1 : Math.floor(profile / profiles);
      row += rows;
      profile -= rows * profiles;
    }
  }
}

/** Reads the counts of a block into `counts`, which holds zeros. */
export function readIncreaseCounts(
  steps: TokenSteps,
  section: Uint8Array,
  classes: IncreaseClasses,
  profiles: number,
  counts: Float64Array,
): void {
  const reader = new TokenReader(steps, section);
  for (const [context, stacks] of eachClass(classes)) {
    if (context < classes.firstDense) readSparse(reader, context, stacks, profiles, counts);
    else {
      for (const stack of stacks) {
        const end = (stack + 1) * profiles;
        for (let cell = stack * profiles; cell < end; cell++) counts[cell] = reader.next(context);
      }
    }
  }
}

function readSparse(
  reader: TokenReader,
  context: number,
  stacks: Int32Array,
  profiles: number,
  counts: Float64Array,
): void {
  const end = stacks.length * profiles;
  let at = reader.next(gapContext + context);
  while (at < end) {
    const row = Math.floor(at / profiles);
    counts[(stacks[row] as number) * profiles + at - row * profiles] = 1 + reader.next(context);
    at += 1 + reader.next(gapContext + context);
  }
}

/** Reads the rests of a type into `rests`, which holds zeros. */
export function readIncreaseRests(
  steps: TokenSteps,
  section: Uint8Array,
  type: number,
  { scales, scaleOf }: Scales,
  { magnitudes }: IncreaseClasses,
  { counts, profiles, stackCount }: Pick<Cells, 'counts' | 'profiles' | 'stackCount'>,
  rests: Float64Array,
): void {
  const reader = new TokenReader(steps, section);
  for (let stack = 0; stack < stackCount; stack++) {
    const scale = scales[scaleOf[stack] as number];
    if (!scale?.hasRest[type]) continue;
    const isSigned = scale.worth[type] !== 0;
    const context = restContext + type * (mostMagnitude + 1) + (isSigned ? 0 : (magnitudes[type]?.[stack] ?? 0));
    const end = (stack + 1) * profiles;
    for (let cell = stack * profiles; cell < end; cell++) {
      if (counts[cell] === 0) continue;
      const rest = reader.next(context);
      rests[cell] = isSigned ? unfold(rest) : rest;
    }
  }
}

/** The classes that have stacks, rising. */
function* eachClass({ stacks, end }: IncreaseClasses): Generator<[context: number, stacks: Int32Array]> {
  let from = 0;
  for (const [context, to] of end.entries()) {
    if (from < to) yield [context, stacks.subarray(from, to)];
    from = to;
  }
}
