import './status.css';
import type { StatusAnswer } from '../api/answers.ts';
import { useKept } from '../api/use-kept.ts';
import { Moment } from '../format/moment.tsx';
import { ServerText } from '../format/server-text.tsx';
import { durationText } from '../format/time.ts';
import { Page } from '../parts/page.tsx';
import { ProblemBox } from '../parts/problem-box.tsx';
import { Growth, Ingest, Questions, Scraping } from './cards.tsx';
import { Store } from './store.tsx';

const askedEveryMs = 5000;

/** How the daemon is: whether it is ready, what it holds, what comes in, who scrapes, what it cannot see. */
export function Status() {
  const { answer, answeredMs, problem, again } = useKept<StatusAnswer>('/api/v1/status', { everyMs: askedEveryMs });
  return (
    <Page title="Status">
      {problem && <ProblemBox problem={problem} again={again} />}
      {answer && <Told status={answer} readMs={answeredMs} />}
    </Page>
  );
}

function Told({ status, readMs }: { readonly status: StatusAnswer; readonly readMs: number }) {
  const { version, node, startedMs, ready, reasons, problems, store, limits } = status;
  return (
    <>
      <p class="status-head">
        <span class={ready ? 'status-pill status-pill-good' : 'status-pill status-pill-warn'}>
          {ready ? '✓ ready' : '▲ not ready'}
        </span>
        <span>
          flameherd <b>{version}</b>
        </span>
        <span class="muted">Node.js {node}</span>
        <span class="muted">
          up {durationText(readMs - startedMs)}, since <Moment ms={startedMs} />
        </span>
      </p>
      {!ready && (
        <ul class="status-reasons">
          {reasons.map((reason) => (
            <li key={reason}>
              <ServerText text={reason} />
            </li>
          ))}
        </ul>
      )}
      <Problems problems={problems} />
      <div class="status-grid">
        {store && <Store store={store} limits={limits} />}
        <Ingest status={status} readMs={readMs} />
        <Scraping status={status} />
        <Growth status={status} />
        <Questions status={status} />
      </div>
    </>
  );
}

function Problems({ problems }: Pick<StatusAnswer, 'problems'>) {
  if (problems.length === 0) return null;
  return (
    <section class="status-problems">
      <h2>What discovery cannot see</h2>
      {problems.map(({ what, hint }) => (
        <div key={what}>
          <p>{what}</p>
          {hint !== '' && <pre>{hint}</pre>}
        </div>
      ))}
    </section>
  );
}
