import type { SecondRange } from '../../profile-store.ts';
import { secondsIn } from '../../standing.ts';
import type { Chunk, ChunkInput } from '../chunks/chunk.ts';
import { ByteWriter } from '../encoding/bytes.ts';
import type { UnixHour } from '../files/data-dir.ts';
import { encodeTotals, SampleEncoder } from '../heads/samples.ts';
import { encodeShape, type Shape } from '../heads/shape.ts';

/** A chunk for an hour into which a snapshot stands, made of the chunk that holds the snapshot. */
export function carriedFrom(chunk: Chunk, entry: number, hour: UnixHour, range: SecondRange): ChunkInput {
  const { entries, key, partition } = chunk;
  const { types, header } = entries.shapes[entries.shape[entry] ?? 0] as Shape;
  const times = { timeNanos: entries.timeNanos[entry] ?? 0n, durationNanos: entries.durationNanos[entry] ?? 0n };
  const { ids, values } = chunk.samples(entry);
  const [samples, totals] = [new ByteWriter(), new ByteWriter()];
  new SampleEncoder().encode(samples, times, ids, ids.length, values);
  encodeTotals(
    totals,
    entries.totals.map((column) => column[entry] ?? 0),
  );
  return {
    key: { series: key.series, hour, head: key.head, part: 0 },
    partition,
    carried: true,
    profiles: [
      {
        stampMs: entries.stampMs[entry] ?? 0,
        intervalMs: entries.intervalMs[entry] ?? 0,
        spanMs: entries.spanMs[entry] ?? 0,
        shape: encodeShape(types, { ...header, ...times }),
        trimmed: entries.trimmed[entry] ?? 0,
        totals: totals.bytes(),
        contentHash: entries.contentHash(entry),
        samples: samples.bytes(),
        standingSeconds: secondsIn(range),
      },
    ],
    observed: [range],
  };
}
