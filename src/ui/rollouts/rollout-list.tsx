import { counted } from '../../model/human-value.ts';
import type { RolloutEntry, RolloutsAnswer } from '../api/answers.ts';
import { Moment } from '../format/moment.tsx';
import { durationText, isoText, windowText } from '../format/time.ts';
import { type RolloutStory, rolloutsOf } from './story.ts';

/** What is looked at first after a roll-out: profile types, and what they are called here. */
const types = [
  ['cpu', 'CPU time'],
  ['heap', 'Heap in use'],
  ['allocs', 'Allocations'],
] as const;

/** Overlaps that are named; most roll-outs have one. */
const shownOverlaps = 3;

/** Each roll-out with when both revisions ran, and links to what it changed. */
export function RolloutList({ answer }: { readonly answer: RolloutsAnswer }) {
  const stories = rolloutsOf(answer);
  return (
    <section aria-labelledby="rollouts-list">
      <h2 id="rollouts-list">{counted(stories.length, 'roll-out')}</h2>
      {stories.length === 0 ? (
        <p class="rollouts-none">
          One revision is known, {answer.revisions[0]?.revision ?? 'which has no name'}: there was none before it to
          compare it with. The next roll-out is listed here by itself, as soon as a pod of it is profiled.
        </p>
      ) : (
        <ol class="rollouts-list">
          {stories.map((story, at) => (
            <li key={`${story.entry.workloadKind}${story.entry.compareFirstSeenMs}${story.entry.compare}`}>
              <Rollout story={story} answer={answer} isFirst={at === 0} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function Rollout({
  story: { entry, isUndo, togetherMs, diffHref },
  answer,
  isFirst,
}: {
  readonly story: RolloutStory;
  readonly answer: RolloutsAnswer;
  readonly isFirst: boolean;
}) {
  return (
    <article class={`rollouts-one ${isFirst ? 'rollouts-first' : ''}`}>
      <div class="rollouts-what">
        <h3>
          <Revision name={entry.base} answer={answer} /> → <Revision name={entry.compare} answer={answer} />
          {isUndo && (
            <span class="rollouts-undo" title="The revision that came had run before">
              ↶ undo
            </span>
          )}
        </h3>
        <p>
          <Moment ms={entry.compareFirstSeenMs} />{' '}
          <span class="muted">
            (<Moment ms={entry.compareFirstSeenMs} ago />)
          </span>
          , <Together entry={entry} togetherMs={togetherMs} />
        </p>
      </div>
      <nav class="rollouts-diffs" aria-label={`What ${entry.compare ?? 'it'} changed`}>
        <span class="muted">What changed</span>
        {types.map(([type, label]) => (
          <a key={type} class="rollouts-diff" href={diffHref(type)}>
            {label}
          </a>
        ))}
      </nav>
    </article>
  );
}

/** With its version, which says more to people than the hash of a template. */
function Revision({ name, answer }: { readonly name: string | null; readonly answer: RolloutsAnswer }) {
  const version = answer.revisions.find(({ revision }) => revision === name)?.version;
  return (
    <span class="rollouts-revision">
      {version && version !== name && <strong>{version}</strong>} <code>{name ?? 'no revision'}</code>
    </span>
  );
}

/** When both ran: `both ran for 2 min 11 s, 04:02–04:05`. */
function Together({ entry, togetherMs }: { readonly entry: RolloutEntry; readonly togetherMs: number }) {
  const { overlaps, overlapsLeftOut } = entry;
  if (overlaps.length === 0) return <>the two never ran side by side</>;
  const more = overlaps.length - shownOverlaps + overlapsLeftOut;
  return (
    <>
      both ran for {durationText(togetherMs)}:{' '}
      {overlaps.slice(0, shownOverlaps).map(({ fromMs, toMs }, at) => (
        <span key={fromMs} title={`${isoText(fromMs)} – ${isoText(toMs)}`}>
          {at > 0 && ', '}
          {windowText({ fromMs, toMs })}
        </span>
      ))}
      {more > 0 && <span class="muted"> and {more} more</span>}
    </>
  );
}
