import { useEffect, useRef, useState } from 'preact/hooks';
import { humanValue } from '../../model/human-value.ts';
import type { TargetEntry } from '../api/answers.ts';
import { Problem } from '../api/problem.ts';
import { ProblemBox } from '../parts/problem-box.tsx';
import { sharedValue, useShared } from '../state/shared-value.ts';
import { type Snapped, snapNow } from './snap.ts';

type Outcome = { readonly snapped: Snapped } | { readonly what: string; readonly problem: Problem };

/** What became of the last scrape by hand; shown until it is read. */
const outcome = sharedValue<Outcome | undefined>(undefined);

/** Scrapes one kind of one source now; a second press calls it off. */
export function SnapButton({
  target,
  scrape,
}: {
  readonly target: TargetEntry;
  readonly scrape: TargetEntry['scrapes'][number];
}) {
  const [running, setRunning] = useState<AbortController>();
  const last = useRef<AbortController>(undefined);
  useEffect(() => () => last.current?.abort(), []);
  const start = () => {
    const controller = new AbortController();
    last.current = controller;
    setRunning(controller);
    outcome.set(undefined);
    snapNow(target, scrape, controller.signal)
      .then(
        (snapped) => outcome.set({ snapped }),
        (error: unknown) => {
          if (error instanceof Problem)
            outcome.set({ what: `${scrape.kind} of ${target.labels['pod']}`, problem: error });
        },
      )
      .finally(() => setRunning(undefined));
  };
  if (running) return <button onClick={() => running.abort()}>Scraping … cancel</button>;
  return (
    <button onClick={start} aria-label={`Scrape now: ${scrape.kind} of ${target.labels['pod']}`}>
      Scrape now
    </button>
  );
}

/** Tells what became of a scrape by hand, over the page. */
export function SnapOutcome() {
  const told = useShared(outcome);
  return (
    <div class="targets-toasts" role="status">
      {told && (
        <div class="targets-toast">
          {'snapped' in told ? <Told {...told.snapped} /> : <Refused {...told} />}
          <button class="plain" aria-label="Dismiss" onClick={() => outcome.set(undefined)}>
            ✕
          </button>
        </div>
      )}
    </div>
  );
}

function Told({ what, bytes, transport, downloadUrl, exploreUrl }: Snapped) {
  return (
    <div>
      <strong>
        <span class="targets-good">✓</span> {what}
      </strong>
      <p class="muted">
        {humanValue(bytes, 'bytes')}, stored; {transport}
      </p>
      <p>
        {exploreUrl !== undefined && <a href={exploreUrl}>Explore it</a>}
        <a href={downloadUrl} download="">
          Download pprof
        </a>
      </p>
    </div>
  );
}

function Refused({ what, problem }: { readonly what: string; readonly problem: Problem }) {
  return (
    <div>
      <strong>{what} was not scraped</strong>
      <ProblemBox problem={problem} />
    </div>
  );
}
