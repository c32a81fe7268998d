import { useCallback, useEffect, useState } from 'preact/hooks';
import { ask } from './ask.ts';
import { type Problem, Problem as ProblemError, unreachable } from './problem.ts';

/** A question on its way. `before` is the last answer to the question before it: shown, dimmed, instead of nothing. */
export type Asked<Answer> =
  | { readonly state: 'idle' }
  | {
      readonly state: 'asking';
      readonly before: Answer | undefined;
      readonly sinceMs: number;
      readonly bytes: number;
      readonly cancel: () => void;
    }
  | { readonly state: 'answered'; readonly answer: Answer; readonly again: () => void }
  | { readonly state: 'failed'; readonly problem: Problem; readonly again: () => void }
  | { readonly state: 'cancelled'; readonly again: () => void };

export interface AskOptions {
  /** Asked again so long after each answer, while the page is visible; what is shown stays until the new answer is there. */
  readonly everyMs?: number;
}

/** Asks a URL, and again when it changes; undefined asks nothing. An answer that is overtaken is cancelled, on the server too. */
export function useAnswer<Answer>(url: string | undefined, { everyMs }: AskOptions = {}): Asked<Answer> {
  const [asked, setAsked] = useState<Asked<Answer>>({ state: 'idle' });
  const [askedUrl, setAskedUrl] = useState(url);
  const [round, setRound] = useState(0);
  const again = useCallback(() => setRound((value) => value + 1), []);

  useEffect(() => {
    setAskedUrl(url);
    if (url === undefined) {
      setAsked({ state: 'idle' });
      return undefined;
    }
    const controller = new AbortController();
    const cancel = () => {
      controller.abort();
      setAsked({ state: 'cancelled', again });
    };
    setAsked((before) => asking(before, cancel));
    const progress = (bytes: number) =>
      setAsked((before) => (before.state === 'asking' && !controller.signal.aborted ? { ...before, bytes } : before));
    ask<Answer>(url, controller.signal, progress).then(
      (answer) => controller.signal.aborted || setAsked({ state: 'answered', answer, again }),
      (error: unknown) => controller.signal.aborted || setAsked({ state: 'failed', problem: asProblem(error), again }),
    );
    return () => controller.abort();
  }, [url, round, again]);

  const isTold = asked.state === 'answered' || asked.state === 'failed';
  useEffect(() => {
    // What takes longer than `everyMs` to answer must not be overtaken for ever.
    if (everyMs === undefined || url === undefined || !isTold) return undefined;
    const timer = setInterval(() => document.visibilityState === 'visible' && again(), everyMs);
    return () => clearInterval(timer);
  }, [url, everyMs, isTold, again]);
  // Effects come after drawing: what was answered to another URL must not be drawn as the answer to this one.
  if (askedUrl === url) return asked;
  return url === undefined ? { state: 'idle' } : asking(asked, () => {});
}

/** What there is to show: the answer, or the one before it while the next is on its way. */
export function latest<Answer>(asked: Asked<Answer>): Answer | undefined {
  if (asked.state === 'answered') return asked.answer;
  return asked.state === 'asking' ? asked.before : undefined;
}

function asking<Answer>(before: Asked<Answer>, cancel: () => void): Asked<Answer> {
  return { state: 'asking', before: latest(before), sinceMs: performance.now(), bytes: 0, cancel };
}

function asProblem(error: unknown): Problem {
  return error instanceof ProblemError ? error : unreachable(error);
}
