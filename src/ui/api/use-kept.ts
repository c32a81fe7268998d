import { useState } from 'preact/hooks';
import type { Problem } from './problem.ts';
import { type AskOptions, useAnswer } from './use-answer.ts';

/** What is asked again and again: the last good answer stays, beside what is wrong now. */
export interface Kept<Answer> {
  readonly answer: Answer | undefined;
  /** When `answer` came, by the clock of the browser. */
  readonly answeredMs: number;
  /** Why the last question was refused; undefined when it was not. */
  readonly problem: Problem | undefined;
  readonly again: () => void;
}

const nothing = { answer: undefined, answeredMs: 0, problem: undefined, again: () => {} };

/** Asks a URL every so often while the page is visible; undefined asks nothing. */
export function useKept<Answer>(url: string | undefined, options: AskOptions): Kept<Answer> {
  const asked = useAnswer<Answer>(url, options);
  const [kept, setKept] = useState<Kept<Answer> & { readonly url: string | undefined }>({ ...nothing, url });
  const before = kept.url === url ? kept : { ...nothing, url };
  if (asked.state === 'answered' && asked.answer !== before.answer) {
    setKept({ url, answer: asked.answer, answeredMs: Date.now(), problem: undefined, again: asked.again });
  } else if (asked.state === 'failed' && asked.problem !== before.problem) {
    setKept({ ...before, problem: asked.problem, again: asked.again });
  }
  return before;
}
