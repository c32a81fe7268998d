import './targets.css';
import { useState } from 'preact/hooks';
import type { TargetEntry, TargetsAnswer } from '../api/answers.ts';
import { useKept } from '../api/use-kept.ts';
import { Page } from '../parts/page.tsx';
import { ProblemBox } from '../parts/problem-box.tsx';
import { change, usePlace } from '../state/place.ts';
import { Explain } from './explain.tsx';
import { hasStanding, labelFilter, wantedStanding } from './filter.ts';
import { NoTargets } from './no-targets.tsx';
import { type PauseOrder, pauseOf, scopeText } from './pause-order.ts';
import { PauseDialog, Pauses } from './pauses.tsx';
import { SnapOutcome } from './snap-button.tsx';
import { countStandings, standingOf } from './standing.ts';
import { Toolbar } from './toolbar.tsx';
import { Waiting } from './waiting.tsx';
import { WorkloadTable } from './workload-table.tsx';
import { workloadRows } from './workloads.ts';

/** As many as the server gives at once. */
const targetsUrl = '/api/v1/targets?limit=10000';
const pausesUrl = '/api/v1/pause';
const askedEveryMs = 5000;
/** A list this long is asked for less often: it is megabytes. */
const longList = 1000;
const longAskedEveryMs = 30_000;

/** Every source by workload: how it stands, what is wrong, and what can be done about it. */
export function Targets() {
  const [everyMs, setEveryMs] = useState(askedEveryMs);
  const targets = useKept<TargetsAnswer>(targetsUrl, { everyMs });
  const pauses = useKept<{ readonly pauses: readonly PauseOrder[] }>(pausesUrl, { everyMs: askedEveryMs });
  const [pause, setPause] = useState<PauseOrder>();
  const paused = pauses.answer?.pauses ?? [];
  const found = targets.answer?.targets ?? [];
  const wantedEveryMs = found.length > longList ? longAskedEveryMs : askedEveryMs;
  if (everyMs !== wantedEveryMs) setEveryMs(wantedEveryMs);
  return (
    <Page title="Targets">
      <Explain targets={found} />
      {targets.problem && <ProblemBox problem={targets.problem} again={targets.again} />}
      <Pauses pauses={paused} onOrder={setPause} />
      {targets.answer && <Listed answer={targets.answer} pauses={paused} onPause={setPause} />}
      {pause && (
        <PauseDialog
          asked={pause}
          sources={found.filter(({ labels }) => pauseOf(labels, [pause]) !== undefined).length}
          onClose={() => setPause(undefined)}
          onDone={() => {
            setPause(undefined);
            targets.again();
            pauses.again();
          }}
        />
      )}
      <SnapOutcome />
    </Page>
  );
}

function Listed({
  answer: { targets, nextCursor },
  pauses,
  onPause,
}: {
  readonly answer: TargetsAnswer;
  readonly pauses: readonly PauseOrder[];
  readonly onPause: (order: PauseOrder) => void;
}) {
  const { parameters } = usePlace();
  if (targets.length === 0) return <NoTargets />;
  const wanted = wantedStanding(parameters);
  const labelled = targets.filter(labelFilter(parameters));
  const meant = labelled.filter((target) => hasStanding(target, wanted));
  const by = Map.groupBy(meant, sectionOf);
  const { namespace } = parameters;
  const scope = namespace ? { namespace } : undefined;
  return (
    <>
      <Toolbar targets={targets} counts={countStandings(labelled)} />
      {scope && !pauseOf(scope, pauses) && (
        <p class="targets-scope">
          <button onClick={() => onPause(scope)}>Pause {scopeText(scope)} …</button>
        </p>
      )}
      {nextCursor !== null && <p class="note">Only the first {targets.length} are shown, by namespace.</p>}
      {meant.length === 0 && <NothingMeant />}
      {by.has('scraped') && <WorkloadTable rows={workloadRows(by.get('scraped') ?? [])} onPause={onPause} />}
      {waitingSections.map(({ standing, title }) => (
        <Waiting
          key={standing}
          standing={standing}
          title={title}
          targets={by.get(standing) ?? []}
          pauses={pauses}
          onPause={onPause}
        />
      ))}
    </>
  );
}

const waitingSections = [
  { standing: 'unresolved', title: 'Unresolved' },
  { standing: 'held', title: 'Held' },
  { standing: 'candidate', title: 'Candidates' },
] as const;

function sectionOf(target: TargetEntry): 'scraped' | (typeof waitingSections)[number]['standing'] {
  const standing = standingOf(target);
  return waitingSections.find((section) => section.standing === standing)?.standing ?? 'scraped';
}

function NothingMeant() {
  const clear = { health: '', state: '', search: '', namespace: '', workload: '', workload_kind: '', container: '' };
  const others = { service_name: '', pod: '', node: '', revision: '' };
  return (
    <p class="note" role="status">
      No target is meant by these filters. <button onClick={() => change({ ...clear, ...others })}>Show all</button>
    </p>
  );
}
