import type { Problem } from '../api/problem.ts';
import { ServerText } from '../format/server-text.tsx';

/** A refusal as the server worded it, with its hint. */
export function ProblemBox({ problem, again }: { readonly problem: Problem; readonly again?: () => void }) {
  return (
    <div class="problem" role="alert">
      <p>
        <strong>{problem.message}</strong>
      </p>
      {problem.hint !== undefined && (
        <p>
          Hint: <ServerText text={problem.hint} />
        </p>
      )}
      <p class="problem-code">
        {problem.code}
        {problem.status > 0 && `, HTTP ${problem.status}`}
        {again && <button onClick={again}>Try again</button>}
      </p>
    </div>
  );
}
