import type { VerdictEntry } from '../api/answers.ts';
import { inputText, isoText, readInput } from '../format/time.ts';
import { change, usePlace } from '../state/place.ts';

/** Filters as the server takes them: exact names, the least tier, and a moment in the past. */
export function Filters({
  verdicts,
  atMs,
}: {
  readonly verdicts: readonly VerdictEntry[];
  readonly atMs: number | null;
}) {
  const { parameters } = usePlace();
  const namesOf = (name: 'namespace' | 'workload') => [...new Set(verdicts.map((verdict) => verdict[name]))].sort();
  // Another page of the list means nothing to another filter.
  const filter = (given: Parameters<typeof change>[0]) => change({ ...given, cursor: undefined });
  return (
    <form class="growth-filters" onSubmit={(event) => event.preventDefault()}>
      {(['namespace', 'workload'] as const).map((name) => (
        <label key={name}>
          {name === 'namespace' ? 'Namespace' : 'Workload'}
          <input
            key={parameters[name]}
            defaultValue={parameters[name] ?? ''}
            list={`growth-${name}`}
            placeholder="all"
            onChange={(event) => filter({ [name]: event.currentTarget.value.trim(), ...isolated(name) })}
          />
          <datalist id={`growth-${name}`}>
            {namesOf(name).map((value) => (
              <option key={value} value={value} />
            ))}
          </datalist>
        </label>
      ))}
      <label>
        Show
        <select value={parameters['tier'] ?? ''} onChange={(event) => filter({ tier: event.currentTarget.value })}>
          <option value="">all that is judged</option>
          <option value="suspected">what is found</option>
          <option value="likely">what is likely</option>
        </select>
      </label>
      <label>
        As of
        <input
          key={atMs}
          type="datetime-local"
          step="60"
          max={inputText(Date.now()).slice(0, 16)}
          defaultValue={atMs === null ? '' : inputText(atMs).slice(0, 16)}
          onChange={(event) => {
            const ms = readInput(event.currentTarget.value);
            filter({ at: ms === undefined ? undefined : isoText(ms) });
          }}
        />
      </label>
      {parameters['at'] !== undefined && (
        // Not the one that Enter in a field presses.
        <button type="button" onClick={() => filter({ at: undefined })}>
          Now
        </button>
      )}
    </form>
  );
}

/** Another workload has containers of its own, and its kind may be another. */
function isolated(name: string) {
  return name === 'workload' ? { workload_kind: undefined, container: undefined, since: undefined } : {};
}
