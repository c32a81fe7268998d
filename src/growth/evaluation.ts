import { messageOf } from '../model/errors.ts';
import { type GrowthEvent, type GrowthVerdict, type Workload, workloadKey } from '../model/growth.ts';
import type { UnixMs } from '../model/units.ts';
import type { GrowthStore, ProcessFloors, StoredEvaluation } from '../store/growth-store.ts';
import { byBucket } from './by-bucket.ts';
import { type Choices, endsByItself } from './choices.ts';
import type { EventChange } from './contract.ts';
import { type EventsNow, endEvents } from './events.ts';
import { type FoldOptions, WorkloadFold } from './fold.ts';

export interface EvaluationOptions extends FoldOptions {
  readonly store: Pick<GrowthStore, 'floors' | 'workloads' | 'saveEvaluations' | 'evaluations' | 'events'>;
  /** Buckets of floors that the detector is handed when it goes on. */
  readonly historyBuckets: number;
  readonly bounds: EvaluationBounds;
}

export interface EvaluationBounds {
  /** Workloads that are judged; further ones are not, and are counted. */
  readonly workloads: number;
  /** Functions and processes that are followed when no further workload is taken on. */
  readonly series: number;
}

/** What one commit made known. */
export interface Judged {
  readonly verdicts: readonly GrowthVerdict[];
  readonly changes: readonly EventChange[];
}

export interface RunOptions {
  readonly throughBucket: number;
  readonly choices: Choices;
  /** Told of each commit, after it. */
  readonly onJudged: (judged: Judged) => void;
  /** Enough is done for a commit. */
  readonly isDue: () => boolean;
  /** Lets others have their turn after a commit; true stops the run there. */
  readonly rest: () => Promise<boolean>;
}

export interface RunReport {
  /** There is more to judge; the next run goes on where this one stopped. */
  readonly isUnfinished: boolean;
  readonly workloads: number;
  readonly series: number;
  readonly droppedWorkloads: number;
  readonly droppedProcesses: number;
  /** Workloads whose evaluation failed by a fault of ours; the next run tries them again. */
  readonly failures: readonly string[];
}

/** Workloads of one transaction. */
const chunkSize = 64;
const maxOpenEvents = 10_000;

/** What is to be saved, and told once it is. */
interface Pending extends EventsNow {
  readonly key: string;
  readonly verdict: GrowthVerdict;
  readonly evaluation: StoredEvaluation | undefined;
}

/**
 * The live evaluation: one fold for each workload, kept in memory between buckets and made anew from what is stored. Each
 * workload goes on from its own last bucket, and its evaluation and its events are saved together: an end at any moment
 * loses nothing and repeats nothing.
 */
export class Evaluation {
  readonly #options: EvaluationOptions;
  readonly #folds = new Map<string, WorkloadFold>();
  /** Of workloads without a fold: as it is stored. */
  readonly #stored = new Map<string, StoredEvaluation>();
  readonly #open = new Map<string, readonly GrowthEvent[]>();
  /** Keys whose fold went another way than what is stored; '' for all of them. */
  readonly #stale = new Set<string>(['']);
  /** The bucket through which every workload was judged. */
  #through = -1;
  #series = 0;
  #pending: Pending[] = [];

  /** Nothing is read before the first run. */
  constructor(options: EvaluationOptions) {
    this.#options = options;
  }

  /**
   * Judges every bucket up to and including `throughBucket`. Rejects when what was found cannot be saved: it may be asked
   * again, and judges it again then.
   */
  async run(run: RunOptions): Promise<RunReport> {
    const { throughBucket } = run;
    const found = { droppedWorkloads: 0, droppedProcesses: 0, failures: [] as string[] };
    const report = (isUnfinished: boolean): RunReport => ({
      ...found,
      isUnfinished,
      workloads: this.#folds.size,
      series: this.#series,
    });
    if (throughBucket === this.#through) return report(false);
    // The clock went back: nobody is judged twice, and whoever is new is looked for from the beginning.
    if (throughBucket < this.#through) this.#through = -1;
    this.#reread();
    const fresh = this.#freshFloors(throughBucket);
    this.#series = sum([...this.#folds.values()].map(({ series }) => series));
    for (const [key, workload] of this.#due(throughBucket, fresh)) {
      try {
        const fold = this.#advance(key, workload, run, fresh);
        if (fold === 'full') found.droppedWorkloads++;
        else found.droppedProcesses += fold?.droppedProcesses ?? 0;
      } catch (error) {
        found.failures.push(`${Object.values(workload).join('/')}: ${messageOf(error)}`);
        this.#forget([key]);
      }
      if (this.#pending.length === 0 || (this.#pending.length < chunkSize && !run.isDue())) continue;
      this.#commit(run);
      if (await run.rest()) return report(true);
    }
    this.#endOrphans(throughBucket);
    this.#commit(run);
    if (found.failures.length === 0) this.#through = throughBucket;
    return report(false);
  }

  /** Whoever has a fold, an evaluation that goes on, or floors that nobody has judged; those known before come first. */
  #due(throughBucket: number, fresh: FreshFloors | undefined): ReadonlyMap<string, Workload> {
    const { store, settings } = this.#options;
    const due = new Map<string, Workload>();
    for (const [key, { workload, verdict }] of this.#stored) if (verdict.skipped === undefined) due.set(key, workload);
    for (const [key, { workload }] of this.#folds) due.set(key, workload);
    const window = { bucketMs: settings.bucketMs, from: this.#through + 1, to: throughBucket + 1 };
    const withFloors = fresh
      ? [...fresh.values()].flatMap(([first]) => first?.workload ?? [])
      : store.workloads({ ...window, origin: 'live' });
    for (const workload of withFloors) due.set(workloadKey(workload), workload);
    return due;
  }

  /** In the usual case one bucket is new, and its floors are read at once. */
  #freshFloors(throughBucket: number): FreshFloors | undefined {
    if (this.#through < 0 || throughBucket !== this.#through + 1) return undefined;
    const { store, settings } = this.#options;
    const window = { bucketMs: settings.bucketMs, from: throughBucket, to: throughBucket + 1 };
    return Map.groupBy(store.floors({ ...window, origin: 'live' }), ({ workload }) => workloadKey(workload));
  }

  #advance(
    key: string,
    workload: Workload,
    { throughBucket, choices }: RunOptions,
    fresh: FreshFloors | undefined,
  ): WorkloadFold | 'full' | undefined {
    const skipped = choices.skipped(workload);
    if (skipped !== undefined) {
      this.#skip(key, workload, throughBucket, skipped);
      return undefined;
    }
    const minAge = choices.minAge(workload, this.#options.settings.bucketMs);
    const fold = this.#folds.get(key) ?? this.#takeOn(key, workload, throughBucket, minAge);
    if (!fold || fold === 'full') return fold;
    const before = { steps: fold.steps, series: fold.series };
    fold.minAge = minAge;
    const isUsual = fresh !== undefined && fold.bucket === throughBucket - 1;
    const buckets = isUsual
      ? byBucket(fresh.get(key) ?? [])
      : byBucket(this.#floorsOf(workload, fold.bucket + 1, throughBucket));
    for (const { bucket, floors } of buckets) fold.step(bucket, floors);
    fold.passTo(throughBucket);
    this.#series += fold.series - before.series;
    if (fold.steps > before.steps) this.#keep(key, fold);
    return fold;
  }

  /** A fold that goes on from what is stored; undefined where nothing is, or it has ended, and nothing came since but imports. */
  #takeOn(
    key: string,
    workload: Workload,
    throughBucket: number,
    minAge: number | undefined,
  ): WorkloadFold | 'full' | undefined {
    const { bounds, historyBuckets } = this.#options;
    const stored = this.#stored.get(key);
    const goesOn = stored && stored.verdict.skipped === undefined;
    if (!goesOn && !some(this.#floorsOf(workload, (stored?.bucket ?? -1) + 1, throughBucket))) return undefined;
    if (this.#folds.size >= bounds.workloads || this.#series >= bounds.series) {
      this.#tell(key, skippedVerdict(workload, this.#endOf(throughBucket), tooMany(bounds)));
      return 'full';
    }
    const open = this.#open.get(key) ?? [];
    const remembered = stored && {
      ...stored,
      history: (bucket: number) => this.#floorsOf(workload, bucket - historyBuckets + 1, bucket),
    };
    const wasOff = stored?.memory === '';
    const fold = new WorkloadFold(wasOff ? { workload } : { workload, remembered, open }, this.#options);
    fold.minAge = minAge;
    if (wasOff) this.#catchUpSilently(fold, throughBucket - 1);
    this.#folds.set(key, fold);
    this.#series += fold.series;
    this.#stored.delete(key);
    this.#open.delete(key);
    return fold;
  }

  /** What came while it was not judged is known from now on, and nobody is told of it. */
  #catchUpSilently(fold: WorkloadFold, throughBucket: number): void {
    for (const { bucket, floors } of byBucket(this.#floorsOf(fold.workload, 0, throughBucket)))
      fold.step(bucket, floors);
    fold.passTo(throughBucket);
    fold.forgetEvents();
  }

  #keep(key: string, fold: WorkloadFold): void {
    const { verdict, workload, bucket } = fold;
    if (!verdict) return;
    const evaluation = { workload, bucketMs: this.#options.settings.bucketMs, bucket, memory: fold.memory(), verdict };
    this.#pending.push({ key, verdict, evaluation, ...fold.takeEvents() });
    if (!fold.hasEnded) return;
    this.#letGoOf(key);
    this.#stored.set(key, evaluation);
  }

  /** Not judged: what was found ends, and that it is so is stored once, so that it begins anew when it is judged again. */
  #skip(key: string, workload: Workload, bucket: number, because: string): void {
    const atMs = this.#endOf(bucket);
    const verdict = skippedVerdict(workload, atMs, because);
    const open = this.#folds.get(key)?.open ?? this.#open.get(key) ?? [];
    const evaluation = { workload, bucketMs: this.#options.settings.bucketMs, bucket, memory: '', verdict };
    const stored = this.#stored.get(key);
    const isNews = this.#folds.has(key) || stored?.memory !== '' || stored.verdict.skipped !== because;
    // Jobs come under ever new names, and none is judged ever.
    const isKept = isNews && !(stored === undefined && endsByItself(workload));
    this.#pending.push({ key, verdict, evaluation: isKept ? evaluation : undefined, ...endEvents(open, atMs) });
    this.#letGoOf(key);
    this.#open.delete(key);
    if (isKept) this.#stored.set(key, evaluation);
  }

  #tell(key: string, verdict: GrowthVerdict): void {
    this.#pending.push({ key, verdict, evaluation: undefined, events: [], changes: [] });
  }

  /** Events of workloads that nobody judges any more, such as those of another bucket length. */
  #endOrphans(throughBucket: number): void {
    const atMs = this.#endOf(throughBucket);
    for (const [key, open] of this.#open) {
      const [first] = open;
      if (!first || this.#stored.has(key)) continue;
      const verdict = skippedVerdict(first.workload, atMs, 'no profiles are kept of it');
      this.#pending.push({ key, verdict, evaluation: undefined, ...endEvents(open, atMs) });
      this.#open.delete(key);
    }
  }

  #commit({ onJudged }: RunOptions): void {
    const pending = this.#pending;
    this.#pending = [];
    if (pending.length === 0) return;
    try {
      const events = pending.flatMap((each) => each.events);
      this.#options.store.saveEvaluations(
        pending.flatMap(({ evaluation }) => evaluation ?? []),
        events,
      );
    } catch (error) {
      this.#forget(pending.map(({ key }) => key));
      throw error;
    }
    onJudged({
      verdicts: pending.map(({ verdict }) => verdict),
      changes: pending.flatMap(({ changes }) => changes),
    });
  }

  /** What is in memory went further than what is stored: it is read again before it is needed. */
  #forget(keys: readonly string[]): void {
    for (const key of keys) {
      this.#letGoOf(key);
      this.#stale.add(key);
    }
  }

  #letGoOf(key: string): void {
    this.#series -= this.#folds.get(key)?.series ?? 0;
    this.#folds.delete(key);
  }

  #reread(): void {
    if (this.#stale.size === 0) return;
    const { store, settings } = this.#options;
    const isMeant = (key: string): boolean => this.#stale.has('') || this.#stale.has(key);
    for (const key of this.#stale) {
      this.#stored.delete(key);
      this.#open.delete(key);
    }
    for (const evaluation of store.evaluations(settings.bucketMs)) {
      const key = workloadKey(evaluation.workload);
      if (isMeant(key)) this.#stored.set(key, evaluation);
    }
    const open = Map.groupBy(store.events({ isOpen: true, limit: maxOpenEvents }), ({ workload }) =>
      workloadKey(workload),
    );
    for (const [key, events] of open) if (isMeant(key)) this.#open.set(key, events);
    this.#stale.clear();
  }

  #floorsOf(workload: Workload, from: number, through: number): Iterable<ProcessFloors> {
    const { store, settings } = this.#options;
    const window = { bucketMs: settings.bucketMs, from: Math.max(0, from), to: through + 1 };
    return store.floors({ ...window, workload, origin: 'live' });
  }

  #endOf(bucket: number): UnixMs {
    return (bucket + 1) * this.#options.settings.bucketMs;
  }
}

type FreshFloors = ReadonlyMap<string, readonly ProcessFloors[]>;

function skippedVerdict(workload: Workload, atMs: UnixMs, skipped: string): GrowthVerdict {
  return { workload, atMs, skipped, signals: [], processes: 0 };
}

function tooMany({ workloads, series }: EvaluationBounds): string {
  return `as many as may be are judged already: ${workloads} workloads, or ${series} functions (growth.maxSeries)`;
}

function some(floors: Iterable<ProcessFloors>): boolean {
  for (const _ of floors) return true;
  return false;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
