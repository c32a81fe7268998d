import './growth.css';
import type { GrowthAnswer, VerdictEntry } from '../api/answers.ts';
import { useAnswer } from '../api/use-answer.ts';
import { Moment } from '../format/moment.tsx';
import { ServerText } from '../format/server-text.tsx';
import { durationText } from '../format/time.ts';
import { Answered } from '../parts/answered.tsx';
import { Page } from '../parts/page.tsx';
import { hrefOf, type Parameters, usePlace } from '../state/place.ts';
import { Events } from './events.tsx';
import { Filters } from './filters.tsx';
import { SignalSection } from './finding.tsx';
import { Verdicts } from './verdicts.tsx';
import { bySureness, countsText, nameText } from './words.ts';

/** Containers of one workload that are shown in full. */
const maxDetailed = 3;

/** What grows that should not. Alerts link here: with one workload named, it is shown in full, its finding first. */
export function Growth() {
  const { parameters } = usePlace();
  const asked = useAnswer<GrowthAnswer>(hrefOf('/api/v1/growth', parameters));
  const title = titleOf(parameters);
  return (
    <Page title={title === undefined ? 'Growth' : `${title}: growth`} heading={title ?? 'What grows'}>
      {title !== undefined && (
        <p class="growth-back">
          <a href={hrefOf('/growth', { at: parameters['at'] })}>All workloads</a>
        </p>
      )}
      <Answered asked={asked} what="Asking for verdicts">
        {(answer) => <Answer answer={answer} parameters={parameters} />}
      </Answered>
    </Page>
  );
}

function Answer({ answer, parameters }: { readonly answer: GrowthAnswer; readonly parameters: Parameters }) {
  const { verdicts, events, meta, nextCursor } = answer;
  const isDetailed = verdicts.length === 1 || (parameters['workload'] !== undefined && verdicts.length <= maxDetailed);
  const filters = <Filters verdicts={verdicts} atMs={meta.atMs} />;
  return (
    <>
      {/* Who comes for one workload wants to see it first. */}
      {!isDetailed && filters}
      <p class="muted">
        <Judged meta={meta} /> {meta.workloads > 1 && countsText(meta)}
      </p>
      {meta.warnings.map((warning) => (
        <p key={warning} class="growth-warning">
          <ServerText text={warning} />
        </p>
      ))}
      {meta.hint !== undefined && (
        <p class="growth-hint">
          <ServerText text={meta.hint} />
        </p>
      )}
      {verdicts.length === 0 && meta.hint === undefined && <p class="growth-hint">Nothing is found.</p>}
      {isDetailed ? (
        verdicts.map((verdict) => <Detail key={verdict.links.page} verdict={verdict} isAlone={verdicts.length === 1} />)
      ) : (
        <Verdicts verdicts={verdicts} />
      )}
      {isDetailed && filters}
      <Events events={events} meta={meta} />
      {(nextCursor !== null || parameters['cursor'] !== undefined) && (
        <nav class="growth-pages" aria-label="Pages of the lists">
          {parameters['cursor'] !== undefined && (
            <a href={hrefOf('/growth', { ...parameters, cursor: undefined })}>First page</a>
          )}
          {nextCursor !== null && <a href={hrefOf('/growth', { ...parameters, cursor: nextCursor })}>More</a>}
        </nav>
      )}
    </>
  );
}

function Judged({ meta: { atMs, evaluatedMs, bucketMs } }: Pick<GrowthAnswer, 'meta'>) {
  if (atMs !== null) {
    return (
      <>
        As it would have been judged at <Moment ms={atMs} />.
      </>
    );
  }
  if (evaluatedMs === null) return <>Not judged yet.</>;
  return (
    <>
      Judged at <Moment ms={evaluatedMs} />, every {durationText(bucketMs)}.
    </>
  );
}

function Detail({ verdict, isAlone }: { readonly verdict: VerdictEntry; readonly isAlone: boolean }) {
  return (
    <>
      {!isAlone && <h2 class="growth-container">{nameText(verdict)}</h2>}
      {verdict.skipped !== null && (
        <p class="growth-hint">
          Not judged: <ServerText text={verdict.skipped} />
        </p>
      )}
      <div class="growth-signals">
        {bySureness(verdict.signals).map((signal) => (
          <SignalSection key={signal.signal} signal={signal} atMs={verdict.atMs} />
        ))}
      </div>
    </>
  );
}

function titleOf({ namespace, workload, container }: Parameters): string | undefined {
  if (workload) return nameText({ namespace: namespace || '…', workload, container: container ?? '' });
  return namespace || undefined;
}
