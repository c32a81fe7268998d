import { useEffect, useState } from 'preact/hooks';
import type { TimeWindow } from '../../model/units.ts';
import type { GrowthAnswer, RolloutsAnswer, ScrapesAnswer } from '../api/answers.ts';
import { ask } from '../api/ask.ts';
import { isoText } from '../format/time.ts';
import { rolloutMarks } from '../rollouts/marks.ts';
import { hrefOf } from '../state/href.ts';
import { growthMarks, restartMarks, type Workload, workloadsOf } from './happenings.ts';
import type { Mark } from './mark.ts';

/** Of a selection of more workloads their roll-outs would be a wall of marks. */
const mostWorkloads = 3;

/** Roll-outs, restarts and growth of what is selected, in time; empty until known, and where it cannot be asked for. */
export function useHappenings(
  query: string,
  shown: TimeWindow | undefined,
  scrapes: ScrapesAnswer | undefined,
): Mark[] {
  const [marks, setMarks] = useState<Mark[]>([]);
  useEffect(() => {
    if (!scrapes || !shown) return setMarks([]);
    const controller = new AbortController();
    const workloads = workloadsOf(scrapes.processes).slice(0, mostWorkloads + 1);
    const asked = workloads.length > mostWorkloads ? [] : workloads;
    void Promise.all([
      answersOf<RolloutsAnswer>('/api/v1/rollouts', asked, shown, controller.signal),
      answersOf<GrowthAnswer>('/api/v1/growth', asked, shown, controller.signal),
    ]).then(([rollouts, growth]) => {
      if (controller.signal.aborted) return;
      setMarks([
        ...rollouts.flatMap((answer) => rolloutMarks(answer, query)),
        ...restartMarks(scrapes.processes, rollouts, shown),
        ...growth.flatMap(growthMarks),
      ]);
    });
    return () => controller.abort();
  }, [query, shown, scrapes]);
  return marks;
}

/** Marks are beside the point: what is refused is left out. */
async function answersOf<Answer>(
  path: string,
  workloads: readonly Workload[],
  { fromMs, toMs }: TimeWindow,
  signal: AbortSignal,
): Promise<Answer[]> {
  const urls = workloads.map(({ namespace, workload, workloadKind }) =>
    hrefOf(path, { namespace, workload, workload_kind: workloadKind, from: isoText(fromMs), to: isoText(toMs) }),
  );
  const answers = await Promise.allSettled(urls.map((url) => ask<Answer>(url, signal)));
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
}
