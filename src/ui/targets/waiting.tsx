import type { TargetEntry } from '../api/answers.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { change } from '../state/place.ts';
import { optInCommand } from './commands.ts';
import { useMore } from './more.tsx';
import { type PauseOrder, pauseOf, scopeText } from './pause-order.ts';
import { type Standing, standingWords } from './standing.ts';
import { reasonsOf } from './troubles.ts';
import { type WorkloadRow, workloadRows } from './workloads.ts';

const step = 50;

/** What is not scraped though somebody may want it: why, and what to do. Silent when there is none. */
export function Waiting({
  standing,
  title,
  targets,
  pauses,
  onPause,
}: {
  readonly standing: Standing;
  readonly title: string;
  readonly targets: readonly TargetEntry[];
  readonly pauses: readonly PauseOrder[];
  readonly onPause: (order: PauseOrder) => void;
}) {
  const rows = workloadRows(targets);
  const { limit, rest } = useMore(rows.length, step);
  if (rows.length === 0) return null;
  return (
    <section class="targets-waiting">
      <h2>
        <i class={`targets-${standing}`} aria-hidden="true">
          {standingWords[standing].mark}
        </i>{' '}
        {title} <span class="muted">{targets.length}</span>
      </h2>
      <p class="muted">{standingWords[standing].means}</p>
      <table class="targets-table targets-fixed">
        <thead>
          <tr>
            <th>Workload</th>
            <th class="number">Sources</th>
            <th>Why</th>
            <th>What to do</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, limit).map((row) => (
            <Row key={row.key} row={row} standing={standing} pauses={pauses} onPause={onPause} />
          ))}
        </tbody>
      </table>
      {rest}
    </section>
  );
}

function Row({
  row: { namespace, kind, name, targets },
  standing,
  pauses,
  onPause,
}: {
  readonly row: WorkloadRow;
  readonly standing: Standing;
  readonly pauses: readonly PauseOrder[];
  readonly onPause: (order: PauseOrder) => void;
}) {
  const reasons = reasonsOf(targets);
  const limit = standing === 'held' ? /limits\.\w+/.exec(reasons.join(' '))?.[0] : undefined;
  const labels = targets[0]?.labels ?? {};
  const pause = standing === 'held' ? pauseOf(labels, pauses) : undefined;
  return (
    <tr>
      <th scope="row">
        {name}
        <span class="targets-where">
          {namespace} · {kind}
        </span>
      </th>
      <td class="number">{targets.length}</td>
      <td class="targets-why">{reasons.join('; ')}</td>
      <td class="targets-acts">
        {pause && <button onClick={() => onPause({ ...pause, isResume: true })}>Resume {scopeText(pause)} …</button>}
        {limit && <span>Raise {limit} in the configuration.</span>}
        {standing === 'candidate' && <CopyButton text={optInCommand(labels)} label="Copy the annotate command" />}
        <button onClick={() => change({ explain: `${namespace}/${kind}/${name}` })}>Explain</button>
      </td>
    </tr>
  );
}
