import type { Profile, ProfileHeader, ValueColumn } from '../../../profile/profile.ts';
import type { Chunk } from '../chunks/chunk.ts';
import type { StackDictionary } from '../dictionary/dictionary.ts';
import type { FrameRegistry } from '../dictionary/frame-registry.ts';
import type { HeadReader, ProfileRow } from '../heads/head-reader.ts';
import { SampleDecoder, samplesFormat } from '../heads/samples.ts';
import type { Shape } from '../heads/shape.ts';
import { buildAnswer } from './answer.ts';
import { WeightedSums } from './weighted-sums.ts';

/** What the stacks of profiles are named by. */
export interface Symbols {
  readonly dictionaryOf: (partition: number) => StackDictionary;
  readonly registry: FrameRegistry;
}

/** One profile of a head as it was stored: increases where a type is cumulative, the snapshot where it is a gauge. */
export function profileInHead(head: HeadReader, row: ProfileRow, symbols: Symbols): Profile {
  const { format, data } = head.samples(row.samples);
  if (format !== samplesFormat) throw new Error(`unknown format ${format} of samples ${row.samples}`);
  const shape = head.shape(row.shape);
  const decoder = new SampleDecoder();
  decoder.open(data);
  const { count, timeNanos, durationNanos } = decoder;
  const ids = decoder.ids.slice(0, count);
  const values = shape.types.map((): ValueColumn => {
    const kind = decoder.readColumn();
    if (kind === 'zero') return new Float64Array(count);
    return kind === 'plain' ? decoder.plain.slice(0, count) : decoder.signed.slice(0, count);
  });
  return named({ ids, values }, row.partition, shape, { timeNanos, durationNanos }, symbols);
}

/** The same of a chunk; a carried one holds no profile. */
export function profileInChunk(chunk: Chunk, entry: number, symbols: Symbols): Profile {
  const { entries } = chunk;
  const shape = entries.shapes[entries.shape[entry] ?? 0];
  if (!shape) throw new Error(`a chunk of series ${chunk.key.series} has no shape for profile ${entry}`);
  const times = { timeNanos: entries.timeNanos[entry] ?? 0n, durationNanos: entries.durationNanos[entry] ?? 0n };
  return named(chunk.samples(entry), chunk.partition, shape, times, symbols);
}

function named(
  { ids, values }: { readonly ids: Int32Array; readonly values: readonly ValueColumn[] },
  partition: number,
  { types, header }: Shape,
  times: Pick<ProfileHeader, 'timeNanos' | 'durationNanos'>,
  { dictionaryOf, registry }: Symbols,
): Profile {
  const dictionary = dictionaryOf(partition);
  const sums = values.map((column) => {
    const sum = new WeightedSums(dictionary.stackLeaf.size);
    sum.addSigned(ids, column instanceof BigInt64Array ? column : Array.from(column, BigInt), ids.length, 1);
    return sum;
  });
  const ones = types.map(() => 1);
  const answer = buildAnswer([{ dictionary, sums }], ones, registry);
  return {
    sampleTypes: types.map(({ type, unit }) => ({ type, unit })),
    stacks: answer.stacks,
    values: answer.values,
    divisors: answer.divisors,
    header: { ...header, ...times },
  };
}
