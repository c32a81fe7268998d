import type { DurationMs, UnixMs } from '../../../model/units.ts';
import type { SeriesRow, SeriesRows } from '../catalogue/series-rows.ts';
import type { Chunk } from '../chunks/chunk.ts';
import { hourOf, type UnixHour } from '../files/data-dir.ts';
import type { HeadFiles } from '../heads/head-files.ts';
import type { IncreaseSum } from '../heads/increases.ts';
import type { CompactedHours } from './compacted-hours.ts';

export interface NewestProfile {
  readonly stampMs: UnixMs;
  readonly intervalMs: DurationMs;
  readonly contentHash: string;
  /** The id of the head that it came in. */
  readonly head: number;
}

/** What the writer asks of profiles that are stored already, whether they lie in a head or in the chunks made of one. */
export class StoredProfiles {
  readonly #series: SeriesRows;
  readonly #heads: HeadFiles;
  readonly #compacted: CompactedHours;
  #hours: { readonly listed: number; readonly newestFirst: readonly UnixHour[] } | undefined;
  #oldest: { readonly hour: UnixHour; readonly stampMs: UnixMs | undefined } | undefined;
  #newestMs: UnixMs | undefined;

  constructor(series: SeriesRows, heads: HeadFiles, compacted: CompactedHours) {
    this.#series = series;
    this.#heads = heads;
    this.#compacted = compacted;
  }

  newest({ id, firstHour, lastHour }: SeriesRow): NewestProfile | undefined {
    for (const hour of this.#newestFirst()) {
      if (hour > lastHour) continue;
      if (hour < firstHour) return undefined;
      const found = this.#newestIn(hour, [id]);
      if (found) return found;
    }
    return undefined;
  }

  /** The content hash of the profile of a series at a stamp. */
  contentAt(series: number, stampMs: UnixMs): string | undefined {
    const hour = hourOf(stampMs);
    for (const head of this.#heads.of(hour)) {
      const found = this.#heads.read(head, (file) => file.contentAt(series, stampMs));
      if (found !== undefined) return found;
    }
    for (const { entries } of this.#compacted.chunks(hour, [series])) {
      const entry = entries.stampMs.indexOf(stampMs);
      if (entry >= 0) return entries.contentHash(entry);
    }
    return undefined;
  }

  /** The stamp of the newest profile of any series of a partition. */
  lastLook(partition: string): UnixMs | undefined {
    const lastHour = this.#series.lastHourOf(partition);
    if (lastHour === undefined) return undefined;
    for (const hour of this.#newestFirst()) {
      const series = hour > lastHour ? [] : this.#series.ofPartitionInHour(partition, hour);
      const found = series.length > 0 ? this.#newestIn(hour, series) : undefined;
      if (found) return found.stampMs;
    }
    return undefined;
  }

  /** Adds up the increases of a series after a stamp. */
  addIncreases({ id, firstHour, lastHour }: SeriesRow, afterMs: UnixMs, sum: IncreaseSum): void {
    const from = Math.max(firstHour, hourOf(afterMs));
    for (const hour of this.#newestFirst()) {
      if (hour < from || hour > lastHour) continue;
      for (const head of this.#heads.of(hour)) {
        const profiles = this.#heads.read(head, (file) => [...file.after(id, afterMs)]);
        for (const profile of profiles ?? []) sum.add(profile);
      }
      for (const chunk of this.#compacted.chunks(hour, [id])) sum.addChunk(chunk, afterMs);
    }
  }

  oldestMs(): UnixMs | undefined {
    const oldest = this.#newestFirst().at(-1);
    if (oldest === undefined) return undefined;
    if (this.#oldest?.hour !== oldest) {
      const inHeads = this.#heads
        .of(oldest)
        .flatMap((head) => this.#heads.read(head, (file) => file.firstStamp()) ?? []);
      const inChunks = this.#compacted.chunks(oldest, 'all').map(({ entries }) => entries.stampMs[0] ?? Infinity);
      const first = [...inHeads, ...inChunks].reduce((a, b) => Math.min(a, b), Infinity);
      this.#oldest = { hour: oldest, stampMs: first === Infinity ? undefined : first };
    }
    return this.#oldest.stampMs;
  }

  newestMs(): UnixMs | undefined {
    this.#newestMs ??= this.#findNewestMs();
    return this.#newestMs;
  }

  /** A profile of this stamp is stored. */
  note(stampMs: UnixMs): void {
    if (this.#newestMs !== undefined && stampMs > this.#newestMs) this.#newestMs = stampMs;
  }

  forget(): void {
    this.#oldest = undefined;
    this.#newestMs = undefined;
  }

  #findNewestMs(): UnixMs | undefined {
    const [newest] = this.#newestFirst();
    if (newest === undefined) return undefined;
    const inHeads = this.#heads.of(newest).flatMap((head) => this.#heads.read(head, (file) => file.lastStamp()) ?? []);
    const inChunks = this.#compacted.chunks(newest, 'all').map(({ entries }) => entries.stampMs.at(-1) ?? 0);
    const last = [...inHeads, ...inChunks].reduce((a, b) => Math.max(a, b), 0);
    return last === 0 ? undefined : last;
  }

  #newestIn(hour: UnixHour, series: readonly number[]): NewestProfile | undefined {
    let newest: NewestProfile | undefined;
    for (const head of this.#heads.of(hour)) {
      for (const id of series) {
        const found = this.#heads.read(head, (file) => file.newest(id));
        if (found && found.stampMs > (newest?.stampMs ?? -1)) newest = { ...found, head: head.id };
      }
    }
    for (const chunk of this.#compacted.chunks(hour, series)) {
      const found = newestOf(chunk);
      if (found.stampMs > (newest?.stampMs ?? -1)) newest = found;
    }
    return newest;
  }

  /** The hours that hold profiles, in heads or chunks. */
  #newestFirst(): readonly UnixHour[] {
    if (this.#hours?.listed !== this.#heads.listed) {
      const hours = new Set([...this.#heads.hours(), ...this.#compacted.hours()]);
      this.#hours = { listed: this.#heads.listed, newestFirst: [...hours].sort((a, b) => b - a) };
    }
    return this.#hours.newestFirst;
  }
}

function newestOf({ entries, key }: Chunk): NewestProfile {
  const last = entries.count - 1;
  return {
    stampMs: entries.stampMs[last] ?? 0,
    intervalMs: entries.intervalMs[last] ?? 0,
    contentHash: entries.contentHash(last),
    head: key.head,
  };
}
