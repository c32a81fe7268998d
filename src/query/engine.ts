import type { AskedProcess } from '../model/asked-process.ts';
import type { PlainError } from '../model/errors.ts';
import type { Matcher, Selector } from '../model/selector.ts';
import type { DurationMs, TimeWindow } from '../model/units.ts';
import type { View } from '../model/view.ts';
import type { DamagedHour, GaugeAggregation } from '../store/profile-store.ts';
import type { Spent } from './spent.ts';

/**
 * Questions and answers as plain values, so that they cross to the query thread and back. Answers are bytes that HTTP
 * only passes on.
 */

export const mergeFormats = [
  'pprof',
  'flamegraph',
  'top',
  'callgraph',
  'collapsed',
  'speedscope',
  'markdown',
  'pgo',
] as const;
export type MergeFormat = (typeof mergeFormats)[number];

export interface MergeQuestion {
  readonly kind: 'merge';
  readonly selector: Selector;
  readonly window: TimeWindow;
  readonly aggregation: GaugeAggregation;
  /** `last` as of this moment: the same as a window that ends there. */
  readonly format: MergeFormat;
  /** Flame graph: nodes kept, largest first; the rest is folded and `foldedShare` says how much. */
  readonly maxNodes: number;
  /** Top: rows kept. */
  readonly limit: number;
  readonly sort: 'self' | 'total';
  /** What every format but `pgo` shows. */
  readonly view: View;
  /** Call graph: the function in the middle. */
  readonly functionName?: string;
  /** Flame graph: only what is under this stack, root first; `maxNodes` is for it alone. */
  readonly root?: readonly string[] | undefined;
}

/** How the two sides of a diff are made comparable: by their shares of each total, by process and second, or not. */
export const normalizations = ['share', 'process', 'none'] as const;
export type Normalization = (typeof normalizations)[number];

export const diffFormats = ['pprof', 'flamegraph', 'top', 'collapsed', 'markdown'] as const;
export type DiffFormat = (typeof diffFormats)[number];

/** One side of a diff. */
export interface DiffSide {
  readonly selector: Selector;
  readonly window: TimeWindow;
}

export interface DiffQuestion
  extends Pick<MergeQuestion, 'aggregation' | 'maxNodes' | 'limit' | 'sort' | 'view' | 'root'> {
  readonly kind: 'diff';
  readonly compare: DiffSide;
  /** Another side of the same profile type; or the revision before the latest of the workload that `compare` selects, over their overlap. */
  readonly base: DiffSide | { readonly rollout: 'latest' };
  readonly normalize: Normalization;
  readonly format: DiffFormat;
}

/** How a diff is made comparable unless a client says otherwise: a roll-out changes how many processes there are. */
export function defaultNormalization(base: DiffQuestion['base']): Normalization {
  return 'rollout' in base ? 'process' : 'share';
}

export interface RolloutsQuestion {
  readonly kind: 'rollouts';
  readonly namespace: string;
  readonly workload: string;
  /** Undefined: all kinds that have the name, each with a history of its own. */
  readonly workloadKind: string | undefined;
  /** Undefined: all that is stored. */
  readonly window: TimeWindow | undefined;
}

export interface RangeQuestion {
  readonly kind: 'range';
  readonly selector: Selector;
  readonly window: TimeWindow;
  /** Whole seconds; 0: the smallest nice step that gives at most 300 points. */
  readonly stepMs: DurationMs;
  readonly groupBy: readonly string[];
  /** Series kept, largest first; the rest is `other`. */
  readonly limit: number;
  /** Only what one function took, itself and with all that it called. */
  readonly functionName?: string;
}

export interface ListQuestion {
  readonly kind: 'profile-types' | 'labels' | 'series';
  readonly matchers: readonly Matcher[];
  readonly window: TimeWindow;
  readonly limit: number;
  readonly cursor: string | undefined;
}

export interface LabelValuesQuestion extends Omit<ListQuestion, 'kind'> {
  readonly kind: 'label-values';
  readonly name: string;
}

export interface ProfilesQuestion {
  readonly kind: 'profiles';
  readonly selector: Selector;
  readonly window: TimeWindow;
  readonly limit: number;
  readonly cursor: string | undefined;
}

/** The scrapes that a selection was made of, by process. */
export interface ScrapesQuestion extends DiffSide {
  readonly kind: 'scrapes';
  /** Processes that are told of. */
  readonly limit: number;
  /** What the collector itself knows of the processes that are selected; the store knows the rest. */
  readonly asked: readonly AskedProcess[];
}

export interface ProfileQuestion {
  readonly kind: 'profile';
  readonly id: string;
}

export interface StoreStatsQuestion {
  readonly kind: 'store-stats';
}

/** Of whom a question may be answered. */
export interface QuestionScope {
  /** Nothing outside of these namespaces is named, counted or added up, whatever the question selects; undefined: all. */
  readonly namespaces?: ReadonlySet<string> | undefined;
}

export type Question = QuestionScope &
  (
    | MergeQuestion
    | DiffQuestion
    | RangeQuestion
    | ListQuestion
    | LabelValuesQuestion
    | ProfilesQuestion
    | ScrapesQuestion
    | ProfileQuestion
    | RolloutsQuestion
    | StoreStatsQuestion
  );

export type Answer = AnswerNews &
  (
    | { readonly kind: 'answer'; readonly contentType: string; readonly body: Uint8Array; readonly fileName?: string }
    | { readonly kind: 'error'; readonly error: PlainError }
  );

/** What came to light while a question was answered; nothing that a client is told of. */
export interface AnswerNews {
  /** Hours that this thread found damaged and leaves out from now on. */
  readonly damage?: readonly DamagedHour[];
  readonly spent?: Spent;
}

/** The reading side as HTTP and the CLI see it. */
export interface QueryEngine extends AsyncDisposable {
  /** Never throws for an expected failure: that is an `error` answer. Stops the work when `signal` aborts. */
  ask(question: Question, signal?: AbortSignal): Promise<Answer>;
}
