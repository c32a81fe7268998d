import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Profile } from '../../src/profile/profile.ts';
import { canonicalTextOfProfile } from './canonical-text.ts';
import { corpusDir, corpusFile, corpusJson } from './corpus.ts';

/** What a collector would have seen of a few pods, tick by tick, and what must be answered of it. */
export interface Recording {
  readonly name: string;
  readonly intervalMs: number;
  readonly scrapes: readonly RecordedScrape[];
  readonly windows: readonly RecordedWindow[];
}

/** One pod at one tick. A missed one has no files. */
export interface RecordedScrape {
  readonly tick: number;
  readonly pod: string;
  readonly incarnation: number;
  readonly build: string;
  readonly startedMs: number;
  readonly ms: number;
  /** Profiles by kind. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** Answers for the ticks after `after_tick` up to and with `to_tick`, in the form of the corpus. Numbers are decimal text. */
export interface RecordedWindow {
  readonly after_tick: number;
  readonly to_tick: number;
  readonly answers: readonly KindAnswer[];
}

export interface KindAnswer {
  readonly kind: string;
  readonly class: 'counter' | 'delta' | 'gauge';
  readonly types: readonly string[];
  readonly totals: readonly string[];
  readonly totals_by_pod: Readonly<Record<string, readonly string[]>>;
  readonly totals_by_build: Readonly<Record<string, readonly string[]>>;
  readonly canon: { readonly sha256: string };
  readonly top: readonly TypeTop[];
  /** Gauges: all above is the sum over so many ticks. */
  readonly ticks?: number;
  readonly last?: Moment;
  /** For each type, the tick at which it was largest. */
  readonly max?: readonly (Moment & { readonly type: string })[];
}

interface Moment {
  readonly tick: number;
  readonly totals: readonly string[];
  readonly canon: { readonly sha256: string };
}

export interface TypeTop {
  readonly type: string;
  readonly by_flat: readonly TopRow[];
  readonly by_cum: readonly TopRow[];
}

export interface TopRow {
  readonly function: string;
  readonly flat: string | number;
  readonly cum: string | number;
}

interface CorpusScrape {
  readonly tick: number;
  readonly pod: string;
  readonly incarnation: number;
  readonly build: string;
  readonly started_unix_ms: number;
  readonly unix_ms: number;
  readonly files?: Readonly<Record<string, string>>;
}

/** The names of the recordings with known answers; none without the corpus. */
export const recordingNames: readonly string[] =
  corpusDir === undefined ? [] : readdirSync(join(corpusDir, 'series')).sort();

export function readRecording(name: string): Recording {
  const lines = Buffer.from(corpusFile('series', name, 'scrapes.ndjson'))
    .toString()
    .trim()
    .split('\n');
  const scrapes = lines.map((line) => {
    const { started_unix_ms, unix_ms, files = {}, ...scrape } = JSON.parse(line) as CorpusScrape;
    const bytes = Object.entries(files).map(([kind, file]) => [kind, corpusFile('series', name, file)]);
    return { ...scrape, startedMs: started_unix_ms, ms: unix_ms, files: Object.fromEntries(bytes) };
  });
  const { windows } = corpusJson('series', name, 'answers.json') as Pick<Recording, 'windows'>;
  return { name, scrapes, windows, intervalMs: medianGap(scrapes) };
}

/** The same recording so much later. */
export function shifted(recording: Recording, byMs: number): Recording {
  const scrapes = recording.scrapes.map((scrape) => ({
    ...scrape,
    startedMs: scrape.startedMs + byMs,
    ms: scrape.ms + byMs,
  }));
  return { ...recording, scrapes };
}

/** The same recording, moved by whole seconds so that its last tick is at most `ms`. */
export function endingBefore(recording: Recording, ms: number): Recording {
  return shifted(recording, Math.floor((ms - lastMs(recording)) / 1000) * 1000);
}

/** The same recording, moved by whole seconds so that an hour ends in its middle, and all of it lies before `ms`. */
export function acrossAnHour(recording: Recording, ms: number): Recording {
  const spanMs = lastMs(recording) - timeOfTick(recording, 0);
  const hourMs = Math.floor((ms - spanMs) / 3_600_000) * 3_600_000;
  return endingBefore(recording, hourMs + spanMs / 2);
}

/** The scrapes by tick, in order. */
export function ticksOf({ scrapes }: Recording): RecordedScrape[][] {
  return [...Map.groupBy(scrapes, ({ tick }) => tick)].sort(([a], [b]) => a - b).map(([, list]) => list);
}

/** The half-open window to ask a store for: a snapshot stands for the time after it. */
export function timesOf(recording: Recording, { after_tick, to_tick }: RecordedWindow) {
  return { fromMs: timeOfTick(recording, after_tick + 1), toMs: timeOfTick(recording, to_tick + 1) };
}

/** The text of a profile's columns of these types, hashed; that two profiles have it in common means that they are equal. */
export function hashOf(profile: Profile, types: readonly string[]): string {
  const columns = types.map((type) => profile.sampleTypes.findIndex((sample) => sample.type === type));
  const pick = <T>(list: readonly T[]): T[] => columns.flatMap((column) => list.slice(column, column + 1));
  const picked = {
    ...profile,
    sampleTypes: pick(profile.sampleTypes),
    values: pick(profile.values),
    divisors: pick(profile.divisors),
  };
  return createHash('sha256').update(canonicalTextOfProfile(picked)).digest('hex');
}

/** The earliest pod's time; one interval after the end for the tick that would come next. */
function timeOfTick(recording: Recording, tick: number): number {
  const times = recording.scrapes.filter((scrape) => scrape.tick === tick).map(({ ms }) => ms);
  return times.length > 0 ? Math.min(...times) : timeOfTick(recording, tick - 1) + recording.intervalMs;
}

function lastMs({ scrapes }: Recording): number {
  return Math.max(...scrapes.map(({ ms }) => ms));
}

/** In whole seconds, as a collector would have been told. */
function medianGap(scrapes: readonly { readonly tick: number; readonly ms: number }[]): number {
  const times = [...Map.groupBy(scrapes, ({ tick }) => tick).values()].map((list) => list[0]?.ms ?? 0);
  const gaps = times
    .slice(1)
    .map((ms, index) => ms - (times[index] ?? 0))
    .sort((a, b) => a - b);
  return Math.round((gaps[gaps.length >> 1] ?? 0) / 1000) * 1000;
}
