import { useEffect, useRef } from 'preact/hooks';
import { useKeys } from '../state/keys.ts';
import { change, placeNow, usePlace } from '../state/place.ts';

/** The `search` of the URL, which follows each letter; `/` leads here, Esc out. */
export function SearchField({
  what,
  placeholder,
  className,
}: {
  /** What is searched: `targets`. */
  readonly what: string;
  readonly placeholder: string;
  readonly className: string;
}) {
  const field = useRef<HTMLInputElement>(null);
  const { search = '' } = usePlace().parameters;
  useKeys({ '/': { does: `search ${what}`, run: () => field.current?.focus() } });
  useEffect(() => {
    // The newest, which may be newer than what is drawn: nothing that is being typed is taken back.
    const { search: newest = '' } = placeNow().parameters;
    if (field.current && field.current.value !== newest) field.current.value = newest;
  }, [search]);
  return (
    <input
      ref={field}
      class={className}
      type="search"
      placeholder={placeholder}
      aria-label={`Search ${what}`}
      defaultValue={search}
      onInput={(event) => change({ search: event.currentTarget.value }, { replace: true })}
      onKeyDown={({ key, currentTarget }) => key === 'Escape' && currentTarget.blur()}
    />
  );
}
