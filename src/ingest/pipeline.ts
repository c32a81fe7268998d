import { assertNever, FlameherdError, type PlainError } from '../model/errors.ts';
import { type DurationMs, day, type UnixMs } from '../model/units.ts';
import type { AppendConflict, ProfileRecord, ProfileWriter } from '../store/profile-store.ts';
import type { Retention } from '../store/retention.ts';
import type { Checkpoint, StateStore } from '../store/state-store.ts';
import { Differencer, type DifferencingLimits } from './differencing.ts';
import type { ProfileObservation } from './growth/observation.ts';
import type { ProfileWatcherOptions } from './growth/profile-watcher.ts';
import { hashKeyOf } from './hash-key.ts';
import type { DropReason } from './label-keys.ts';
import type { IngestJob, IngestOutcome } from './messages.ts';
import { type PreparedProfile, type PrepareLimits, type ProfileDecoder, ProfilePreparer } from './prepare.ts';
import { RetentionMark } from './retention-mark.ts';

export interface PipelineOptions {
  readonly createDecoder: () => ProfileDecoder;
  readonly writer: ProfileWriter;
  readonly state: StateStore;
  readonly limits: PipelineLimits;
  /** Who learns of what was stored. */
  readonly observer?: ProfileObserver;
}

/** Told of every profile that was stored, after its commit; never of one that was stored before, or not in the end. */
export interface ProfileObserver extends Pick<ProfileWatcherOptions, 'ownerSkip' | 'functionsOf'> {
  stored(observation: ProfileObservation): void;
  processEnded(processId: string, endedMs: UnixMs): void;
  /** A batch is over: no observation is on its way. */
  endBatch(): void;
}

export interface PipelineLimits extends PrepareLimits {
  readonly differencing: DifferencingLimits;
  /** The state of series without a profile for this long is forgotten; above the age at which profiles are removed. */
  readonly checkpointAgeMs: DurationMs;
}

/** What has happened since this pipeline began. */
export interface PipelineCounts {
  readonly stored: number;
  readonly refused: number;
  readonly resets: number;
  readonly seeds: number;
  readonly trimmedSamples: number;
  /** Labels of samples that were left out of their stacks, by what gave them away. */
  readonly droppedLabels: Readonly<Record<DropReason, number>>;
  readonly commits: number;
}

/**
 * From jobs to stored profiles, one batch at a time: decode, tell the kind, resolve stacks, difference counters, trim, and
 * append all with one commit. A profile that is refused holds up no other.
 *
 *     IngestJob ─ decode ─ kind ─ resolve ─ difference ─ trim ─┐
 *     IngestJob ─ …                                            ├─ bases ─ append ─ settle
 */
export class IngestPipeline {
  readonly #writer: ProfileWriter;
  readonly #state: StateStore;
  readonly #differencer: Differencer;
  readonly #preparer: ProfilePreparer;
  readonly #mark: RetentionMark;
  readonly #checkpointAgeMs: DurationMs;
  readonly #observer: ProfileObserver | undefined;
  #pending: { readonly at: number; readonly profile: PreparedProfile }[] = [];
  #bases: Checkpoint[] = [];
  #outcomes: IngestOutcome[] = [];
  #stored = 0;
  #refused = 0;
  #trimmedSamples = 0;
  readonly #droppedLabels = { name: 0, values: 0 };
  #commits = 0;

  constructor({ createDecoder, writer, state, limits, observer }: PipelineOptions) {
    this.#writer = writer;
    this.#state = state;
    this.#checkpointAgeMs = limits.checkpointAgeMs;
    this.#observer = observer;
    this.#mark = new RetentionMark(state);
    this.#differencer = new Differencer({
      writer,
      state,
      limits: limits.differencing,
      commit: () => this.#commit(),
      removedUntilMs: () => this.#mark.removedUntilMs,
    });
    this.#preparer = new ProfilePreparer({
      createDecoder,
      writer,
      state,
      limits,
      key: hashKeyOf(state),
      differencer: this.#differencer,
      watch: observer,
    });
  }

  /** One outcome for each job, in order, after commit. Throws only on faults of ours. */
  ingest(jobs: readonly IngestJob[]): IngestOutcome[] {
    this.#outcomes = [];
    for (const [at, job] of jobs.entries()) {
      try {
        this.#take(at, job);
      } catch (error) {
        this.#refuse(at, plainError(error));
      }
    }
    try {
      this.#commit();
    } catch (error) {
      plainError(error);
    }
    try {
      this.#preparer.endBatch();
    } catch (error) {
      plainError(error);
    }
    this.#observer?.endBatch();
    this.#differencer.settle();
    return this.#outcomes;
  }

  /** Ends a process; its state is put away in time by itself. */
  endProcess(processId: string, endedMs: UnixMs): void {
    this.#writer.endProcess(processId, endedMs);
    this.#observer?.processEnded(processId, endedMs);
  }

  /** Saves all state; call before a stop. */
  checkpointAll(): void {
    this.#differencer.checkpointAll();
  }

  /** Retention with the checkpoints that must precede it; by another rule than that of the start, when one is given. */
  retain(nowMs: UnixMs, retention?: Retention): ReturnType<ProfileWriter['retain']> {
    this.#differencer.checkpointAll();
    const report = this.#writer.retain(nowMs, retention);
    this.#mark.note(report, nowMs);
    if (report.pausedBecause === undefined) {
      const checkpointAgeMs = retention === undefined ? this.#checkpointAgeMs : retention.maxAgeMs + day;
      this.#state.pruneCheckpoints(nowMs - checkpointAgeMs);
    }
    return report;
  }

  get counts(): PipelineCounts {
    return {
      stored: this.#stored,
      refused: this.#refused,
      resets: this.#differencer.resets,
      seeds: this.#differencer.seeds,
      trimmedSamples: this.#trimmedSamples,
      droppedLabels: { ...this.#droppedLabels },
      commits: this.#commits,
    };
  }

  #take(at: number, job: IngestJob): void {
    const profile = this.#preparer.prepare(job);
    if (profile.kind === 'refused') {
      this.#refuse(at, profile.error);
      return;
    }
    if (profile.record.trimmed > 0 && profile.hasCounters) {
      // The store will not have all increases of this one, so the state is saved by itself.
      const base = this.#differencer.baseAround(profile.record.series);
      this.#commitBefore(profile.record);
      if (base) this.#bases.push(base);
    } else if (profile.base) this.#bases.push(profile.base);
    this.#pending.push({ at, profile });
  }

  #commitBefore({ series }: ProfileRecord): void {
    try {
      this.#commit();
    } catch (error) {
      this.#forget(series);
      throw error;
    }
  }

  #commit(): void {
    if (this.#pending.length === 0) return;
    const pending = this.#pending;
    const bases = this.#bases;
    this.#pending = [];
    this.#bases = [];
    try {
      if (bases.length > 0) this.#state.saveCheckpoints(bases);
      const outcomes = this.#writer.append(pending.map(({ profile }) => profile.record));
      this.#commits++;
      for (const [index, { at, profile }] of pending.entries()) this.#report(at, profile, outcomes[index]);
    } catch (error) {
      for (const { at, profile } of pending) {
        this.#forget(profile.record.series);
        this.#refuse(at, plainError(error));
      }
      throw error;
    }
    for (const { profile } of pending) {
      if (profile.endedMs !== undefined) this.endProcess(profile.record.series.process.id, profile.endedMs);
    }
  }

  #report(
    at: number,
    profile: PreparedProfile,
    outcome: ReturnType<ProfileWriter['append']>[number] | undefined,
  ): void {
    if (!outcome) throw new Error('the store answered fewer profiles than it was given');
    const { record, profiledMs, warnings, skewMs } = profile;
    if (outcome.kind === 'conflict') {
      this.#forget(record.series);
      this.#refuse(at, conflict(record, outcome));
      return;
    }
    const duplicate = outcome.kind === 'duplicate';
    if (!duplicate) {
      this.#stored++;
      this.#trimmedSamples += record.trimmed;
      this.#droppedLabels.name += profile.droppedLabels.name;
      this.#droppedLabels.values += profile.droppedLabels.values;
      if (profile.observation) this.#observer?.stored(profile.observation);
    }
    const { samples } = profile;
    const { trimmed } = record;
    this.#outcomes[at] = { kind: 'stored', id: outcome.id, duplicate, samples, trimmed, profiledMs, warnings, skewMs };
  }

  #forget(series: ProfileRecord['series']): void {
    this.#differencer.forget(series);
    this.#preparer.forget(series);
  }

  #refuse(at: number, error: PlainError): void {
    this.#refused++;
    this.#outcomes[at] = { kind: 'refused', error };
  }
}

function conflict(
  { series, stampMs }: ProfileRecord,
  { reason, lastStampMs }: { readonly reason: AppendConflict; readonly lastStampMs: UnixMs },
): PlainError {
  const time = new Date(stampMs).toISOString();
  const of = `of this ${series.kind} series (process ${JSON.stringify(series.process.id)})`;
  switch (reason) {
    case 'duplicate_time':
      return {
        code: reason,
        message: `time: there is another profile ${of} at ${time}`,
        hint: 'two profiles of one process and kind need different times; only the very same content may be sent again',
      };
    case 'out_of_order':
      return {
        code: reason,
        message: `time: ${time} is before the last profile ${of}, which is of ${new Date(lastStampMs).toISOString()}`,
        hint: 'send the profiles of a process in the order of their times, or as=delta where they hold increases already',
      };
    case 'expired':
      return {
        code: 'bad_time',
        message: `time: only sums over hours or days are left of ${time}; nothing can be added to them`,
        hint: 'send profiles while single profiles of their time are kept (storage.retention, storage.maxBytes)',
      };
    default:
      return assertNever(reason);
  }
}

/** The expected failures as data; anything else is thrown on. */
function plainError(error: unknown): PlainError {
  if (error instanceof FlameherdError) return error.toPlain();
  throw error;
}
