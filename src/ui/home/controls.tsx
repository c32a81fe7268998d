import { useEffect, useRef } from 'preact/hooks';
import { useKeys } from '../state/keys.ts';
import { change, placeNow, usePlace } from '../state/place.ts';
import { defaultFrom, readSort, windows } from './services.ts';

/** How many services there are, which of them are shown, in what order, over what time. */
export function Controls({ total, found }: { readonly total: number; readonly found: number }) {
  const { search = '', from = defaultFrom, sort } = usePlace().parameters;
  const field = useRef<HTMLInputElement>(null);
  useKeys({ '/': { does: 'search services', run: () => field.current?.focus() } });
  useEffect(() => {
    // The newest, which may be newer than what is drawn: nothing that is being typed is taken back.
    const { search: newest = '' } = placeNow().parameters;
    if (field.current && field.current.value !== newest) field.current.value = newest;
  }, [search]);
  return (
    <div class="home-controls">
      <h2>
        All services <span class="muted">{search === '' ? total : `${found} of ${total}`}</span>
      </h2>
      <input
        ref={field}
        type="search"
        placeholder="Search namespace or name  /"
        aria-label="Search services"
        defaultValue={search}
        onInput={(event) => change({ search: event.currentTarget.value, shown: undefined }, { replace: true })}
      />
      <label>
        Sort by{' '}
        <select value={readSort(sort)} onChange={(event) => change({ sort: event.currentTarget.value })}>
          <option value="cpu">CPU</option>
          <option value="heap">live heap</option>
          <option value="allocs">allocation rate</option>
          <option value="name">name</option>
        </select>
      </label>
      <label>
        <span class="unseen">Time</span>
        <select value={from} onChange={(event) => change({ from: event.currentTarget.value })}>
          {Object.entries({ ...(from in windows ? {} : { [from]: from }), ...windows }).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <span class="unseen" role="status">
        {search !== '' && `${found} of ${total} services`}
      </span>
    </div>
  );
}
