import './groups.css';
import { useMemo, useState } from 'preact/hooks';
import { counted } from '../../model/human-value.ts';
import { type DurationMs, second, type TimeWindow } from '../../model/units.ts';
import type { RangeAnswer } from '../api/answers.ts';
import { rangeUrl } from '../api/urls.ts';
import { useAnswer } from '../api/use-answer.ts';
import { isoText, windowText } from '../format/time.ts';
import { Answered } from '../parts/answered.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { topOf } from '../parts/sparkline-path.ts';
import { hrefOf } from '../state/href.ts';
import { usePlace } from '../state/place.ts';
import { compareHref, type Group, groupsOf, shortGroupName } from './groups.ts';
import { stepFor } from './lines.ts';
import { partOf } from './provenance.ts';
import { valueText } from './values.ts';

const mostGroups = 12;
/** Of a small line, in pixels. */
const usualWidth = 240;

interface Split {
  readonly query: string;
  readonly label: string;
  readonly shown: TimeWindow;
  readonly range: TimeWindow | undefined;
  readonly heldMs: DurationMs;
}

/** A selection split by a label: a small line for each value, all on the same scale, any two to be compared. */
export function GroupTimelines(split: Split) {
  const { query, label, shown } = split;
  const asked = useAnswer<RangeAnswer>(
    rangeUrl(
      { query, from: isoText(shown.fromMs), to: isoText(shown.toMs) },
      { group_by: label, limit: String(mostGroups), step: `${stepFor(shown, usualWidth) / second}s` },
    ),
  );
  return (
    <Answered asked={asked} what={`Splitting by ${label}`}>
      {(answer) => <Groups {...split} key={label} answer={answer} />}
    </Answered>
  );
}

function Groups({ answer, ...split }: Split & { readonly answer: RangeAnswer }) {
  const { label, shown, range } = split;
  const part = partOf(shown, range);
  const groups = useMemo(() => groupsOf(answer, { ...split, part }), [answer, part.fromMs, part.toMs, split.heldMs]);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const top = Math.max(...groups.map(({ points }) => topOf(points)));
  const [base, compare] = chosen.map((value) => groups.find((group) => group.value === value));
  const choose = (value: string) =>
    setChosen(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value].slice(-2));
  return (
    <section class="groups" aria-label={`By ${label}`}>
      <p class="groups-head">
        <b>By {label}</b>
        <span class="muted">
          average over {windowText(part)}, all on one scale
          {answer.other && `; ${counted(answer.other.series, 'smaller group is', 'smaller groups are')} left out`}
        </span>
        {base && compare ? (
          <a class="groups-compare" href={compareHref(base, compare, part)}>
            Compare these two
          </a>
        ) : (
          <span class="muted">{groups.length > 1 && 'Choose two to compare them.'}</span>
        )}
      </p>
      <ul class="groups-list">
        {groups.map((group) => (
          <GroupCard
            key={group.value}
            {...{ group, label, top, shown }}
            unit={answer.unit}
            role={roleOf(chosen.indexOf(group.value), chosen.length)}
            choose={() => choose(group.value)}
          />
        ))}
      </ul>
    </section>
  );
}

/** What was chosen first is what the other is compared with. */
function roleOf(at: number, count: number): string | undefined {
  if (at < 0) return undefined;
  return count < 2 ? 'chosen' : at === 0 ? 'base' : 'compared';
}

function GroupCard({
  group: { value, points, average, query },
  label,
  unit,
  top,
  shown,
  role,
  choose,
}: {
  readonly group: Group;
  readonly label: string;
  readonly unit: string;
  readonly top: number;
  readonly shown: TimeWindow;
  readonly role: string | undefined;
  readonly choose: () => void;
}) {
  const { path, parameters } = usePlace();
  const name = value === '' ? `no ${label}` : value;
  return (
    <li class={role ? 'groups-card groups-chosen' : 'groups-card'}>
      <div class="groups-name">
        <input type="checkbox" checked={role !== undefined} aria-label={`Compare ${name}`} onChange={choose} />
        <a href={hrefOf(path, { ...parameters, query, group_by: undefined, zoom: undefined })} title={name}>
          {shortGroupName(name)}
        </a>
        {role && <span class="muted">{role}</span>}
        <b>{valueText(average, unit)}</b>
      </div>
      <Sparkline points={points} unit={unit} window={shown} label={name} top={top} />
    </li>
  );
}
