import { canonicalLabels, type LabelSet } from '../../../model/labels.ts';
import type { ProfileKind } from '../../../model/profile-type.ts';
import type { Chunk } from '../chunks/chunk.ts';
import type { UnixHour } from '../files/data-dir.ts';
import { groupLabels, type RollInput } from './roll.ts';
import { RollBuilder } from './roll-builder.ts';
import type { RollWriter } from './roll-writer.ts';

/** A series that has chunks in the hour. */
export interface HourSeries {
  readonly id: number;
  readonly labels: LabelSet;
  readonly kind: ProfileKind;
  /** Row id in meta.db. */
  readonly process: number;
}

/** What an hour's roll-ups are made of. */
export interface HourChunks {
  readonly hour: UnixHour;
  readonly series: readonly HourSeries[];
  /** The chunks of a series that count in the hour, its own and carried ones, in order of time. */
  readonly chunksOf: (series: number) => readonly Chunk[];
}

/**
 * Writes all roll-ups of an hour anew, as one transaction. Stops after each group, so that the caller may rest: nothing is
 * written before the end, nor when the caller gives up.
 */
export function rollUpHour(chunks: HourChunks, writer: RollWriter): Generator<undefined, void> {
  return writer.replaceBucket(chunks.hour, rollsOf(chunks));
}

function* rollsOf({ hour, series, chunksOf }: HourChunks): Generator<RollInput | undefined> {
  for (const { labels, kind, members } of groupsOf(series)) {
    const builder = new RollBuilder();
    for (const { id, process } of members) {
      for (const chunk of chunksOf(id)) builder.addChunk(chunk, process);
    }
    yield* builder.finish(labels, kind, hour);
    yield undefined;
  }
}

interface KindOfGroup {
  readonly labels: LabelSet;
  readonly kind: ProfileKind;
  /** In order of id. */
  readonly members: HourSeries[];
}

/** In order of labels and kind, so that what is read together lies together. */
function groupsOf(series: readonly HourSeries[]): KindOfGroup[] {
  const groups = new Map<string, KindOfGroup>();
  const texts = new Map<LabelSet, string>();
  for (const one of series.toSorted((a, b) => a.id - b.id)) {
    const text = texts.get(one.labels) ?? canonicalLabels(groupLabels(one.labels));
    texts.set(one.labels, text);
    const key = `${text}${one.kind}`;
    const group = groups.get(key) ?? { labels: JSON.parse(text) as LabelSet, kind: one.kind, members: [] };
    groups.set(key, group);
    group.members.push(one);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}
