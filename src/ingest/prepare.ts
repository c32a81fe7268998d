import { cleanText } from '../model/clean-text.ts';
import type { Frame, StackTrace } from '../model/frame.ts';
import { inferKind, normaliseSampleType, temporalityOf } from '../model/profile-type.ts';
import { partitionKey, type SeriesIdentity, seriesKey } from '../model/series.ts';
import type { DurationMs, UnixMs } from '../model/units.ts';
import { DecodeError } from '../pprof/decode-error.ts';
import type { DecodedProfile } from '../pprof/decoded-profile.ts';
import type { HashKey } from '../profile/keyed-hash.ts';
import type { ProfileHeader, ValueColumn } from '../profile/profile.ts';
import type { ProfileRecord, ProfileWriter, StoredType } from '../store/profile-store.ts';
import type { Checkpoint, StateStore } from '../store/state-store.ts';
import { BatchColumns } from './batch-columns.ts';
import { ColumnArena } from './column-arena.ts';
import { contentHash } from './content-hash.ts';
import { type CountedStacks, StackCounter } from './count-stacks.ts';
import type { Differencer } from './differencing.ts';
import type { ProfileObservation } from './growth/observation.ts';
import { ProfileWatcher, type ProfileWatcherOptions } from './growth/profile-watcher.ts';
import { type DroppedId, type DroppedKeys, DroppedKeysBook, type DropReason, reasonOf } from './label-keys.ts';
import { LocationCache } from './location-cache.ts';
import type { IngestJob } from './messages.ts';
import { type Moment, momentOf, startedSinceLastLook } from './moment.ts';
import { type PartitionSymbols, SymbolCache, type SymbolLimits } from './partition-symbols.ts';
import { processRequired, type Refused, refused, unknownKind } from './refusals.ts';
import { StackResolver } from './resolver.ts';
import { type SeriesHead, SeriesHeads } from './series-heads.ts';
import { StackDescriber } from './stack-describer.ts';
import { StoredStacks } from './stored-stacks.ts';
import { keepLargest, keptColumn, otherName, type TrimLimits } from './trim.ts';

/** Of the decoder, what is needed here. What it returns is good until it is asked again. */
export interface ProfileDecoder {
  decode(body: Uint8Array): DecodedProfile;
}

export interface PrepareLimits {
  readonly symbols: SymbolLimits;
  readonly trim: TrimLimits;
}

/** A profile ready to be stored. */
export interface PreparedProfile {
  readonly kind: 'prepared';
  readonly record: ProfileRecord;
  /** Whether it has cumulative types that were differenced. */
  readonly hasCounters: boolean;
  /** To be saved before the record is stored. */
  readonly base: Checkpoint | undefined;
  readonly samples: number;
  /** Labels that its stacks are stored without. */
  readonly droppedLabels: Readonly<Record<DropReason, number>>;
  readonly profiledMs: DurationMs;
  readonly warnings: readonly string[];
  readonly skewMs: DurationMs | undefined;
  readonly endedMs: UnixMs | undefined;
  /** For who watches, once it is stored. */
  readonly observation: ProfileObservation | undefined;
}

export type Prepared = PreparedProfile | Refused;

/** Of each series the first profile and every 64th is checked: does an address still mean the same code? */
const verifyEvery = 64;
/** Locations whose frames are remembered as objects, 8 MB of them. */
const maxKnownLocations = 16_384;
/** Batches between two looks at how much is remembered in all. */
const trimSymbolsEvery = 64;

/** Makes a record of a job, up to the point where it can be stored. */
export class ProfilePreparer {
  readonly #decoder: ProfileDecoder;
  readonly #createDecoder: () => ProfileDecoder;
  #spareDecoder: ProfileDecoder | undefined;
  #batches = 0;
  readonly #resolver: StackResolver;
  readonly #symbols: SymbolCache;
  readonly #frames = new LocationCache<readonly Frame[]>(maxKnownLocations);
  readonly #heads: SeriesHeads;
  readonly #trim: TrimLimits;
  readonly #other: { readonly high: number; readonly low: number };
  readonly #counter: StackCounter;
  readonly #dropped: DroppedKeysBook;
  readonly #maxTexts: number;
  readonly #watcher: ProfileWatcher | undefined;
  readonly #rows = new ColumnArena();
  /** What records hold until they are stored. */
  readonly #batch = new BatchColumns();
  #again: { readonly bytes: Uint8Array; readonly describer: StackDescriber } | undefined;

  constructor(options: {
    readonly createDecoder: () => ProfileDecoder;
    readonly writer: ProfileWriter;
    readonly state: Pick<StateStore, 'get' | 'set'>;
    readonly limits: PrepareLimits;
    readonly key: HashKey;
    readonly differencer: Pick<Differencer, 'difference' | 'leftOut' | 'regroup'>;
    readonly watch: Pick<ProfileWatcherOptions, 'ownerSkip' | 'functionsOf'> | undefined;
  }) {
    this.#createDecoder = options.createDecoder;
    this.#decoder = options.createDecoder();
    this.#resolver = new StackResolver(options.key);
    this.#symbols = new SymbolCache(options.limits.symbols);
    this.#heads = new SeriesHeads(options.writer);
    this.#trim = options.limits.trim;
    this.#other = this.#resolver.madeStack(otherName);
    const { labels, partitions } = options.limits.symbols;
    this.#dropped = new DroppedKeysBook(labels, partitions, options.state);
    this.#maxTexts = labels.values;
    const watched = { maxText: options.limits.trim.text, frames: this.#frames };
    this.#watcher = options.watch && new ProfileWatcher({ ...options.watch, ...watched });
    const { differencer } = options;
    this.#counter = new StackCounter({ resolver: this.#resolver, differencer, dropped: this.#dropped });
  }

  /** Throws `FlameherdError` only when the store refuses what must be stored first. */
  prepare(job: IngestJob): Prepared {
    const decoded = this.#decode(job.bytes);
    if ('refused' in decoded) return refused('bad_profile', decoded.refused);
    const { profile } = decoded;
    const kind = job.kind ?? inferKind(profile.sampleTypes, profile.periodType);
    if (kind === undefined) return unknownKind(profile);
    const types = storedTypes(kind, profile, job.asDelta);
    const hasCounters = types.some(({ temporality }) => temporality === 'cumulative');
    if (hasCounters && (job.process.id === '' || job.processNamed === false)) return processRequired(types);
    const process = job.build === undefined ? job.process : { ...job.process, build: job.build };
    const series = { labels: job.labels, kind, process };
    const key = seriesKey(series);
    const head = this.#heads.head(key, series);
    const moment = momentOf(job, head, contentHash(job.bytes, profile.bytes));
    if (moment.isRepeat || (moment.isOld && hasCounters)) return onlyToCompare(job, series, types, profile, moment);
    return this.#build(job, key, series, types, profile, head, moment);
  }

  /** The series' last profile was not stored. */
  forget(series: SeriesIdentity): void {
    this.#heads.forget(seriesKey(series));
  }

  /** Lets go of what only the batch needed. Throws `FlameherdError` when state cannot be saved now; it is tried again. */
  endBatch(): void {
    this.#again = undefined;
    this.#batch.reset();
    // It looks at every partition, so not each time.
    if (++this.#batches % trimSymbolsEvery === 0) this.#symbols.trim();
    this.#dropped.save();
  }

  #decode(bytes: Uint8Array): { readonly profile: DecodedProfile } | { readonly refused: string } {
    try {
      return { profile: this.#decoder.decode(bytes) };
    } catch (error) {
      if (error instanceof DecodeError) return { refused: error.message };
      throw error;
    }
  }

  #build(
    job: IngestJob,
    key: string,
    series: SeriesIdentity,
    types: readonly StoredType[],
    profile: DecodedProfile,
    head: SeriesHead,
    moment: Moment,
  ): PreparedProfile {
    const partition = partitionKey(series.labels);
    const symbols = this.#symbols.partition(partition);
    const lookMs = this.#heads.lookBeforeThisRun(partition);
    const counted = this.#counter.count({
      profile,
      key,
      series,
      stampMs: moment.stampMs,
      types,
      newSinceLastLook: startedSinceLastLook(job, moment, lookMs),
      partition,
      symbols,
      build: job.build ?? series.process.id,
      verify: head.profiles % verifyEvery === 0,
    });
    const { resolved, base } = counted;
    // Where our clock went back the gap between stamps is no length of time.
    const spanMs = counted.spanMs && moment.wentBack ? moment.intervalMs : counted.spanMs;
    const { stacks, values, trimmed, cut } = this.#store(job, profile, counted, symbols);
    this.#heads.advance(key, moment.stampMs, moment.contentHash, head.profiles + 1);
    const ownMs = Number(profile.durationNanos / 1_000_000n);
    const isDelta = types.some(({ temporality }) => temporality === 'delta');
    const { stampMs, intervalMs } = moment;
    const coveredMs = spanMs ?? (isDelta ? (ownMs > 0 ? ownMs : moment.gapMs) : 0);
    const when = { stampMs, intervalMs, spanMs: coveredMs };
    const watched = { ...counted, ...when, partition, series, profile, types, stacks: symbols.stacks };
    return {
      kind: 'prepared',
      record: {
        series,
        ...when,
        types,
        stacks,
        values,
        header: headerOf(profile),
        contentHash: moment.contentHash,
        trimmed,
      },
      hasCounters: spanMs !== undefined,
      base,
      samples: profile.sampleCount,
      droppedLabels: resolved.droppedLabels,
      profiledMs: isDelta ? ownMs : 0,
      warnings: [
        ...warningsOf(job, moment, counted.unstable, trimmed, cut),
        ...Array.from(resolved.droppedIds, ([id, key]) => leftOutWarning(id, key, this.#maxTexts)),
      ],
      skewMs: skewOf(profile, moment.stampMs),
      endedMs: job.endedMs,
      observation: this.#watcher?.watch(watched, this.#batch),
    };
  }

  #store(
    job: IngestJob,
    profile: DecodedProfile,
    { resolved, leftOut, values: columns }: CountedStacks,
    symbols: PartitionSymbols,
  ): { stacks: StoredStacks; values: ValueColumn[]; trimmed: number; cut: number } {
    const { depth, stacks: maxStacks, text } = this.#trim;
    const { isNew, sample } = resolved;
    let sawNew = false;
    const admits = (row: number): boolean => {
      if (isNew[row] === 0) return true;
      sawNew = true;
      const at = sample[row] as number;
      if ((profile.sampleStart[at + 1] as number) - (profile.sampleStart[at] as number) > depth) return false;
      const labels = resolved.labelsOf(row);
      return !labels || symbols.admitLabelSet(...labels);
    };
    this.#rows.reset();
    const kept = keepLargest(resolved.count, columns, admits, maxStacks, this.#rows.takeInts(resolved.count));
    const describeAgain = (sample: number): StackTrace => this.#describeAgain(job.bytes, leftOut, sample);
    const stacks = new StoredStacks(resolved, kept, this.#other, describeAgain, this.#batch);
    let describer: StackDescriber | undefined;
    if (sawNew) {
      const { locationHigh: high, locationLow: low } = resolved;
      describer = new StackDescriber(profile, text, leftOut, { cache: this.#frames, high, low });
      stacks.describeNew(resolved, kept, symbols, describer);
    }
    const size = kept.rows.length;
    const values = columns.map((column, type) =>
      keptColumn(column, kept, type, stacks.otherAt, this.#batch.doubles(size)),
    );
    return { stacks, values, trimmed: kept.trimmed, cut: describer?.cut ?? 0 };
  }

  #describeAgain(bytes: Uint8Array, leftOut: DroppedKeys, sample: number): StackTrace {
    if (this.#again?.bytes !== bytes) {
      this.#spareDecoder ??= this.#createDecoder();
      const profile = this.#spareDecoder.decode(bytes);
      this.#again = { bytes, describer: new StackDescriber(profile, this.#trim.text, leftOut) };
    }
    return this.#again.describer.describe(sample);
  }
}

function storedTypes(kind: string, { sampleTypes, durationNanos }: DecodedProfile, asDelta: boolean): StoredType[] {
  return sampleTypes.map((sampleType) => {
    const type = normaliseSampleType(kind, sampleType);
    const temporality = temporalityOf(kind, type, durationNanos);
    return { ...type, temporality: asDelta && temporality === 'cumulative' ? 'delta' : temporality };
  });
}

/** A record that cannot be stored, for the store to say what it clashes with. */
function onlyToCompare(
  job: IngestJob,
  series: SeriesIdentity,
  types: readonly StoredType[],
  profile: DecodedProfile,
  { stampMs, intervalMs, contentHash }: Moment,
): PreparedProfile {
  const none = new Int32Array(0);
  const describe = (): never => {
    throw new Error('a profile that was stored before has no new stacks');
  };
  return {
    kind: 'prepared',
    record: {
      series,
      stampMs,
      intervalMs,
      spanMs: 0,
      types,
      stacks: { count: 0, hashHigh: none, hashLow: none, describe },
      values: types.map(() => new Float64Array(0)),
      header: headerOf(profile),
      contentHash,
      trimmed: 0,
    },
    hasCounters: false,
    base: undefined,
    samples: profile.sampleCount,
    droppedLabels: { name: 0, values: 0 },
    profiledMs: 0,
    warnings: [],
    skewMs: skewOf(profile, stampMs),
    endedMs: job.endedMs,
    observation: undefined,
  };
}

function headerOf(profile: DecodedProfile): ProfileHeader {
  const { timeNanos, durationNanos, periodType, period, defaultSampleType, dropFrames, keepFrames, docUrl, comments } =
    profile;
  return { timeNanos, durationNanos, periodType, period, defaultSampleType, dropFrames, keepFrames, docUrl, comments };
}

/** The target's clock minus ours; undefined when the profile names no time. */
function skewOf({ timeNanos }: DecodedProfile, stampMs: UnixMs): DurationMs | undefined {
  return timeNanos === 0n ? undefined : Number(timeNanos / 1_000_000n) - stampMs;
}

function warningsOf(job: IngestJob, moment: Moment, unstable: boolean, trimmed: number, cut: number): string[] {
  const found: string[] = [];
  if (moment.wentBack) {
    const given = new Date(job.stampMs).toISOString();
    found.push(`the collector's clock went back to ${given}; stored as ${new Date(moment.stampMs).toISOString()}`);
  }
  if (unstable) found.push('an address meant other code than before; this build is resolved by names from now on');
  if (trimmed > 0) found.push(`${trimmed} stacks were over a limit and are stored as ${otherName}`);
  if (cut > 0) found.push(`${cut} names or labels were too long and are cut`);
  return found;
}

function leftOutWarning(id: DroppedId, key: string, maxTexts: number): string {
  const label = cleanText(JSON.stringify(key), 100);
  return reasonOf(id) === 'name'
    ? `the label ${label} names single requests: stacks are stored without it (limits.droppedLabels)`
    : `the label ${label} has had more than ${maxTexts} values: stacks are stored without it (limits.labelValues)`;
}
