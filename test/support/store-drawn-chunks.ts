import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { emptyHeader, type ValueColumn } from '../../src/profile/profile.ts';
import type { SecondRange, StoredType } from '../../src/store/profile-store.ts';
import type { ChunkInput, ChunkProfile } from '../../src/store/sqlite/chunks/chunk.ts';
import { StoredChunk } from '../../src/store/sqlite/chunks/chunk-decoder.ts';
import type { ChunkEncoder } from '../../src/store/sqlite/chunks/chunk-encoder.ts';
import { chunkFormat } from '../../src/store/sqlite/chunks/chunk-row.ts';
import { ByteWriter } from '../../src/store/sqlite/encoding/bytes.ts';
import { encodeTotals, SampleEncoder } from '../../src/store/sqlite/heads/samples.ts';
import { decodeShape, encodeShape } from '../../src/store/sqlite/heads/shape.ts';

/** A profile as a test draws it: stack ids with a value for each type. */
export interface DrawnProfile {
  readonly stampMs: number;
  readonly rows: ReadonlyMap<number, readonly bigint[]>;
  readonly intervalMs?: number;
  readonly spanMs?: number;
  readonly trimmed?: number;
  readonly standingSeconds?: number;
  readonly timeNanos?: bigint;
  readonly durationNanos?: bigint;
  readonly contentHash?: string;
  /** Tells shapes apart that have the same types. */
  readonly docUrl?: string;
}

export interface DrawnChunk {
  readonly hour: number;
  readonly types: readonly StoredType[];
  readonly profiles: readonly DrawnProfile[];
  readonly observed: readonly SecondRange[];
  readonly carried?: boolean;
  /** Bytes to a sample, as a heap profile says it. */
  readonly period?: bigint;
}

const encoder = new SampleEncoder();

/** A chunk's profiles as compaction finds them in a head file. */
export function chunkInput({ hour, types, profiles, observed, carried = false, period }: DrawnChunk): ChunkInput {
  return {
    key: { series: 7, hour, head: 3, part: 0 },
    partition: 5,
    carried,
    profiles: profiles.map((profile) => chunkProfile(types, profile, period)),
    observed,
  };
}

function chunkProfile(types: readonly StoredType[], drawn: DrawnProfile, period: bigint | undefined): ChunkProfile {
  const { timeNanos = BigInt(drawn.stampMs) * 1_000_000n, durationNanos = 0n, rows } = drawn;
  const samples = new ByteWriter();
  const columns = types.map((_, type) => columnOf([...rows.values()].map((values) => values[type] ?? 0n)));
  const sums = encoder.encode(samples, { timeNanos, durationNanos }, Int32Array.from(rows.keys()), rows.size, columns);
  const totals = new ByteWriter();
  encodeTotals(totals, sums);
  return {
    stampMs: drawn.stampMs,
    intervalMs: drawn.intervalMs ?? 60_000,
    spanMs: drawn.spanMs ?? 0,
    shape: encodeShape(types, {
      ...emptyHeader,
      docUrl: drawn.docUrl ?? '',
      period: period ?? 0n,
      periodType: period === undefined ? undefined : { type: 'space', unit: 'bytes' },
    }),
    trimmed: drawn.trimmed ?? 0,
    totals: totals.bytes(),
    contentHash: drawn.contentHash ?? '00000000000000ff',
    samples: samples.bytes(),
    standingSeconds: drawn.standingSeconds ?? 0,
  };
}

function columnOf(values: readonly bigint[]): ValueColumn {
  const isPlain = values.every((value) => Number.isSafeInteger(Number(value)));
  return isPlain ? Float64Array.from(values, Number) : BigInt64Array.from(values);
}

const someType: fc.Arbitrary<StoredType> = fc.record(
  {
    type: fc.constantFrom('a', 'b', 'c'),
    unit: fc.constantFrom('count', 'bytes'),
    temporality: fc.constantFrom('delta', 'cumulative', 'gauge'),
  },
  { noNullPrototype: true },
);

const limit = 2n ** 63n - 1n;
const int64 = fc.bigInt({ min: -limit - 1n, max: limit });
const valuesOf = {
  zero: fc.constant(0n),
  small: fc.bigInt(0n, 3n),
  plain: fc.bigInt(0n, 2n ** 31n),
  signed: fc.bigInt(-40n, 2000n),
  large: fc.oneof(fc.bigInt(2n ** 52n - 2n, 2n ** 52n + 2n), fc.bigInt(2n ** 53n - 2n, 2n ** 53n + 2n)),
  wide: int64,
} as const;
/** How the values of a type are drawn; some follow those of the first type. */
type ValueRule = keyof typeof valuesOf | 'multiple' | 'sized' | 'nearly sized';
const someRule = fc.constantFrom<ValueRule>(
  'zero',
  'small',
  'plain',
  'signed',
  'large',
  'wide',
  'multiple',
  'sized',
  'nearly sized',
);

/** What changes from a profile to the next one. */
const someChange = fc.constantFrom('all', 'some', 'nothing', 'empty');
const someGap = fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.constant(60_000), fc.nat(900_000));

/** Chunks of every kind: all temporalities, negative and huge values, gaps, repeated and empty profiles, carried ones. */
export const someChunk: fc.Arbitrary<DrawnChunk> = fc
  .tuple(
    fc.array(fc.tuple(someType, someRule), { minLength: 1, maxLength: 5 }),
    fc.uniqueArray(fc.oneof(fc.nat(40), fc.nat(2_000)), { maxLength: 30 }),
    fc.integer({ min: 1, max: 12 }),
    fc.boolean(),
    fc.gen(),
  )
  .map(([typesAndRules, stacks, count, isCarried, gen]): DrawnChunk => {
    const hour = 480_000;
    const types = typesAndRules.map(([type]) => type);
    const rules = typesAndRules.map(([, rule]) => rule);
    let rows = new Map<number, bigint[]>();
    let stampMs = hour * 3_600_000 - (isCarried ? 100_000 : 0);
    const profiles: DrawnProfile[] = [];
    for (let at = 0; at < (isCarried ? 1 : count); at++) {
      stampMs += gen(() => someGap);
      if (stampMs >= (hour + 1) * 3_600_000) break;
      rows = nextRows(rows, stacks, rules, gen);
      profiles.push({ ...someFields(gen), stampMs, rows });
    }
    if (profiles.length === 0) profiles.push({ stampMs, rows });
    return { hour, types, profiles, observed: gen(() => someRanges(hour)), carried: isCarried };
  });

export const heapTypes: readonly StoredType[] = [
  { type: 'alloc_objects', unit: 'count', temporality: 'cumulative' },
  { type: 'alloc_space', unit: 'bytes', temporality: 'cumulative' },
  { type: 'inuse_objects', unit: 'count', temporality: 'gauge' },
  { type: 'inuse_space', unit: 'bytes', temporality: 'gauge' },
];

/** What Go's heap profiler says of so many sampled objects of a size: see `scaleHeapSample` in its runtime/pprof. */
export function sampledByGo(count: number, size: number, rate: number): readonly [bigint, bigint] {
  const scale = 1 / (1 - Math.exp(-size / rate));
  return [BigInt(Math.trunc(count * scale)), BigInt(Math.trunc(count * size * scale))];
}

/** A stack of a heap profile: the size of its objects, and of how many samples each profile tells. */
const someSite = fc.record({
  size: fc.oneof(fc.integer({ min: 1, max: 2048 }), fc.integer({ min: 1, max: 20_000_000 })),
  allocated: fc.array(fc.nat(30), { minLength: 8, maxLength: 8 }),
  live: fc.array(fc.nat(9), { minLength: 8, maxLength: 8 }),
  isOdd: fc.boolean(),
});

/** Heap profiles as Go samples them, with a stack now and then that does not fit. */
export const someHeapChunk: fc.Arbitrary<DrawnChunk> = fc
  .tuple(fc.array(someSite, { minLength: 1, maxLength: 40 }), fc.constantFrom(524_288, 4096, 1), fc.nat(5))
  .map(([sites, rate, odds]): DrawnChunk => {
    const hour = 480_000;
    const allocated = sites.map(() => 0);
    const profiles = Array.from({ length: 8 }, (_, minute): DrawnProfile => {
      const rows = sites.map((site, at): [number, bigint[]] => {
        const before = sampledByGo(allocated[at] ?? 0, site.size, rate);
        allocated[at] = (allocated[at] ?? 0) + (site.allocated[minute] ?? 0);
        const after = sampledByGo(allocated[at], site.size, rate);
        const odd = site.isOdd && at < odds ? 1n : 0n;
        return [
          7 * at + 3,
          [after[0] - before[0], after[1] - before[1] + odd, ...sampledByGo(site.live[minute] ?? 0, site.size, rate)],
        ];
      });
      return { stampMs: hour * 3_600_000 + minute * 60_000, standingSeconds: 60, rows: new Map(rows) };
    });
    return { hour, types: heapTypes, profiles, observed: [], period: BigInt(rate) };
  });

function someFields(gen: fc.GeneratorValue): Omit<DrawnProfile, 'stampMs' | 'rows'> {
  return {
    intervalMs: gen(() => fc.constantFrom(60_000, 15_000)),
    spanMs: gen(() => fc.constantFrom(60_000, 60_000, 10_000, 0)),
    trimmed: gen(() => fc.constantFrom(0, 0, 0, 5)),
    standingSeconds: gen(() => fc.constantFrom(60, 60, 0, 3599)),
    timeNanos: gen(() => int64),
    durationNanos: gen(() => fc.constantFrom(0n, 10_000_000_000n, limit)),
    contentHash: gen(() => fc.constantFrom('00000000000000ff', 'fedcba9876543210', '0123456789abcdef')),
    docUrl: gen(() => fc.constantFrom('', '', 'x')),
  };
}

function nextRows(
  before: ReadonlyMap<number, bigint[]>,
  stacks: readonly number[],
  rules: readonly ValueRule[],
  gen: fc.GeneratorValue,
): Map<number, bigint[]> {
  const change = gen(() => someChange);
  const rows = new Map<number, bigint[]>();
  if (change === 'empty') return rows;
  for (const id of stacks) {
    const known = before.get(id);
    const stays = change === 'nothing' || (change === 'some' && gen(() => fc.nat(3)) > 0);
    if (stays && known) rows.set(id, known);
    else if (!stays && gen(() => fc.nat(4)) > 0) rows.set(id, valuesOfRow(id, rules, gen));
  }
  return rows;
}

/** Values like those of one allocation site: a number of objects, and their bytes. */
function valuesOfRow(id: number, rules: readonly ValueRule[], gen: fc.GeneratorValue): bigint[] {
  const values: bigint[] = [];
  for (const rule of rules) {
    const first = values[0] ?? BigInt(gen(() => fc.nat(100)));
    const size = BigInt(16 * (1 + (id % 50)));
    if (rule === 'multiple') values.push(BigInt.asIntN(64, first * 10_000_000n));
    else if (rule === 'sized') values.push(BigInt.asIntN(64, first * size));
    else if (rule === 'nearly sized') values.push(BigInt.asIntN(64, first * size + BigInt(gen(() => fc.nat(7)))));
    else values.push(gen(() => valuesOf[rule]));
  }
  return values;
}

function someRanges(hour: number): fc.Arbitrary<SecondRange[]> {
  return fc.uniqueArray(fc.nat(3600), { maxLength: 6 }).map((borders) => {
    const sorted = borders.sort((a, b) => a - b).map((second) => hour * 3600 + second);
    const ranges: SecondRange[] = [];
    for (let at = 0; at + 1 < sorted.length; at += 2) ranges.push({ from: sorted[at] ?? 0, to: sorted[at + 1] ?? 0 });
    return ranges;
  });
}

/** What of a chunk is kept: of a carried one, its gauges. */
export function keptOf(drawn: DrawnChunk): DrawnChunk {
  if (!drawn.carried) return drawn;
  const isGauge = drawn.types.map(({ temporality }) => temporality === 'gauge');
  const profiles = drawn.profiles.map((profile) => ({
    ...profile,
    rows: new Map(
      [...profile.rows].map(([id, values]) => [id, values.map((value, type) => (isGauge[type] ? value : 0n))]),
    ),
  }));
  return { ...drawn, profiles };
}

/** A chunk that is encoded and lies in memory as it would in a file; `change` may damage its blobs. */
export function storedInMemory(
  input: ChunkInput,
  encoder: ChunkEncoder,
  change: (blob: Buffer, part?: 'entries') => Buffer = (blob) => blob,
): StoredChunk {
  const shapes: string[] = [];
  const encoded = encoder.encode(input, (shape) => ({ id: shapes.push(shape) - 1, checksum: crc32(shape) }));
  const sums = new Map(encoded.sums.map(({ type, data }) => [type, change(data)]));
  const details = new Map(encoded.details.map(({ id, data }) => [id, change(data)]));
  const stacks = change(encoded.stacks);
  const { key, partition, carried } = input;
  const row = {
    ...key,
    id: 1,
    partition,
    carried: carried ? 1 : 0,
    format: chunkFormat,
    entries: change(encoded.entries, 'entries'),
  };
  return new StoredChunk(row, {
    file: 'detail-20241004.db',
    stacks: () => stacks,
    sum: (_, type) => sums.get(type),
    detail: (_, id) => details.get(id),
    shape: ({ id }) => decodeShape(shapes[id] ?? ''),
  });
}

/** Each stack's value of a type, times a weight for each profile, added up: what a chunk must answer. */
export function weightedSums({ profiles }: DrawnChunk, type: number, weights: ArrayLike<number>): Map<number, bigint> {
  const sums = new Map<number, bigint>();
  for (const [entry, { rows }] of profiles.entries()) {
    for (const [id, values] of rows) {
      sums.set(id, (sums.get(id) ?? 0n) + (values[type] ?? 0n) * BigInt(weights[entry] ?? 0));
    }
  }
  return sums;
}

/** By profile: the total of a type. */
export function totalsOf({ profiles }: DrawnChunk, type: number): bigint[] {
  return profiles.map(({ rows }) => [...rows.values()].reduce((sum, values) => sum + (values[type] ?? 0n), 0n));
}
