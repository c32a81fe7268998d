import { useRef } from 'preact/hooks';
import { minute, second } from '../../model/units.ts';
import type { ProfileTypesAnswer, RangeAnswer } from '../api/answers.ts';
import { listUrl, rangeUrl } from '../api/urls.ts';
import { useKept } from '../api/use-kept.ts';
import { type Answers, defaultFrom, type MeasureName, measures, serviceLabels, stepOf } from './services.ts';

/** Groups that each answer may have; of more services the largest are shown. */
const maxServices = '500';

/**
 * The three questions, of the types that there are: to ask for what no profile has is refused. While a window's answers are on
 * their way, those of the window before stay.
 */
export function useMeasures(from: string) {
  const everyMs = from === 'now-15m' || from === defaultFrom ? 15 * second : 5 * minute;
  const types = useKept<ProfileTypesAnswer>(listUrl('profile-types', { from }), { everyMs });
  const known = types.answer?.profileTypes.map(({ alias }) => alias);
  const cpu = useMeasure('cpu', from, known, everyMs);
  const heap = useMeasure('heap', from, known, everyMs);
  const allocs = useMeasure('allocs', from, known, everyMs);
  const kept = [types, cpu, heap, allocs];
  const answers: Answers = Object.fromEntries(
    Object.entries({ cpu: cpu.answer, heap: heap.answer, allocs: allocs.answer }).filter(([, answer]) => answer),
  );
  const isComplete = known !== undefined && measures.every(({ query }) => answers[query] || !known.includes(query));
  const before = useRef(answers);
  if (isComplete) before.current = answers;
  return {
    answers: isComplete ? answers : { ...before.current, ...answers },
    hint: types.answer?.meta.hint,
    isComplete,
    problem: kept.find(({ problem }) => problem !== undefined)?.problem,
    again: () => {
      for (const one of kept) one.again();
    },
  };
}

function useMeasure(query: MeasureName, from: string, known: readonly (string | null)[] | undefined, everyMs: number) {
  const by = { group_by: serviceLabels.join(','), limit: maxServices, step: stepOf(from) };
  return useKept<RangeAnswer>(known?.includes(query) ? rangeUrl({ query, from }, by) : undefined, { everyMs });
}
