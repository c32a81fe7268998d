import { useMemo } from 'preact/hooks';
import type { DiffTopAnswer } from '../api/answers.ts';
import { diffUrl } from '../api/urls.ts';
import { type Asked, latest, useAnswer } from '../api/use-answer.ts';
import type { Parameters } from '../state/href.ts';
import { scaleOf } from './movement-text.ts';
import { type Measure, type Movement, type Movements, measures, movementsOf } from './movements.ts';

/** Functions that are asked for: more than most programs have. */
export const mostRows = 5000;

export interface Diff {
  readonly parameters: Parameters;
  readonly measure: Measure;
  readonly asked: Asked<DiffTopAnswer>;
  /** The newest answer, maybe to the question before. */
  readonly answer: DiffTopAnswer | undefined;
  readonly movements: Movements;
  /** Of the function that is chosen; undefined where it did not move. */
  readonly chosen: Movement | undefined;
}

/** What changed, as the parameters of the page ask it. */
export function useDiff(parameters: Parameters): Diff {
  const measure = measures.find((known) => known === parameters['sort']) ?? 'self';
  const asked = useAnswer<DiffTopAnswer>(
    diffUrl(parameters, { format: 'top', sort: measure, limit: String(mostRows) }),
  );
  const answer = latest(asked);
  const movements = useMemo(
    () => (answer ? movementsOf(answer, measure) : { scale: scaleOf(1, 'share'), rows: [], still: 0 }),
    [answer, measure],
  );
  const chosen = movements.rows.find(({ name }) => name === parameters['function']);
  return { parameters, measure, asked, answer, movements, chosen };
}
