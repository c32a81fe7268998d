import { cleanMessage } from '../model/clean-text.ts';
import { formatMatchers, type Selector } from '../model/selector.ts';
import { formatTime } from '../model/time.ts';
import { type Bytes, type DurationMs, second, type TimeWindow } from '../model/units.ts';
import type { LogFields, Logger } from '../observe/logger.ts';
import type { MetricsRegistry } from '../observe/metrics.ts';
import type { Question } from '../query/engine.ts';
import type { EndedQuestion } from '../query/pool.ts';

/** Of a text that was asked. */
const maxTextBytes: Bytes = 300;

/** Logs queries that took long, and counts them. */
export class SlowQueries {
  readonly #limitMs: () => DurationMs;
  readonly #logger: Logger;
  readonly #counts = new Map<Question['kind'], number>();

  /** `limitMs` is asked each time; 0: nothing is slow. */
  constructor(limitMs: () => DurationMs, logger: Logger) {
    this.#limitMs = limitMs;
    this.#logger = logger;
  }

  note(ended: EndedQuestion): void {
    const limitMs = this.#limitMs();
    const tookMs = ended.waitMs + ended.workMs;
    if (limitMs === 0 || tookMs < limitMs) return;
    const { kind } = ended.question;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    this.#logger.warn(`a query took ${seconds(tookMs)} s`, { ...askedBy(ended.question), ...costOf(ended) });
  }

  register(registry: MetricsRegistry): void {
    registry.readCounter(
      'flameherd_slow_queries_total',
      'Queries that took longer than `log.slowQuery`, waiting included; the log says what they asked.',
      ['query'],
      () => [...this.#counts].map(([query, value]) => ({ labels: { query }, value })),
    );
  }
}

/** What was asked: texts of a client, cut short and cleaned. */
function askedBy(question: Question): LogFields {
  switch (question.kind) {
    case 'merge':
      return { asked: 'merge', format: question.format, ...sideOf(question) };
    case 'diff':
      return {
        asked: 'diff',
        format: question.format,
        ...sideOf(question.compare),
        base: 'rollout' in question.base ? 'the revision before' : sideOf(question.base),
      };
    case 'range':
      return { asked: 'range', stepSeconds: question.stepMs / second, by: question.groupBy, ...sideOf(question) };
    case 'profiles':
    case 'scrapes':
      return { asked: question.kind, ...sideOf(question) };
    case 'labels':
    case 'label-values':
    case 'series':
    case 'profile-types':
      return { asked: question.kind, query: shown(formatMatchers(question.matchers)), ...timesOf(question.window) };
    case 'rollouts':
      return { asked: 'rollouts', query: shown(`${question.namespace}/${question.workload}`) };
    default:
      return { asked: question.kind };
  }
}

function sideOf({ selector, window }: { readonly selector: Selector; readonly window: TimeWindow }): LogFields {
  const { name, sampleType } = selector.type;
  return { query: shown(`${name}:${sampleType}${formatMatchers(selector.matchers)}`), ...timesOf(window) };
}

function timesOf({ fromMs, toMs }: TimeWindow): LogFields {
  return { from: formatTime(fromMs), to: formatTime(toMs) };
}

/** Where the time went, and how much was touched. */
function costOf({ waitMs, workMs, answer }: EndedQuestion): LogFields {
  const { spent } = answer ?? {};
  return {
    waitSeconds: seconds(waitMs),
    workSeconds: seconds(workMs),
    ...(spent && { readSeconds: seconds(spent.readMs), profiles: spent.profiles, processes: spent.processes }),
    ...(answer?.kind === 'answer' ? { answerBytes: answer.body.byteLength } : {}),
    ended: answer === undefined ? 'called off' : answer.kind === 'error' ? answer.error.code : 'answered',
  };
}

function shown(text: string): string {
  return cleanMessage(text, maxTextBytes);
}

function seconds(ms: DurationMs): number {
  return Math.round(ms / 10) / 100;
}
