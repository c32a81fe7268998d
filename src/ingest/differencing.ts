import { canonicalLabels } from '../model/labels.ts';
import { type SeriesIdentity, seriesKey } from '../model/series.ts';
import { type DurationMs, hour, type UnixMs } from '../model/units.ts';
import type { ValueColumn } from '../profile/profile.ts';
import type { ProfileWriter } from '../store/profile-store.ts';
import type { Checkpoint, StateStore } from '../store/state-store.ts';
import { checkpointAround, checkpointOf, emptyCheckpoint, rebuildCounters } from './checkpoints.ts';
import { ColumnArena } from './column-arena.ts';
import { CounterBuffers } from './counter-buffers.ts';
import { type Counters, countersOf, increaseOver, noCounters, reducedBy } from './counters.ts';
import type { DroppedId } from './label-keys.ts';
import type { ResolvedProfile } from './resolver.ts';

/** A profile with cumulative types, and what is known of its process. */
export interface CounterScrape {
  /** `seriesKey` of the series. */
  readonly key: string;
  readonly series: SeriesIdentity;
  readonly stampMs: UnixMs;
  readonly profile: ResolvedProfile;
  /** Names of the cumulative types and their columns. */
  readonly types: readonly string[];
  readonly columns: readonly ValueColumn[];
  /** Whether the process is known to have started after we last looked: then its counters began at 0. */
  readonly newSinceLastLook: boolean;
}

export interface Differenced {
  /**
   * `increase`: since the last look. `from_zero`: the first look at a new process. `reset`: counters fell, so the process
   * began anew. `seed`: the first look at a process of unknown age: it counts nothing.
   */
  readonly kind: 'increase' | 'from_zero' | 'reset' | 'seed';
  /** One column for each type, good until the next profile is differenced. */
  readonly increases: readonly ValueColumn[];
  /** What the increases cover; 0 for a seed. */
  readonly spanMs: DurationMs;
  /** To be saved before the profile is stored; undefined when the store alone tells the state. */
  readonly base: Checkpoint | undefined;
}

export interface DifferencingLimits {
  /** Stacks held in memory over all series, about 24 bytes each; beyond it the state of quiet series is put away. */
  readonly stacks: number;
  /** Stacks held of one series; the increases of further ones are not counted. */
  readonly stacksPerSeries: number;
  readonly checkpointEveryMs: DurationMs;
  /** The state of series without a profile for this long, while others have some, is put away: most of them are over. */
  readonly quietMs: DurationMs;
}

export const defaultDifferencingLimits: DifferencingLimits = {
  stacks: 8_000_000,
  stacksPerSeries: 200_000,
  checkpointEveryMs: hour,
  quietMs: 2 * hour,
};

/** Kinds with counters, which a restart sets back all at once. */
const counterKinds = ['heap', 'block', 'mutex'];
/** Processes whose last reset is remembered. */
const maxRememberedResets = 10_000;

interface SeriesState {
  readonly series: SeriesIdentity;
  readonly processKey: string;
  counters: Counters;
  /** The labels that its stacks are held without. */
  leftOut: ReadonlySet<DroppedId>;
  /** Before the last profile, until it is committed. */
  previous: Counters | undefined;
  /** Of the last look, or from when on increases count if there was none. */
  lastMs: UnixMs;
  checkpointMs: UnixMs;
  /** The newest stamp of any series when this one was last asked for. */
  usedMs: UnixMs;
}

/**
 * Turns counters that run since a process started into increases since the last look at it (DESIGN §6).
 *
 * What is held in memory can be lost at any moment: state = last checkpoint + the increases stored after its stamp. So
 * only a new *base* must be saved before the profile that made it is stored: the values of a seed, or "nothing yet" as of
 * just before a profile that counts from 0. Whether the profile then gets stored or not, the sum is right.
 *
 * Call order for a batch: `difference` each, save the bases, store the profiles, then `settle`; `forget` what was not
 * stored.
 */
export class Differencer {
  resets = 0;
  seeds = 0;
  readonly #writer: ProfileWriter;
  readonly #store: StateStore;
  readonly #limits: DifferencingLimits;
  readonly #commit: () => void;
  readonly #removedUntilMs: () => UnixMs;
  /** The least recently used first. */
  readonly #states = new Map<string, SeriesState>();
  readonly #touched = new Set<SeriesState>();
  readonly #columns = new ColumnArena();
  readonly #buffers = new CounterBuffers();
  /** Counters that were replaced since `settle`: a base that is to be saved may name them. */
  readonly #replaced: Counters[] = [];
  readonly #resetOf = new Map<string, UnixMs>();
  #stacks = 0;
  #newestMs = 0;

  constructor(options: {
    readonly writer: ProfileWriter;
    readonly state: StateStore;
    readonly limits: DifferencingLimits;
    /** Stores what is pending. Called before a reset, which looks at what is stored. */
    readonly commit: () => void;
    /** Up to when stored increases may have been removed by retention. */
    readonly removedUntilMs: () => UnixMs;
  }) {
    this.#writer = options.writer;
    this.#store = options.state;
    this.#limits = options.limits;
    this.#commit = options.commit;
    this.#removedUntilMs = options.removedUntilMs;
  }

  /** How many stacks are held in memory. */
  get stacks(): number {
    return this.#stacks;
  }

  /**
   * The labels that the stacks of a series are held without; undefined when nothing is held of it. A profile is to be told
   * apart by all others: a stack that is called otherwise than before would be taken for one that fell to nothing.
   */
  leftOut(key: string, series: SeriesIdentity): ReadonlySet<DroppedId> | undefined {
    return (this.#states.get(key) ?? this.#load(series, key))?.leftOut;
  }

  /**
   * The scrape that was differenced last, its stacks told apart by fewer labels; `increases` are those of the fewer stacks.
   * Answers the base to be saved before it is stored: from here on it is held so.
   */
  regroup(scrape: CounterScrape, increases: readonly ValueColumn[]): Checkpoint | undefined {
    const { key, series, types, columns, profile } = scrape;
    const state = this.#states.get(key);
    if (!state) return undefined;
    const room = { maxStacks: this.#limits.stacksPerSeries, arena: this.#columns, buffers: this.#buffers };
    const before = columns.map((column, type) => reducedBy(column, increases[type] ?? new Float64Array(0)));
    state.leftOut = new Set([...state.leftOut, ...profile.droppedIds.keys()]);
    this.#advance(key, state, scrape, countersOf(types, profile, before, undefined, room));
    return this.baseAround(series);
  }

  /** Stamps of one series must rise from call to call. */
  difference(scrape: CounterScrape): Differenced {
    this.#columns.reset();
    this.#newestMs = Math.max(this.#newestMs, scrape.stampMs);
    const { key } = scrape;
    const state = this.#states.get(key) ?? this.#load(scrape.series, key);
    // A base that is not older than the profile belongs to one that was never stored: it is laid anew.
    const isSound = state && scrape.stampMs > state.checkpointMs && state.counters.types.join() === scrape.types.join();
    if (!isSound) return this.#begin(key, state, scrape);
    const increases = increaseOver(state.counters, scrape.profile, scrape.columns, this.#columns);
    if (!increases) return this.#reset(key, state, scrape);
    const spanMs = scrape.stampMs - state.lastMs;
    this.#advance(key, state, scrape);
    return { kind: 'increase', increases, spanMs, base: undefined };
  }

  /**
   * For a profile of which only a part will be stored: a base with the exact values after it, and those before it in case
   * it is not stored in the end. Call right after `difference`.
   */
  baseAround(series: SeriesIdentity): Checkpoint | undefined {
    const state = this.#states.get(seriesKey(series));
    if (!state) return undefined;
    state.checkpointMs = state.lastMs;
    return checkpointAround(series, state.lastMs, state.leftOut, state.counters, state.previous);
  }

  /** After a commit, when no base waits to be saved: checkpoints that are due, and what no longer fits in memory. */
  settle(): void {
    const due = [...this.#touched].filter((state) => {
      state.previous = undefined;
      return state.lastMs - state.checkpointMs >= this.#limits.checkpointEveryMs;
    });
    this.#touched.clear();
    for (const { buffer } of this.#replaced) if (buffer) this.#buffers.give(buffer);
    this.#replaced.length = 0;
    this.#save(due);
    const quiet: SeriesState[] = [];
    for (const [key, state] of this.#states) {
      const isQuiet = this.#newestMs - state.usedMs >= this.#limits.quietMs;
      if (!isQuiet && this.#stacks <= this.#limits.stacks) break;
      this.#drop(key);
      quiet.push(state);
    }
    this.#save(quiet.filter(isAhead));
  }

  /** Saves every state that is ahead of its checkpoint: before stored increases are removed, and before a stop. */
  checkpointAll(): void {
    const ahead = [...this.#states.values()].filter(isAhead);
    for (let from = 0; from < ahead.length; from += 256) this.#save(ahead.slice(from, from + 256));
  }

  /** The series' last profile was not stored: what it left in memory is void. */
  forget(series: SeriesIdentity): void {
    this.#drop(seriesKey(series));
  }

  #begin(key: string, state: SeriesState | undefined, scrape: CounterScrape): Differenced {
    const { series, types, columns, stampMs, profile } = scrape;
    const fromZero = !state && scrape.newSinceLastLook;
    const startedMs = Math.min(series.process.startedMs ?? stampMs, stampMs);
    const begun = state ?? {
      series,
      processKey: processKeyOf(series),
      counters: noCounters(types),
      leftOut: new Set(profile.droppedIds.keys()),
      previous: undefined,
      lastMs: stampMs,
      checkpointMs: stampMs,
      usedMs: stampMs,
    };
    if (!fromZero) this.seeds++;
    this.#advance(key, begun, scrape, noCounters(types));
    begun.checkpointMs = fromZero ? stampMs - 1 : stampMs;
    return fromZero
      ? {
          kind: 'from_zero',
          increases: columns,
          spanMs: Math.max(1, stampMs - startedMs),
          base: emptyCheckpoint(series, stampMs - 1, begun.leftOut, types),
        }
      : {
          kind: 'seed',
          increases: columns.map(() => new Float64Array(profile.count)),
          spanMs: 0,
          base: checkpointOf(series, stampMs, begun.leftOut, begun.counters),
        };
  }

  /** The falling profile counts whole; the other kinds of the process begin at 0 where the restart is taken to be. */
  #reset(key: string, state: SeriesState, scrape: CounterScrape): Differenced {
    const { series, types, columns, stampMs } = scrape;
    const lastMs = state.lastMs;
    this.#commit();
    this.resets++;
    const base = emptyCheckpoint(series, stampMs - 1, state.leftOut, types);
    const known = this.#resetOf.get(state.processKey) ?? Number.NEGATIVE_INFINITY;
    // A kind that was last looked at before a reset we know of falls because of that same restart.
    const others = lastMs < known ? [] : this.#resetOthers(state, stampMs);
    this.#store.saveCheckpoints([base, ...others]);
    this.#rememberReset(state.processKey, Math.max(known, stampMs));
    this.#advance(key, state, scrape, noCounters(types));
    state.checkpointMs = stampMs - 1;
    return { kind: 'reset', increases: columns, spanMs: stampMs - lastMs, base };
  }

  /**
   * Empty checkpoints for the process's other kinds, as of the restart: when it is known, else half-way between the looks
   * before and after it. A kind that was scraped between the restart and its discovery keeps what it counted since.
   */
  #resetOthers(fallen: SeriesState, stampMs: UnixMs): Checkpoint[] {
    const { labels, process } = fallen.series;
    const started = process.startedMs ?? 0;
    const restartMs =
      started > fallen.lastMs && started <= stampMs ? started : Math.floor((fallen.lastMs + stampMs) / 2);
    const kinds = new Set(counterKinds);
    for (const state of this.#states.values()) if (state.processKey === fallen.processKey) kinds.add(state.series.kind);
    kinds.delete(fallen.series.kind);
    return [...kinds].flatMap((kind) => {
      const series = { labels, process, kind };
      const key = seriesKey(series);
      const other = this.#states.get(key) ?? this.#load(series, key);
      this.#drop(key);
      return other ? [emptyCheckpoint(series, restartMs, other.leftOut, other.counters.types)] : [];
    });
  }

  #rememberReset(processKey: string, stampMs: UnixMs): void {
    this.#resetOf.delete(processKey);
    this.#resetOf.set(processKey, stampMs);
    const [oldest] = this.#resetOf.keys();
    if (this.#resetOf.size > maxRememberedResets && oldest !== undefined) this.#resetOf.delete(oldest);
  }

  #load(series: SeriesIdentity, key: string): SeriesState | undefined {
    const found = rebuildCounters(series, {
      writer: this.#writer,
      state: this.#store,
      removedUntilMs: this.#removedUntilMs(),
      maxStacks: this.#limits.stacksPerSeries,
    });
    if (!found) return undefined;
    const state: SeriesState = {
      series,
      processKey: processKeyOf(series),
      previous: undefined,
      usedMs: this.#newestMs,
      ...found,
    };
    this.#states.set(key, state);
    this.#stacks += state.counters.high.length;
    return state;
  }

  #advance(key: string, state: SeriesState, scrape: CounterScrape, previous = state.counters): void {
    const { types, profile, columns, stampMs } = scrape;
    this.#drop(key);
    this.#replaced.push(state.counters);
    state.previous = previous;
    state.counters = countersOf(types, profile, columns, previous, {
      maxStacks: this.#limits.stacksPerSeries,
      arena: this.#columns,
      buffers: this.#buffers,
    });
    state.lastMs = stampMs;
    state.usedMs = this.#newestMs;
    this.#states.set(key, state);
    this.#stacks += state.counters.high.length;
    this.#touched.add(state);
  }

  #drop(key: string): void {
    const state = this.#states.get(key);
    if (!state) return;
    this.#states.delete(key);
    this.#touched.delete(state);
    this.#stacks -= state.counters.high.length;
  }

  #save(states: readonly SeriesState[]): void {
    if (states.length === 0) return;
    this.#store.saveCheckpoints(
      states.map(({ series, lastMs, leftOut, counters }) => checkpointOf(series, lastMs, leftOut, counters)),
    );
    for (const state of states) state.checkpointMs = state.lastMs;
  }
}

function isAhead(state: SeriesState): boolean {
  return state.lastMs > state.checkpointMs;
}

function processKeyOf({ labels, process }: SeriesIdentity): string {
  return `${process.id}\n${canonicalLabels(labels)}`;
}
