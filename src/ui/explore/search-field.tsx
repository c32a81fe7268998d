import { useEffect, useRef, useState } from 'preact/hooks';
import { counted, humanValue } from '../../model/human-value.ts';
import type { Search } from '../flame/model.ts';
import { useKeys } from '../state/keys.ts';

/** Browsers allow so many changes of the URL, and people type fast. */
const quietMs = 150;

/** Searches names while one types, says what was found, and steps through it. */
export function SearchField({
  search,
  found,
  match,
  onSearch,
  onStep,
}: {
  /** As the URL has it. */
  readonly search: string;
  readonly found: Search | undefined;
  /** Which of the frames the graph went to last. */
  readonly match: number | undefined;
  readonly onSearch: (search: string) => void;
  readonly onStep: (step: 1 | -1) => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useText(search, onSearch);
  useKeys({
    '/': {
      does: 'search functions',
      run: () => {
        field.current?.focus();
        field.current?.select();
      },
    },
  });
  return (
    <div class="explore-search" role="search">
      <input
        ref={field}
        type="search"
        aria-label="Search functions"
        placeholder="Search by name or expression"
        spellcheck={false}
        autocomplete="off"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onStep(event.shiftKey ? -1 : 1);
          else if (event.key === 'Escape' && text === '') event.currentTarget.blur();
        }}
      />
      <span class="explore-found" role="status">
        {found && <Found found={found} match={match} />}
      </span>
      {found && found.frames > 0 && (
        <>
          <button onClick={() => onStep(-1)} aria-label="Match before" title="Match before (N)">
            ‹
          </button>
          <button onClick={() => onStep(1)} aria-label="Next match" title="Next match (n)">
            ›
          </button>
        </>
      )}
    </div>
  );
}

function Found({ found, match }: { readonly found: Search; readonly match: number | undefined }) {
  const { functions, frames, share, isText } = found;
  const literally = isText && (
    <span class="explore-literally" title="It is no valid expression, so names that contain it are searched">
      not an expression, taken literally:{' '}
    </span>
  );
  if (functions === 0) return <>{literally}nothing</>;
  return (
    <>
      {literally}
      <strong>{humanValue(Math.round(share * 1000) / 1000, 'share')}</strong> in {counted(functions, 'function')},{' '}
      {match === undefined ? counted(frames, 'frame') : `frame ${match} of ${frames}`}
    </>
  );
}

/** What is typed goes to the URL when there is a pause; what the URL brings (a way back) goes into the field. */
function useText(search: string, onSearch: (search: string) => void): [string, (text: string) => void] {
  const [text, setText] = useState(search);
  const written = useRef(search);
  if (search !== written.current) {
    written.current = search;
    setText(search);
  }
  useEffect(() => {
    if (text === written.current) return undefined;
    const timer = setTimeout(() => {
      written.current = text;
      onSearch(text);
    }, quietMs);
    return () => clearTimeout(timer);
  }, [text]);
  return [text, setText];
}
