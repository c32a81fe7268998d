import { naiveRules } from './growth-naive.ts';
import { isHealthy, isRequired, type Score } from './growth-score.ts';

/** What many scores come to: one row per scenario, and the goals. */

export interface Totals {
  readonly required: number;
  readonly found: number;
  readonly healthy: number;
  /** Suspected outside tolerated time. */
  readonly suspected: number;
  readonly likely: number;
  /** Leaks named before they began, and signals that have nothing to find. */
  readonly early: number;
  readonly others: number;
}

export function totalsOf(scores: readonly Score[]): Totals {
  const count = (is: (score: Score) => boolean): number => scores.filter(is).length;
  return {
    required: count(isRequired),
    found: count((score) => isRequired(score) && score.ok),
    healthy: count(isHealthy),
    suspected: count((score) => isHealthy(score) && score.falseAt !== undefined),
    likely: count((score) => score.falseLikelyAt !== undefined),
    early: count((score) => !isHealthy(score) && score.falseAt !== undefined),
    others: count((score) => score.otherFalse !== undefined),
  };
}

export const scoreHead = [
  'shape',
  'found',
  'hours: median, worst',
  'likely: median',
  'suspected: false (tolerated)',
  'likely: false',
  ...naiveRules.map((rule) => `${rule}: found (false)`),
];

export function scoreRows(scores: readonly Score[]): string[][] {
  return [...Map.groupBy(scores, ({ scenario }) => scenario)].map(([scenario, all]) => rowOf(scenario, all));
}

function rowOf(scenario: string, all: readonly Score[]): string[] {
  const required = all.filter(isRequired);
  const count = (is: (score: Score) => boolean): number => all.filter(is).length;
  const at = all.flatMap((score) => score.at ?? []).sort((a, b) => a - b);
  const likely = all.flatMap((score) => score.likelyAt ?? []).sort((a, b) => a - b);
  return [
    `${scenario} × ${all.length}`,
    required.length > 0 ? `${required.filter(({ ok }) => ok).length}/${required.length}` : '-',
    at.length > 0 ? `${hours(at[at.length >> 1])}, ${hours(at.at(-1))}` : '-',
    likely.length > 0 ? `${hours(likely[likely.length >> 1])} (${likely.length})` : '-',
    `${count(({ falseAt }) => falseAt !== undefined)} (${count((score) => score.isSuspectedInside)})`,
    String(count(({ falseLikelyAt }) => falseLikelyAt !== undefined)),
    ...naiveRules.map((rule) => {
      const found = required.filter((score) => score.signal === 'inuse' && score.naive[rule].onTime).length;
      const wrong = count((score) => score.naive[rule].isFalse);
      return `${required.some(({ signal }) => signal === 'inuse') ? found : '-'} (${wrong})`;
    }),
  ];
}

const hours = (value = Number.NaN): string => value.toFixed(1);

export function totalsText(scores: readonly Score[]): string {
  const { required, found, healthy, suspected, likely, early, others } = totalsOf(scores);
  const naive = naiveRules.map((rule) => {
    const leaks = scores.filter((score) => isRequired(score) && score.signal === 'inuse');
    const onTime = leaks.filter((score) => score.naive[rule].onTime).length;
    const wrong = scores.filter((score) => isHealthy(score) && score.naive[rule].isFalse).length;
    const soon = leaks.filter((score) => score.naive[rule].isFalse).length;
    return `  ${rule}: ${onTime} of ${leaks.length} leaks on time, ${wrong} of ${healthy} without a leak fired, ${soon} leaks before they began`;
  });
  return [
    `found ${found} of ${required}; without a leak: ${suspected} of ${healthy} suspected, ${likely} false likely; ${early} before they began; ${others} of other signals`,
    ...naive,
  ].join('\n');
}

/** The runs that did not go as they should. */
export function misses(scores: readonly Score[]): string[] {
  return scores
    .filter((score) => !score.ok || score.falseAt !== undefined || score.otherFalse !== undefined)
    .map((score) => {
      const { name, at, by, falseAt, falseLikelyAt, likelyAt, names, baseline, otherFalse = '' } = score;
      const h = (value: number | undefined): string => value?.toFixed(1) ?? '-';
      return `${name}: at ${h(at)} by ${h(by)}, false ${h(falseAt)} likely ${h(likelyAt)} (${h(falseLikelyAt)}) ${names.join(',')} ${baseline ?? ''} ${otherFalse}`;
    });
}
