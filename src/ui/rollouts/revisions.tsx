import type { TimeWindow, UnixMs } from '../../model/units.ts';
import type { RevisionEntry, RolloutsAnswer } from '../api/answers.ts';
import { Moment } from '../format/moment.tsx';
import { durationText, momentText, windowText } from '../format/time.ts';
import { stintsOf } from './story.ts';

/** All revisions, newest first, with a picture of when each ran: what stands above another ran beside it. */
export function Revisions({ answer }: { readonly answer: RolloutsAnswer }) {
  const { revisions, meta } = answer;
  const shown = { fromMs: Math.min(...revisions.map(({ firstSeenMs }) => firstSeenMs)), toMs: meta.toMs };
  const hasKinds = new Set(revisions.map(({ workloadKind }) => workloadKind)).size > 1;
  return (
    <section aria-labelledby="rollouts-revisions">
      <h2 id="rollouts-revisions">Revisions</h2>
      <div class="rollouts-scroller" role="region" aria-label="Table of revisions" tabIndex={0}>
        <table class="rollouts-table">
          <thead>
            <tr>
              <th scope="col">Revision</th>
              {hasKinds && <th scope="col">Kind</th>}
              <th scope="col" class="rollouts-when">
                <Axis shown={shown} />
              </th>
              <th scope="col">Image</th>
              <th scope="col">First seen</th>
              <th scope="col">Last seen</th>
              <th scope="col" class="number">
                Processes
              </th>
              <th scope="col" class="number">
                Observed
              </th>
            </tr>
          </thead>
          <tbody>
            {revisions.map((revision) => (
              <Row
                key={`${revision.workloadKind}/${revision.revision}/${revision.firstSeenMs}`}
                {...{ answer, revision, shown, hasKinds }}
              />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({
  answer,
  revision,
  shown,
  hasKinds,
}: {
  readonly answer: RolloutsAnswer;
  readonly revision: RevisionEntry;
  readonly shown: TimeWindow;
  readonly hasKinds: boolean;
}) {
  const { workloadKind, version, current, firstSeenMs, lastSeenMs, processes, liveProcesses } = revision;
  return (
    <tr>
      <th scope="row" class="rollouts-name">
        <code>{revision.revision ?? 'no revision'}</code>
        {version && version !== revision.revision && <span class="muted"> {version}</span>}
        {current && <span class="rollouts-current">current</span>}
      </th>
      {hasKinds && <td>{workloadKind ?? ''}</td>}
      <td class="rollouts-when">
        <Bars stints={stintsOf(answer, revision)} shown={shown} isCurrent={current} />
      </td>
      <td>
        <Images revision={revision} />
      </td>
      <td>
        <Moment ms={firstSeenMs} />
      </td>
      <td>
        <Moment ms={lastSeenMs} />
      </td>
      <td class="number" title={`${liveProcesses} still run`}>
        {processes}
        {liveProcesses > 0 && <span class="muted"> ({liveProcesses} run)</span>}
      </td>
      <td class="number" title="Over all processes">
        {durationText(1000 * revision.processSeconds)}
      </td>
    </tr>
  );
}

function Images({ revision: { images } }: { readonly revision: RevisionEntry }) {
  if (images.every(({ image }) => image === null)) return <span class="muted">not known</span>;
  return (
    <>
      {images.map(({ container, image, imageDigest }) => (
        <div key={`${container}${image}${imageDigest}`} title={imageDigest ?? 'the digest is not known'}>
          <code>{image ?? 'not known'}</code>
          {images.length > 1 && container !== null && <span class="muted"> {container}</span>}
        </div>
      ))}
    </>
  );
}

/** A bar for each time in which the revision ran. The columns beside it say the same in words. */
function Bars({
  stints,
  shown,
  isCurrent,
}: {
  readonly stints: readonly TimeWindow[];
  readonly shown: TimeWindow;
  readonly isCurrent: boolean;
}) {
  return (
    <div
      class="rollouts-track"
      role="img"
      aria-label={`Ran ${stints.map((stint) => windowText(stint)).join(', and ')}`}
    >
      {stints.map(({ fromMs, toMs }) => (
        <span
          key={fromMs}
          class={`rollouts-bar ${isCurrent ? 'rollouts-bar-current' : ''}`}
          title={windowText({ fromMs, toMs })}
          style={{ left: percent(fromMs, shown), width: `calc(${percent(toMs, shown)} - ${percent(fromMs, shown)})` }}
        />
      ))}
    </div>
  );
}

function Axis({ shown }: { readonly shown: TimeWindow }) {
  return (
    <span class="rollouts-axis">
      <span>{momentText(shown.fromMs)}</span>
      <span>When it ran</span>
      <span>{momentText(shown.toMs)}</span>
    </span>
  );
}

function percent(atMs: UnixMs, { fromMs, toMs }: TimeWindow): string {
  return `${(100 * (atMs - fromMs)) / Math.max(1, toMs - fromMs)}%`;
}
