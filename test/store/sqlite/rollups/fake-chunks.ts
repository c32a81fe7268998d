import { canonicalLabels, type LabelSet } from '../../../../src/model/labels.ts';
import { hour as hourMs } from '../../../../src/model/units.ts';
import { emptyHeader, type ValueColumn } from '../../../../src/profile/profile.ts';
import type { SecondRange, StoredType } from '../../../../src/store/profile-store.ts';
import type { Chunk, ChunkInput, ChunkProfile } from '../../../../src/store/sqlite/chunks/chunk.ts';
import { ByteWriter } from '../../../../src/store/sqlite/encoding/bytes.ts';
import { encodeTotals, SampleEncoder } from '../../../../src/store/sqlite/heads/samples.ts';
import type { Shape } from '../../../../src/store/sqlite/heads/shape.ts';
import { WeightedSums } from '../../../../src/store/sqlite/read/weighted-sums.ts';
import type { HourSeries } from '../../../../src/store/sqlite/rollups/hour-builder.ts';
import type { Roll } from '../../../../src/store/sqlite/rollups/roll.ts';
import { shapeText } from '../../../../src/store/sqlite/rollups/roll-writer.ts';
import { unionOf } from '../../../../src/store/standing.ts';

/** A profile of a chunk, told by stack id and a value for each type. */
export interface FakeProfile {
  readonly atMs: number;
  readonly spanMs: number;
  readonly comment: string;
  readonly samples: readonly (readonly [stack: number, values: readonly bigint[]])[];
  readonly standingSeconds: number;
  readonly trimmed: number;
  readonly timeNanos: bigint;
  readonly durationNanos: bigint;
}

export interface FakeChunk {
  readonly series: HourSeries;
  readonly hour: number;
  readonly partition: number;
  readonly carried: boolean;
  readonly types: readonly StoredType[];
  readonly profiles: readonly FakeProfile[];
  /** Seconds since the hour's start. */
  readonly observed: readonly SecondRange[];
}

const safe = BigInt(Number.MAX_SAFE_INTEGER);

/** A chunk that answers from plain objects, as chunk.ts promises. */
export function chunkOf(fake: FakeChunk): Chunk {
  const { series, hour, partition, carried, types, profiles } = fake;
  const shapes = [...new Set(profiles.map(({ comment }) => comment))].map((comment) => shapeWith(types, comment));
  const totals = types.map((_, type) => totalColumn(profiles.map((one) => totalOf(one, type))));
  const numbers = (of: (profile: FakeProfile) => number) => Float64Array.from(profiles, of);
  return {
    key: { series: series.id, hour, head: 1, part: 0 },
    partition,
    carried,
    entries: {
      count: profiles.length,
      stampMs: numbers(({ atMs }) => hour * hourMs + atMs),
      intervalMs: numbers(() => 60_000),
      spanMs: numbers(({ spanMs }) => spanMs),
      shape: Int32Array.from(profiles, (one) => shapes.findIndex((shape) => shape.header.comments[0] === one.comment)),
      shapes,
      trimmed: numbers(({ trimmed }) => trimmed),
      totals,
      totalsOf: (type) => totals[type] ?? [],
      timeNanos: BigInt64Array.from(profiles, ({ timeNanos }) => timeNanos),
      durationNanos: BigInt64Array.from(profiles, ({ durationNanos }) => durationNanos),
      contentHash: () => '0'.repeat(16),
      standingSeconds: numbers(({ standingSeconds }) => standingSeconds),
      observed: secondsOfHour(fake),
    },
    addSum(type, into) {
      const sums = [...sumsOf(fake, type)].sort(([a], [b]) => a - b);
      const ids = Int32Array.from(sums, ([stack]) => stack);
      into.addSigned(
        ids,
        sums.map(([, sum]) => sum),
        ids.length,
        1,
      );
    },
    get stacks(): Int32Array {
      return assertNever();
    },
    addDetail: () => assertNever(),
    groupSums: () => assertNever(),
    letGo: () => assertNever(),
    samples: () => assertNever(),
  };
}

/** What the same chunk is written from; `part` tells the chunks of one series apart. */
export function chunkInputOf(fake: FakeChunk, part: number): ChunkInput {
  const { series, hour, partition, carried, types, profiles } = fake;
  const [encoder, writer] = [new SampleEncoder(), new ByteWriter()];
  return {
    key: { series: series.id, hour, head: 1, part },
    partition,
    carried,
    observed: secondsOfHour(fake),
    profiles: profiles.map((one): ChunkProfile => {
      const columns = types.map((_, type) => columnOf(one.samples.map(([, values]) => values[type] ?? 0n)));
      const ids = Int32Array.from(one.samples, ([stack]) => stack);
      writer.reset();
      const totals = encoder.encode(writer, one, ids, ids.length, columns);
      const samples = Buffer.from(writer.bytes());
      writer.reset();
      encodeTotals(writer, totals);
      return {
        stampMs: hour * hourMs + one.atMs,
        intervalMs: 60_000,
        spanMs: one.spanMs,
        shape: shapeText(shapeWith(types, one.comment)),
        trimmed: one.trimmed,
        totals: Buffer.from(writer.bytes()),
        contentHash: '0123456789abcdef',
        samples,
        standingSeconds: one.standingSeconds,
      };
    }),
  };
}

/** A roll-up in words, for comparing. */
export type RollView = ReturnType<typeof viewOfRoll>;

export function viewOfRoll(roll: Roll) {
  const { key, shapes, processes, stamps, trimmed, timeNanos, durationNanos } = roll;
  const types = shapes[0]?.types ?? [];
  return {
    key: `${canonicalLabels(key.labels)} ${key.kind} ${key.bucket} ${key.partition}.${key.part}`,
    shapes: shapes.map(shapeText),
    processes: processes.map(({ id, profiles, spanMs, totals, observed }) => {
      return { id, profiles, spanMs, totals: [...totals], observed: [...observed] };
    }),
    stamps,
    trimmed,
    timeNanos,
    durationNanos,
    sums: types.map((_, type) => {
      const sums = new WeightedSums(0);
      roll.addSum(type, sums);
      return sumsIn(sums);
    }),
  };
}

/** What the roll-ups of a bucket must be, from nothing but the profiles of all its chunks, hour by hour. */
export function expectedRolls(bucket: number, chunks: readonly FakeChunk[]): RollView[] {
  const inOrder = chunks.toSorted((a, b) => a.hour - b.hour || a.series.id - b.series.id);
  const groups = Map.groupBy(inOrder, ({ series }) => `${canonicalLabels(withoutPod(series.labels))} ${series.kind}`);
  return [...groups].flatMap(([group, ofGroup]) =>
    [...Map.groupBy(ofGroup, ({ partition }) => partition)].flatMap(([partition, ofPartition]) =>
      [...Map.groupBy(ofPartition, ({ types }) => JSON.stringify(types)).values()].map((ofPart, part) => {
        return { key: `${group} ${bucket} ${partition}.${part}`, ...expectedRoll(ofPart) };
      }),
    ),
  );
}

export function byKey(a: RollView, b: RollView): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

function expectedRoll(chunks: readonly FakeChunk[]): Omit<RollView, 'key'> {
  const types = chunks[0]?.types ?? [];
  const own = chunks.filter(({ carried }) => !carried);
  const profiles = own.flatMap((chunk) =>
    chunk.profiles.map((one) => ({ ...one, stampMs: chunk.hour * hourMs + one.atMs })),
  );
  const stamps = profiles.map(({ stampMs }) => stampMs);
  const times = profiles.map(({ timeNanos }) => timeNanos).filter((nanos) => nanos !== 0n);
  const ofShapes = (own.length > 0 ? own : chunks).flatMap((chunk) => chunk.profiles.map(({ comment }) => comment));
  const byProcess = Map.groupBy(chunks, ({ series }) => series.process);
  return {
    shapes: [...new Set(ofShapes)].map((comment) => shapeText(shapeWith(types, comment))),
    processes: [...byProcess]
      .sort(([a], [b]) => a - b)
      .map(([id, ofProcess]) => {
        const its = ofProcess.filter(({ carried }) => !carried).flatMap((chunk) => chunk.profiles);
        return {
          id,
          profiles: its.length,
          spanMs: its.reduce((sum, { spanMs }) => sum + spanMs, 0),
          totals: types.map((_, type) => addedUp(ofProcess.flatMap((chunk) => [...sumsOf(chunk, type).values()]))),
          observed: unionOf(ofProcess.flatMap(secondsOfHour)),
        };
      }),
    stamps: stamps.length > 0 ? { firstMs: Math.min(...stamps), lastMs: Math.max(...stamps) } : undefined,
    trimmed: profiles.reduce((sum, { trimmed }) => sum + trimmed, 0),
    timeNanos: times.reduce((least, nanos) => (nanos < least ? nanos : least), times[0] ?? 0n),
    durationNanos: addedUp(profiles.map(({ durationNanos }) => durationNanos)),
    sums: types.map((_, type) => {
      const all = chunks.flatMap((chunk) => [...sumsOf(chunk, type)]);
      const sums = [...Map.groupBy(all, ([stack]) => stack)].map(
        ([stack, ofStack]) => [stack, addedUp(ofStack.map(([, sum]) => sum))] as const,
      );
      return sums.filter(([, sum]) => sum !== 0n).sort(([a], [b]) => a - b);
    }),
  };
}

/** Of one type by stack: increases of its own profiles, value·seconds of gauges. */
function sumsOf({ carried, types, profiles }: FakeChunk, type: number): Map<number, bigint> {
  const isGauge = types[type]?.temporality === 'gauge';
  const sums = new Map<number, bigint>();
  for (const { samples, standingSeconds } of profiles) {
    const weight = isGauge ? BigInt(standingSeconds) : carried ? 0n : 1n;
    for (const [stack, values] of samples) sums.set(stack, (sums.get(stack) ?? 0n) + weight * (values[type] ?? 0n));
  }
  return sums;
}

function sumsIn(sums: WeightedSums): (readonly [number, bigint])[] {
  const found = Array.from({ length: sums.size }, (_, id) => [id, BigInt(sums.at(id))] as const);
  return found.filter(([, sum]) => sum !== 0n);
}

function secondsOfHour({ hour, observed }: FakeChunk): SecondRange[] {
  return observed.map(({ from, to }) => ({ from: hour * 3600 + from, to: hour * 3600 + to }));
}

function withoutPod({ pod: _pod, node: _node, ...labels }: LabelSet): LabelSet {
  return labels;
}

function shapeWith(types: readonly StoredType[], comment: string): Shape {
  const { timeNanos: _time, durationNanos: _duration, ...header } = emptyHeader;
  return { types, header: { ...header, comments: [comment] } };
}

function totalOf({ samples }: FakeProfile, type: number): bigint {
  return addedUp(samples.map(([, values]) => values[type] ?? 0n));
}

function totalColumn(values: readonly bigint[]): Float64Array | readonly bigint[] {
  const column = columnOf(values);
  return column instanceof Float64Array ? column : values;
}

function columnOf(values: readonly bigint[]): ValueColumn {
  const isPlain = values.every((value) => value <= safe && value >= -safe);
  return isPlain ? Float64Array.from(values, Number) : BigInt64Array.from(values);
}

function addedUp(values: readonly bigint[]): bigint {
  return values.reduce((sum, value) => sum + value, 0n);
}

function assertNever(): never {
  throw new Error('roll-ups have no need of single profiles');
}
