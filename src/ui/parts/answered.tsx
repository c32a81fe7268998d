import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { humanValue } from '../../model/human-value.ts';
import type { Asked } from '../api/use-answer.ts';
import { ProblemBox } from './problem-box.tsx';

/** Before that an answer that is on its way shows nothing: what flickers is slower to read. */
const quietMs = 200;

/** What was asked, in each of its states: waiting (with what arrived so far, and a way to give up), refused, given up, answered. */
export function Answered<Answer>({
  asked,
  what,
  children,
}: {
  readonly asked: Asked<Answer>;
  /** What is waited for: `Merging profiles`. */
  readonly what: string;
  readonly children: (answer: Answer) => ComponentChildren;
}) {
  switch (asked.state) {
    case 'idle':
      return null;
    case 'asking':
      return (
        <div class="answered" aria-busy="true">
          <Waiting what={what} bytes={asked.bytes} sinceMs={asked.sinceMs} cancel={asked.cancel} />
          {asked.before !== undefined && <div class="answered-before">{children(asked.before)}</div>}
        </div>
      );
    case 'failed':
      return <ProblemBox problem={asked.problem} again={asked.again} />;
    case 'cancelled':
      return (
        <p class="note" role="status">
          {what} was cancelled. <button onClick={asked.again}>Ask again</button>
        </p>
      );
    default:
      return <div class="answered">{children(asked.answer)}</div>;
  }
}

function Waiting({
  what,
  bytes,
  sinceMs,
  cancel,
}: {
  readonly what: string;
  readonly bytes: number;
  readonly sinceMs: number;
  readonly cancel: () => void;
}) {
  const [now, setNow] = useState(sinceMs);
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), quietMs);
    return () => clearInterval(timer);
  }, []);
  const waitedMs = now - sinceMs;
  if (waitedMs < quietMs) return null;
  return (
    <div class="waiting" role="status">
      <progress aria-label={what} />
      <span>
        {what} … {waitedMs >= 1000 && `${Math.floor(waitedMs / 1000)} s`}
        {bytes > 0 && ` ${humanValue(bytes, 'bytes')}`}
      </span>
      <button onClick={cancel}>Cancel</button>
    </div>
  );
}
