import type { SeriesIdentity } from '../../model/series.ts';
import type { DurationMs, UnixMs } from '../../model/units.ts';
import type { DecodedProfile } from '../../pprof/decoded-profile.ts';
import type { ValueColumn } from '../../profile/profile.ts';
import type { StoredType } from '../../store/profile-store.ts';
import type { BatchColumns } from '../batch-columns.ts';
import type { KnownStacks } from '../known-stacks.ts';
import type { ResolvedProfile } from '../resolver.ts';
import type { KnownFrames } from '../stack-describer.ts';
import type { HeapColumn, ObservedProfile, ProfileObservation } from './observation.ts';
import { OwnerRules } from './owner-rules.ts';
import { maxFunctionsPerWorkload } from './settings.ts';
import { StackOwners } from './stack-owners.ts';
import { FunctionSummer, type OwnedRows } from './sum-by-function.ts';
import type { WorkloadFunctions } from './workload-functions.ts';

/** A profile that is about to be stored, all of it, whatever will be trimmed. */
export interface WatchedProfile {
  readonly partition: string;
  readonly series: SeriesIdentity;
  readonly stampMs: UnixMs;
  readonly intervalMs: DurationMs;
  readonly spanMs: DurationMs;
  readonly isReset: boolean;
  readonly profile: DecodedProfile;
  readonly resolved: ResolvedProfile;
  readonly types: readonly StoredType[];
  /** With increases in the place of counters. */
  readonly values: readonly ValueColumn[];
  readonly stacks: KnownStacks;
}

export interface ProfileWatcherOptions {
  readonly ownerSkip: readonly string[];
  readonly maxText: number;
  readonly frames: KnownFrames['cache'];
  /** Where the functions of a workload have their numbers; undefined when there is no room for it. */
  readonly functionsOf: (partition: string, labels: SeriesIdentity['labels']) => WorkloadFunctions | undefined;
}

/** Of Go's heap profiles, unless they say otherwise; Node.js has the same. */
const defaultPeriod = 524_288;
const secondsOf: Readonly<Record<string, number>> = {
  nanoseconds: 1e-9,
  microseconds: 1e-6,
  milliseconds: 1e-3,
  seconds: 1,
};

/** Learns of a profile, before it is stored, what `GrowthObserver` wants to know after. Nothing of kinds without use. */
export class ProfileWatcher {
  readonly #owners: StackOwners;
  readonly #functionsOf: ProfileWatcherOptions['functionsOf'];
  readonly #summer = new FunctionSummer(maxFunctionsPerWorkload);

  constructor({ ownerSkip, maxText, frames, functionsOf }: ProfileWatcherOptions) {
    this.#owners = new StackOwners(new OwnerRules(ownerSkip), maxText, frames);
    this.#functionsOf = functionsOf;
  }

  watch(watched: WatchedProfile, room: BatchColumns): ProfileObservation | undefined {
    const { partition, series, stampMs, intervalMs, spanMs, isReset } = watched;
    const observed = { partition, series, stampMs, intervalMs, spanMs, isReset };
    switch (series.kind) {
      case 'heap':
        return this.#heap(watched, observed, room);
      case 'cpu':
        return this.#cpu(watched, observed, room);
      case 'goroutine':
      case 'goroutineleak':
        return { ...observed, kind: series.kind, total: totalOf(watched, series.kind) };
      default:
        return isReset ? { ...observed, kind: 'reset' } : undefined;
    }
  }

  #heap(watched: WatchedProfile, observed: ObservedProfile, room: BatchColumns): ProfileObservation | undefined {
    const rows = this.#rowsOf(watched);
    const columns: Record<HeapColumn, ValueColumn | undefined> = {
      inuse_space: columnOf(watched, 'inuse_space', 'bytes'),
      inuse_objects: columnOf(watched, 'inuse_objects', 'count'),
      alloc_space: columnOf(watched, 'alloc_space', 'bytes'),
      alloc_objects: columnOf(watched, 'alloc_objects', 'count'),
    };
    if (!rows || Object.values(columns).every((column) => column === undefined)) return undefined;
    const { period, periodType } = watched.profile;
    const isBytes = period > 0n && (periodType === undefined || periodType.unit === 'bytes' || periodType.unit === '');
    return {
      ...observed,
      kind: 'heap',
      period: isBytes ? Number(period) : defaultPeriod,
      ...this.#summer.sum(rows, columns, room),
    };
  }

  #cpu(watched: WatchedProfile, observed: ObservedProfile, room: BatchColumns): ProfileObservation | undefined {
    const type = watched.types.findIndex(({ type, unit }) => type === 'cpu' && Object.hasOwn(secondsOf, unit));
    const rows = type < 0 ? undefined : this.#rowsOf(watched);
    if (!rows) return undefined;
    const scale = secondsOf[watched.types[type]?.unit ?? ''] ?? 1;
    return { ...observed, kind: 'cpu', ...this.#summer.sum(rows, { cpu: watched.values[type] }, room, scale) };
  }

  #rowsOf({ partition, series, profile, resolved, stacks }: WatchedProfile): OwnedRows | undefined {
    const functions = this.#functionsOf(partition, series.labels);
    return functions && this.#owners.rowsOf(profile, resolved, stacks, functions);
  }
}

/** The first column of a type; where it is cumulative, its increases. */
function columnOf({ types, values }: WatchedProfile, type: HeapColumn, unit: string): ValueColumn | undefined {
  return values[types.findIndex((one) => one.type === type && one.unit === unit)];
}

/** Of the type that is called as the kind is, else of the first. */
function totalOf({ types, values, resolved }: WatchedProfile, kind: string): number {
  const named = types.findIndex(({ type }) => type === kind);
  const column = values[Math.max(0, named)];
  if (!column) return 0;
  let total = 0;
  for (let row = 0; row < resolved.count; row++) total += Number(column[row]);
  return total;
}
