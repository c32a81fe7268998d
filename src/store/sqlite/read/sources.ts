import { join } from 'node:path';
import { formatTime } from '../../../model/time.ts';
import { hour as hourMs, type UnixMs } from '../../../model/units.ts';
import type { Allowance } from '../../allowance.ts';
import type { CatalogueReader } from '../catalogue/catalogue-reader.ts';
import type { CatalogueFile, Layout } from '../catalogue/layout.ts';
import type { Chunk } from '../chunks/chunk.ts';
import { DetailReader } from '../chunks/detail-file.ts';
import { dayOfHour, hourOf, hoursOfDay, type UnixDay, type UnixHour } from '../files/data-dir.ts';
import { HeadReader } from '../heads/head-reader.ts';
import type { RollLevel } from '../rollups/roll.ts';
import { RollReader } from '../rollups/roll-reader.ts';
import type { DamageBook } from './damage-book.ts';
import { type FactFile, FileGone, type OpenFiles } from './open-files.ts';
import type { HeldTime, TimePlan } from './plan.ts';

/** The layout has changed since the catalogue was read: what was found does not fit together. The question begins anew. */
export class LayoutMoved extends Error {
  override readonly name = 'LayoutMoved';
}

export interface SourcesOptions {
  readonly catalogue: CatalogueReader;
  readonly files: OpenFiles;
  readonly damage: DamageBook;
  readonly allowance: Allowance;
  /** The last attempt at an answer: what moves or is gone is left out and said so. */
  readonly isLast: boolean;
}

/** Buckets `[from, to)` that lie in one file of roll-ups. */
export interface RollRun {
  readonly file: RollReader;
  readonly from: number;
  readonly to: number;
}

/** What a chunk holds before its values are read: which stacks, and what is known of each profile. */
const chunkBytes = 8 * 1024;

/**
 * What one attempt at an answer reads from: the catalogue and files that fit it, without what is damaged. What is left out is
 * noted when it is asked for: an answer that needs it no more is whole.
 */
export class Sources {
  readonly catalogue: CatalogueReader;
  readonly layout: Layout;
  /** What this attempt may spend: to be asked between steps, and told of what is held. */
  readonly allowance: Allowance;
  readonly #files: OpenFiles;
  readonly #damage: DamageBook;
  readonly #isLast: boolean;
  readonly #leftOut = new Map<string, string>();

  constructor({ catalogue, files, damage, allowance, isLast }: SourcesOptions) {
    this.allowance = allowance;
    this.catalogue = catalogue;
    this.layout = catalogue.layout;
    this.#files = files;
    this.#damage = damage;
    this.#isLast = isLast;
  }

  /** The heads of some hours, both ends included, by hour and generation. */
  heads(from: UnixHour, to: UnixHour): HeadReader[] {
    return this.layout.headsIn(from, to).flatMap((file) => {
      this.allowance.check();
      const hour = hourOf(file.fromMs);
      return this.isDamaged(hour) ? this.#leaveOut(hour) : (this.#use(file, openHead) ?? []);
    });
  }

  /**
   * The chunks that count of some series (ids as a JSON array) in some hours, both ends included, carried ones too: file by
   * file, by series, hour and first stamp.
   */
  chunks(series: string, from: UnixHour, to: UnixHour): Chunk[] {
    const found: Chunk[] = [];
    for (const file of this.layout.details) {
      const [first, end] = [Math.max(from, hourOf(file.fromMs)), Math.min(to + 1, hourOf(file.toMs))];
      for (const run of this.#wholeRuns(first, end)) {
        const detail = this.#use(file, openDetail);
        const chunks = detail?.chunks(series, run.from, run.to) ?? [];
        this.allowance.hold(chunks.length * chunkBytes);
        for (const chunk of chunks) if (this.layout.isCompacted(chunk.key.head)) found.push(chunk);
      }
    }
    return found;
  }

  /** Of which time what is held. */
  get held(): HeldTime {
    const { detailFromMs = Infinity, rolls, rolledHours, rolledDays } = this.layout;
    const [oldest] = rolls['1h'];
    return {
      detailFromMs,
      hoursFromMs: oldest?.fromMs ?? Infinity,
      rolledHours: this.#whole('1h', rolledHours),
      rolledDays: this.#whole('1d', rolledDays),
    };
  }

  /** The files that hold the roll-ups of some rising buckets, which are among the `held` ones. */
  rollRuns(level: RollLevel, buckets: readonly number[]): RollRun[] {
    const runs: { file: RollReader; from: number; to: number }[] = [];
    for (const bucket of buckets) {
      const listed = this.layout.rollOf(level, bucket);
      const file = listed && this.#use(listed, openRoll);
      if (!file) continue;
      if (level === '1d') this.#leaveOutLost(bucket);
      const last = runs.at(-1);
      if (last?.file === file && last.to === bucket) last.to++;
      else runs.push({ file, from: bucket, to: bucket + 1 });
    }
    return runs;
  }

  /** Notes what a plan cannot answer because roll-ups are damaged whose single profiles are gone. */
  noteLostRolls({ window, days }: Pick<TimePlan, 'window' | 'days'>): void {
    if (!this.#damage.hasAny) return;
    const { detailFromMs = Infinity, rolledHours, rolledDays } = this.layout;
    const goneUntilMs = Math.min(window.toMs, detailFromMs);
    const isGone = (fromMs: UnixMs, sizeMs: number): boolean => fromMs < goneUntilMs && fromMs + sizeMs > window.fromMs;
    const byDay = new Set(days);
    for (const hour of rolledHours) {
      if (!isGone(hour * hourMs, hourMs) || byDay.has(dayOfHour(hour))) continue;
      this.#noteLost('1h', hour, hour, hour + 1);
    }
    for (const day of rolledDays) {
      const [from, to] = [day * hoursOfDay, (day + 1) * hoursOfDay];
      const isByHour = this.layout.rollOf('1h', from) !== undefined;
      if (!isByHour && isGone(from * hourMs, hoursOfDay * hourMs)) this.#noteLost('1d', day, from, to);
    }
  }

  /** Whether the detail of an hour is damaged; its roll-ups may be whole. */
  isDamaged(hour: UnixHour): boolean {
    return this.#damageOf(hour) !== undefined;
  }

  /** The hours whose detail is damaged, as far as it is known; rising. */
  damagedHours(): UnixHour[] {
    const { damagedHours } = this.layout;
    const held = this.#damage.hasAny ? this.layout.detailHours(-Infinity, Infinity) : [];
    const all = new Set([...damagedHours.keys(), ...held.filter((hour) => this.isDamaged(hour))]);
    return [...all].sort((a, b) => a - b);
  }

  /** Sentences on what was asked for and is not in the answer. */
  get warnings(): string[] {
    return [...this.#leftOut.values()];
  }

  /** Whether anything that was asked for is not in the answer. */
  get isPartial(): boolean {
    return this.#leftOut.size > 0;
  }

  /** A snapshot of a file that fits the catalogue. Undefined where it is gone at the last attempt. */
  #use<File extends FactFile>(
    file: CatalogueFile,
    open: (dataDir: string, file: CatalogueFile) => File,
  ): File | undefined {
    try {
      const opened = this.#files.use(file, open);
      if (opened.isNew && this.catalogue.layoutChanged()) {
        if (!this.#isLast) throw new LayoutMoved(`${file.name} was rewritten`);
        this.#leftOut.set('layout', 'the store was rewritten while this was answered: ask again for the whole');
      }
      return opened.file;
    } catch (error) {
      if (!(error instanceof FileGone) || !this.#isLast) throw error;
      this.#leftOut.set(file.name, `${file.name} was removed while this was answered: ask again for the whole`);
      return undefined;
    }
  }

  /** Stretches of hours without damage; those with damage are noted. */
  *#wholeRuns(from: UnixHour, to: UnixHour): Generator<{ readonly from: UnixHour; readonly to: UnixHour }> {
    let start = from;
    for (let hour = from; hour < to; hour++) {
      if (!this.isDamaged(hour)) continue;
      this.#leaveOut(hour);
      if (start < hour) yield { from: start, to: hour };
      start = hour + 1;
    }
    if (start < to) yield { from: start, to };
  }

  /** Without what this reader found damaged. */
  #whole(level: RollLevel, buckets: readonly number[]): readonly number[] {
    if (!this.#damage.hasAny) return buckets;
    const hours = level === '1h' ? 1 : hoursOfDay;
    return buckets.filter((bucket) => {
      const file = this.layout.rollOf(level, bucket);
      return file && this.#damage.damageIn(file, bucket * hours, (bucket + 1) * hours) === undefined;
    });
  }

  /** A day is rolled up without the hours whose detail was damaged before they were. */
  #leaveOutLost(day: UnixDay): void {
    if (this.layout.damagedHours.size === 0) return;
    for (let hour = day * hoursOfDay; hour < (day + 1) * hoursOfDay; hour++) {
      if (this.layout.damagedHours.has(hour) && !this.layout.isHourRolled(hour)) this.#leaveOut(hour);
    }
  }

  #noteLost(level: RollLevel, bucket: number, from: UnixHour, to: UnixHour): void {
    const file = this.layout.rollOf(level, bucket);
    const because = file && this.#damage.damageIn(file, from, to);
    if (because === undefined) return;
    const what = level === '1h' ? 'the hour' : 'the day';
    this.#leftOut.set(
      `${what} ${bucket}`,
      `${what} from ${formatTime(from * hourMs)} is damaged and left out: ${because}`,
    );
  }

  #leaveOut(hour: UnixHour): [] {
    const because = this.#damageOf(hour) ?? '';
    this.#leftOut.set(`hour ${hour}`, `the hour from ${formatTime(hour * hourMs)} is damaged and left out: ${because}`);
    return [];
  }

  #damageOf(hour: UnixHour): string | undefined {
    const known = this.layout.damagedHours.get(hour);
    if (known !== undefined || !this.#damage.hasAny) return known;
    const detail = this.layout.detailOf(hour);
    const files = [...this.layout.headsIn(hour, hour), ...(detail ? [detail] : [])];
    for (const file of files) {
      const because = this.#damage.damageIn(file, hour, hour + 1);
      if (because !== undefined) return because;
    }
    return undefined;
  }
}

function openHead(dataDir: string, file: CatalogueFile): HeadReader {
  return new HeadReader(dataDir, file.name, hourOf(file.fromMs));
}

function openDetail(dataDir: string, { name }: CatalogueFile): DetailReader {
  return new DetailReader(join(dataDir, name));
}

function openRoll(dataDir: string, { name }: CatalogueFile): RollReader {
  return new RollReader(join(dataDir, name));
}
