import type { StatusAnswer } from '../api/answers.ts';
import { useKept } from '../api/use-kept.ts';
import { ServerText } from '../format/server-text.tsx';
import { noticesOf } from './notices.ts';

const askedEveryMs = 15_000;

/** Whether the server answers, is ready, and scrapes; silent when all is well. */
export function ServerNotices() {
  const { answer, problem, again } = useKept<StatusAnswer>('/api/v1/status', { everyMs: askedEveryMs });
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
