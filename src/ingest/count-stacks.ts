import type { SeriesIdentity } from '../model/series.ts';
import type { DurationMs, UnixMs } from '../model/units.ts';
import type { DecodedProfile } from '../pprof/decoded-profile.ts';
import type { ValueColumn } from '../profile/profile.ts';
import type { StoredType } from '../store/profile-store.ts';
import type { Checkpoint } from '../store/state-store.ts';
import { summedInto } from './counters.ts';
import type { CounterScrape, Differenced, Differencer } from './differencing.ts';
import { type DroppedId, DroppedKeys, type DroppedKeysBook } from './label-keys.ts';
import type { PartitionSymbols } from './partition-symbols.ts';
import type { ResolvedProfile, StackResolver } from './resolver.ts';

/** A profile of a series, and what tells its stacks apart. */
export interface ToCount {
  readonly profile: DecodedProfile;
  readonly key: string;
  readonly series: SeriesIdentity;
  readonly stampMs: UnixMs;
  readonly types: readonly StoredType[];
  readonly newSinceLastLook: boolean;
  readonly partition: string;
  readonly symbols: PartitionSymbols;
  readonly build: string;
  readonly verify: boolean;
}

/** Unique stacks with their values; good until the next profile is counted. */
export interface CountedStacks {
  readonly resolved: ResolvedProfile;
  readonly leftOut: DroppedKeys;
  /** Whether an address was caught meaning other code than before. */
  readonly unstable: boolean;
  /** As those of `resolved`, with increases in the place of counters. */
  readonly values: readonly ValueColumn[];
  /** What the increases cover; undefined when nothing is cumulative. */
  readonly spanMs: DurationMs | undefined;
  /** Counters fell: the process began anew. */
  readonly isReset: boolean;
  readonly base: Checkpoint | undefined;
}

/**
 * The unique stacks of profiles, with increases in the place of counters. Labels of keys that are as good as unique are left
 * out of stacks, and which keys that are shows only with time:
 *
 *     scrape 7   query{request_id=a} 3   query{request_id=b} 5
 *     scrape 8   query{request_id=a} 4   query{request_id=b} 5   query{request_id=c} 2       too many: left out from here on
 *
 * The increase of `query` in scrape 8 is 1 + 0 + 2: counted by the names of scrape 7, then summed. To look for `query` of
 * scrape 8 among the stacks of scrape 7 would find none, and count 11 once more.
 */
export class StackCounter {
  readonly #resolver: StackResolver;
  readonly #differencer: Pick<Differencer, 'difference' | 'leftOut' | 'regroup'>;
  readonly #dropped: DroppedKeysBook;

  constructor(of: {
    readonly resolver: StackResolver;
    readonly differencer: Pick<Differencer, 'difference' | 'leftOut' | 'regroup'>;
    readonly dropped: DroppedKeysBook;
  }) {
    this.#resolver = of.resolver;
    this.#differencer = of.differencer;
    this.#dropped = of.dropped;
  }

  count(given: ToCount): CountedStacks {
    const { key, series, types, partition, symbols } = given;
    const counters = [...types.keys()].filter((type) => types[type]?.temporality === 'cumulative');
    const held = counters.length === 0 ? undefined : this.#differencer.leftOut(key, series);
    let leftOut = this.#dropped.of(partition).and(held ?? []);
    let resolved = this.#resolve(given, leftOut);
    const { unstable } = resolved;
    const tooMany = symbols.tooManyTexts(resolved, this.#dropped.room(partition));
    if (tooMany.size > 0) {
      leftOut = this.#dropped.add(partition, tooMany).and(held ?? []);
      resolved = this.#resolve(given, leftOut);
    }
    if (counters.length === 0) {
      const nothing = { spanMs: undefined, isReset: false, base: undefined };
      return { resolved, leftOut, unstable, values: resolved.values, ...nothing };
    }
    const isNamedAnew = held !== undefined && [...resolved.droppedIds.keys()].some((id) => !held.has(id));
    const differenced = isNamedAnew
      ? this.#byOldNames(given, counters, held, leftOut)
      : { resolved, ...this.#differencer.difference(scrapeOf(given, counters, resolved)) };
    const values = [...differenced.resolved.values];
    for (const [at, type] of counters.entries()) {
      values[type] = differenced.increases[at] ?? new Float64Array(differenced.resolved.count);
    }
    return { leftOut, unstable, values, isReset: differenced.kind === 'reset', ...differenced };
  }

  /** Counts by the names that the counters are held by, sums up by the new ones, and has them held by these. */
  #byOldNames(
    given: ToCount,
    counters: readonly number[],
    held: ReadonlySet<DroppedId>,
    leftOut: DroppedKeys,
  ): Pick<Differenced, 'kind' | 'increases' | 'spanMs' | 'base'> & { readonly resolved: ResolvedProfile } {
    const old = this.#resolve(given, DroppedKeys.none.and(held));
    const { kind, increases, spanMs } = this.#differencer.difference(scrapeOf(given, counters, old));
    // All of it is overwritten by the next resolve.
    const samples = old.sample.slice(0, old.count);
    const ofOld = increases.map((column) => column.slice());
    const resolved = this.#resolve(given, leftOut);
    const rowOf = samples.map((sample) => resolved.rowOfSample[sample] as number);
    const ofNew = ofOld.map((column) => summedInto(resolved.count, rowOf, column));
    const base = this.#differencer.regroup(scrapeOf(given, counters, resolved), ofNew);
    return { kind, resolved, increases: ofNew, spanMs, base };
  }

  #resolve({ profile, symbols, build, verify }: ToCount, leftOut: DroppedKeys): ResolvedProfile {
    return this.#resolver.resolve(profile, symbols, { build, verify, leftOut });
  }
}

function scrapeOf(given: ToCount, counters: readonly number[], profile: ResolvedProfile): CounterScrape {
  const { key, series, stampMs, types, newSinceLastLook } = given;
  return {
    key,
    series,
    stampMs,
    profile,
    types: counters.map((type) => types[type]?.type ?? ''),
    columns: counters.flatMap((type) => profile.values[type] ?? []),
    newSinceLastLook,
  };
}
