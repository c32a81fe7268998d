import { cleanText } from '../model/clean-text.ts';
import { foldedStack } from '../model/folded-stack.ts';
import { labelValue } from '../model/labels.ts';
import { compileMatcher } from '../model/matcher.ts';
import { closestFirst } from '../model/near.ts';
import type { ProfileKind } from '../model/profile-type.ts';
import { formatMatchers, type Matcher } from '../model/selector.ts';
import { formatTime } from '../model/time.ts';
import type { TimeWindow, UnixMs } from '../model/units.ts';
import type { ProfileReader, SeriesEntry } from '../store/profile-store.ts';

/** Names listed in a hint before it says "and N more". */
const maxNames = 8;
/** In bytes. */
const longestStack = 1000;

/** What was asked for; without a kind, profiles of any. */
export interface HintScope {
  readonly kind: ProfileKind | undefined;
  readonly matchers: readonly Matcher[];
}

/**
 * A sentence on what exists near an empty answer: the same query at another time, else other kinds of the same labels, else
 * the matcher that no series meets and what comes closest to it.
 */
export function emptyHint(reader: ProfileReader, { kind, matchers }: HintScope, window: TimeWindow): string {
  const { oldestMs, newestMs } = reader.stats();
  if (oldestMs === undefined || newestMs === undefined) {
    return 'nothing is stored yet: the first profiles come with the first scrapes; /api/v1/targets says how these go';
  }
  const always: TimeWindow = { fromMs: oldestMs, toMs: newestMs + 1 };
  const elsewhen = reader.series(matchers, always, kind);
  if (elsewhen.length > 0) return nearestTime(elsewhen, describe(kind, matchers), window);
  const ofOtherKinds = kind === undefined ? [] : reader.series(matchers, always);
  if (ofOtherKinds.length > 0) {
    return `there is no ${describe(kind, matchers)}, but there is ${listNames(ofOtherKinds.map((series) => series.kind).sort())}`;
  }
  return unmetMatcher(reader.series([], always), matchers);
}

/** A sentence on labels to group by that nothing has; undefined where samples of another time or kind have them. */
export function unknownGroupsWarning(names: readonly string[], sampleLabels: readonly string[]): string | undefined {
  const unknown = names.filter((name) => !sampleLabels.includes(name));
  if (unknown.length === 0) return undefined;
  const have = sampleLabels.length === 0 ? 'samples have no labels' : `samples have ${listNames(sampleLabels)}`;
  return `group_by: no series and no sample has a label ${listNames(unknown)}; ${have}`;
}

/** A sentence on matchers that select no sample, though profiles were found. */
export function noRowsHint(matchers: readonly Matcher[], sampleLabels: readonly string[]): string {
  const unknown = matchers.filter(({ name }) => !sampleLabels.includes(name));
  if (unknown.length === 0) return `samples have these labels, but none meets ${formatMatchers(matchers)}`;
  const have = sampleLabels.length === 0 ? 'samples have no labels' : `samples have ${listNames(sampleLabels)}`;
  return `no series and no sample has a label ${listNames(unknown.map(({ name }) => name))}; ${have}`;
}

/** A sentence on a stack that is asked for the part under it, where no stack begins so. */
export function noStackHint(root: readonly string[]): string {
  const names = root.length <= maxNames ? root : [...root.slice(0, maxNames / 2), '…', ...root.slice(-maxNames / 2)];
  return `no stack begins with ${cleanText(foldedStack(names), longestStack)}; without root the answer is of all stacks`;
}

/** A sentence on a window at whose end nothing was left of what stood in it. */
export function endedHint(toMs: UnixMs): string {
  return `there was nothing of it at the end, ${formatTime(toMs)}; aggregate=avg and peak answer for the whole window`;
}

/** A sentence on a label that nothing has: no series and, where it might have been one of theirs, no sample. */
export function unknownLabelHint(names: readonly string[], name: string, nothing = 'no series and no sample'): string {
  return `${nothing} has a label ${name}; there are ${listNames(closestFirst(name, names))}`;
}

/** A sentence on a pprof label that has no texts. */
export function numbersHint(name: string): string {
  return `the values of ${name} are numbers, which are not listed; a query matches one as it is written: {${name}="1024"}`;
}

function nearestTime(series: readonly SeriesEntry[], what: string, window: TimeWindow): string {
  const firstMs = series.reduce((least, entry) => Math.min(least, entry.firstMs), Number.POSITIVE_INFINITY);
  const lastMs = series.reduce((most, entry) => Math.max(most, entry.lastMs), Number.NEGATIVE_INFINITY);
  if (lastMs < window.fromMs) return `the last ${what} is of ${formatTime(lastMs)}`;
  if (firstMs >= window.toMs) return `the first ${what} is of ${formatTime(firstMs)}`;
  return `there is no ${what} in this window, but some before and after it: from ${formatTime(firstMs)} to ${formatTime(lastMs)}`;
}

function unmetMatcher(series: readonly SeriesEntry[], matchers: readonly Matcher[]): string {
  for (const matcher of matchers) {
    const values = new Set(series.map(({ labels }) => labelValue(labels, matcher.name)));
    const meets = compileMatcher(matcher);
    if ([...values].some(meets)) continue;
    values.delete('');
    if (values.size === 0) {
      const names = series.flatMap(({ labels }) => Object.keys(labels));
      return unknownLabelHint(names, matcher.name, 'no series');
    }
    return `no series meets ${formatMatchers([matcher])}; ${matcher.name} is ${listNames(closestFirst(matcher.value, values))}`;
  }
  return `each of ${formatMatchers(matchers)} is met by some series, but no series meets them all`;
}

function describe(kind: ProfileKind | undefined, matchers: readonly Matcher[]): string {
  const profile = kind === undefined ? 'profile' : `${kind} profile`;
  return matchers.length === 0 ? profile : `${profile} of ${formatMatchers(matchers)}`;
}

function listNames(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  const rest = distinct.length - maxNames;
  return distinct.slice(0, maxNames).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
