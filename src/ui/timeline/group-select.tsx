import type { ScrapesAnswer } from '../api/answers.ts';
import { change } from '../state/place.ts';
import { labelsThatDiffer } from './groups.ts';

/** Chooses the label by which a selection is split; nothing where its processes do not differ. */
export function GroupSelect({
  scrapes,
  groupBy,
}: {
  readonly scrapes: ScrapesAnswer | undefined;
  /** As the URL has it. */
  readonly groupBy: string | undefined;
}) {
  const differing = labelsThatDiffer(scrapes?.processes ?? []);
  const labels = groupBy && !differing.includes(groupBy) ? [groupBy, ...differing] : differing;
  if (labels.length === 0) return null;
  return (
    <label class="groups-label">
      Split by{' '}
      <select
        class="groups-select"
        value={groupBy ?? ''}
        onChange={(event) => change({ group_by: event.currentTarget.value })}
      >
        <option value="">nothing</option>
        {labels.map((label) => (
          <option key={label} value={label}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}
