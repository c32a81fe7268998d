import type { StatusAnswer } from '../api/answers.ts';
import type { Problem } from '../api/problem.ts';
import { useKept } from '../api/use-kept.ts';
import { ServerText } from '../format/server-text.tsx';
import { noticesOf } from './notices.ts';

const askedEveryMs = 15_000;

interface Told {
  /** Who may not see the status is told only that the server does not answer. */
  readonly maySeeStatus: boolean;
  /** Why it is not known who asks. */
  readonly unknown: Problem | undefined;
}

/** Whether the server answers, is ready, and scrapes; silent when all is well. */
export function ServerNotices({ maySeeStatus, unknown }: Told) {
  const url = maySeeStatus ? '/api/v1/status' : undefined;
  const { answer, problem: refused, again } = useKept<StatusAnswer>(url, { everyMs: askedEveryMs });
  const problem = refused ?? unknown;
  const notices = noticesOf(answer, problem);
  return (
    <div class="notices" role="status">
      {notices.map(({ kind, text, detail }) => (
        <p key={text} class={`notice notice-${kind}`}>
          <strong>{text}</strong>
          <span>
            <ServerText text={detail} />
          </span>
          {problem ? <button onClick={again}>Ask now</button> : <a href="/status">Status</a>}
        </p>
      ))}
    </div>
  );
}
