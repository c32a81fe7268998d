import { useEffect, useRef, useState } from 'preact/hooks';
import { formatMatchers } from '../../model/selector.ts';
import { ask } from '../api/ask.ts';
import { Problem, unreachable } from '../api/problem.ts';
import { listUrl } from '../api/urls.ts';
import { ProblemBox } from '../parts/problem-box.tsx';
import type { Parameters } from '../state/href.ts';
import { isFault, readQuery } from './query.ts';

/** A query as text. What is wrong with it is said below it, in the server's words, before anything is asked with it. */
export function QueryField({
  query,
  window,
  onQuery,
  onClose,
}: {
  readonly query: string;
  readonly window: Parameters;
  readonly onQuery: (query: string) => void;
  /** Back to the pickers; without it there is nothing to go back to. */
  readonly onClose: (() => void) | undefined;
}) {
  const [text, setText] = useState(query);
  const field = useRef<HTMLInputElement>(null);
  const [problem, check] = useCheck(window);
  useEffect(() => field.current?.focus(), []);
  // A link may bring a query that is wrong.
  useEffect(() => {
    if (query !== '') check(query, () => undefined);
  }, [query]);
  return (
    <form
      class="selection-field"
      onSubmit={(event) => {
        event.preventDefault();
        check(text.trim(), () => onQuery(text.trim()));
      }}
    >
      <input
        ref={field}
        class="selection-text"
        aria-label="Query"
        aria-invalid={problem !== undefined}
        placeholder={'cpu{namespace="shop",workload=~"check.*"}'}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && onClose?.()}
      />
      <button type="submit">Select</button>
      {onClose && (
        <button type="button" class="plain" onClick={onClose}>
          Cancel
        </button>
      )}
      {problem && <ProblemBox problem={problem} />}
    </form>
  );
}

/** Reads the query here, then has the server look at its expressions, which only it can judge. */
function useCheck(window: Parameters) {
  const [problem, setProblem] = useState<Problem>();
  const controller = useRef<AbortController>(undefined);
  useEffect(() => () => controller.current?.abort(), []);
  const check = (text: string, onGood: () => void) => {
    const read = readQuery(text);
    if (isFault(read))
      return setProblem(new Problem(read.message, { status: 400, code: 'bad_query', hint: read.hint }));
    controller.current?.abort();
    controller.current = new AbortController();
    const { signal } = controller.current;
    const url = listUrl('series', window, formatMatchers(read.matchers), { limit: '1' });
    return void ask(url, signal).then(
      () => {
        setProblem(undefined);
        onGood();
      },
      (error: unknown) => signal.aborted || setProblem(error instanceof Problem ? error : unreachable(error)),
    );
  };
  return [problem, check] as const;
}
