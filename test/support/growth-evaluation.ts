import { Choices, denyRules } from '../../src/growth/choices.ts';
import type { Backtest, EventChange, LiveChoice } from '../../src/growth/contract.ts';
import type { DetectorSettings } from '../../src/growth/detector/contract.ts';
import { createDetector } from '../../src/growth/detector/detector.ts';
import { historyBuckets } from '../../src/growth/detector/options.ts';
import { Evaluation, type EvaluationBounds, type RunReport } from '../../src/growth/evaluation.ts';
import { replay } from '../../src/growth/replay.ts';
import type { GrowthEvent, GrowthVerdict } from '../../src/model/growth.ts';
import { type GrowthStore } from '../../src/store/growth-store.ts';
import { openSqliteGrowth } from '../../src/store/sqlite/growth/growth.ts';
import { bucketMs, firstBucket } from './growth-floors.ts';
import { storeDir } from './store-dirs.ts';

export const usual: DetectorSettings = { bucketMs, minAge: 33, minPeriods: 64, minShare: 0.05 };
const fold = { createDetector, settings: usual };

export interface RunMore {
  readonly deny?: readonly string[];
  readonly choices?: readonly LiveChoice[];
  /** Stops after so many commits. */
  readonly commits?: number;
}

/** A live evaluation over a store of its own in a folder; `again` is what a restart makes of it. */
export class LiveEvaluation {
  readonly store: GrowthStore;
  readonly changes: EventChange[] = [];
  readonly verdicts = new Map<string, GrowthVerdict>();
  readonly #bounds: EvaluationBounds;
  #evaluation: Evaluation;

  constructor(
    store: GrowthStore = openSqliteGrowth({ dataDir: storeDir(), synchronous: 'normal' }),
    bounds?: EvaluationBounds,
  ) {
    this.store = store;
    this.#bounds = bounds ?? { workloads: 1000, series: 100_000 };
    this.#evaluation = this.#made();
  }

  /** Nothing that was only in memory is left. */
  restart(): void {
    this.#evaluation = this.#made();
  }

  /** Judges through a bucket, counted from `firstBucket`. */
  async run(through: number, { deny = [], choices = [], commits = Infinity }: RunMore = {}): Promise<RunReport> {
    let left = commits;
    return this.#evaluation.run({
      throughBucket: firstBucket + through,
      choices: new Choices(denyRules(deny), choices),
      onJudged: ({ verdicts, changes }) => {
        for (const verdict of verdicts) this.verdicts.set(verdict.workload.workload, verdict);
        this.changes.push(...changes);
      },
      isDue: () => commits !== Infinity,
      rest: async () => --left <= 0,
    });
  }

  tierOf(workload: string, signal = 'heap'): string | undefined {
    return this.verdicts.get(workload)?.signals.find((each) => each.signal === signal)?.tier;
  }

  events(): readonly GrowthEvent[] {
    return plain(
      this.store.events({ limit: 1000 }).toSorted((a, b) => a.openedMs - b.openedMs || (a.id < b.id ? -1 : 1)),
    );
  }

  replay(from: number, to: number, { deny = [], choices = [] }: RunMore = {}): Promise<Backtest> {
    const window = { fromMs: (firstBucket + from) * bucketMs, toMs: (firstBucket + to) * bucketMs };
    const rest = async (): Promise<void> => {};
    return replay({}, window, { ...fold, store: this.store, choices: new Choices(denyRules(deny), choices), rest });
  }

  #made(): Evaluation {
    return new Evaluation({ ...fold, store: this.store, historyBuckets, bounds: this.#bounds });
  }
}

/** As it is after a turn through JSON: what is undefined is not there. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** `3h opened heap checkout`. */
export function told(changes: readonly EventChange[]): string[] {
  return changes.map(({ kind, event }) => {
    const atMs = { opened: event.openedMs, likely: event.likelyMs, resolved: event.resolvedMs }[kind] ?? 0;
    return `${(atMs / bucketMs - firstBucket) / 6}h ${kind} ${event.signal} ${event.workload.workload}`;
  });
}
