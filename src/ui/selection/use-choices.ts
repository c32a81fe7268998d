import { formatMatchers, type Matcher, type Selector } from '../../model/selector.ts';
import type { LabelsAnswer, LabelValuesAnswer, ProfileTypesAnswer, SeriesAnswer } from '../api/answers.ts';
import { labelValuesUrl, listUrl } from '../api/urls.ts';
import { type Asked, latest, useAnswer } from '../api/use-answer.ts';
import type { Parameters } from '../state/href.ts';
import type { ValueList } from './label-chip.tsx';
import { serviceLabels } from './query.ts';
import { countValues } from './services.ts';

/** What the server lists at most at once. */
const mostSeries = '10000';

/** All series of a window: which services there are. Asked once it is wanted. */
export function useSeries(window: Parameters, matchers: readonly Matcher[] | undefined): Asked<SeriesAnswer> {
  const url = matchers && listUrl('series', window, formatMatchers(matchers), { limit: mostSeries });
  return useAnswer<SeriesAnswer>(url);
}

/** The profile types of the selected service. */
export function useTypes(window: Parameters, selector: Selector | undefined, isWanted: boolean) {
  const service = serviceMatchers(selector);
  return useAnswer<ProfileTypesAnswer>(
    isWanted ? listUrl('profile-types', window, formatMatchers(service)) : undefined,
  );
}

/** The labels of the selected service's series and samples. */
export function useLabels(window: Parameters, selector: Selector | undefined, isWanted: boolean) {
  const service = serviceMatchers(selector);
  return useAnswer<LabelsAnswer>(isWanted ? listUrl('labels', window, formatMatchers(service)) : undefined);
}

/** The values of a label: with counts where series have it, from the server where only samples have. */
export function useValues(
  name: string | undefined,
  { window, selector, series }: { window: Parameters; selector: Selector | undefined; series: Asked<SeriesAnswer> },
): ValueList {
  const counted = name === undefined ? [] : countValues(latest(series)?.series ?? [], name);
  const isOfSamples = name !== undefined && series.state === 'answered' && counted.length === 0;
  const url = isOfSamples ? labelValuesUrl(name, window, formatMatchers(serviceMatchers(selector))) : undefined;
  const values = useAnswer<LabelValuesAnswer>(url);
  if (counted.length > 0) {
    return { options: counted.map(({ value, processes }) => ({ value, label: value, detail: `${processes}` })) };
  }
  const options = (latest(values)?.values ?? []).map((value) => ({ value, label: value }));
  return { options, note: noteOf(isOfSamples ? values : series) };
}

/** Why a list is empty or not all there. */
export function noteOf(asked: Asked<{ nextCursor: string | null; meta?: { hint?: string } }>): string | undefined {
  if (asked.state === 'asking') return 'Asking …';
  if (asked.state === 'failed') return asked.problem.message;
  if (asked.state !== 'answered') return undefined;
  return asked.answer.nextCursor === null ? asked.answer.meta?.hint : 'There are more than are listed: type the name.';
}

/** The conditions that name the service. */
export function serviceMatchers(selector: Selector | undefined): Matcher[] {
  return (selector?.matchers ?? []).filter(({ name, operator }) => operator === '=' && serviceLabels.includes(name));
}
