import type { StatusAnswer } from '../api/answers.ts';
import { latest, useAnswer } from '../api/use-answer.ts';
import { CopyButton } from '../parts/copy-button.tsx';

const optIn = 'kubectl -n NAMESPACE annotate deployment/NAME flameherd.dev/scrape=true';
const byHand = 'npm start -- --target shop=http://127.0.0.1:6060';

/** Nothing is found: how to change that, and what keeps discovery from finding. */
export function NoTargets() {
  const status = latest(useAnswer<StatusAnswer>('/api/v1/status'));
  return (
    <div class="targets-empty">
      <h2>Nothing is scraped yet</h2>
      {status?.problems.map(({ what, hint }) => (
        <div key={what} class="targets-trouble">
          <p>{what}</p>
          {hint !== '' && <pre>{hint}</pre>}
        </div>
      ))}
      <p>Annotate a workload of the cluster; its pods are found within seconds:</p>
      <p class="targets-command">
        <code>{optIn}</code> <CopyButton text={optIn} />
      </p>
      <p>Or name a program that serves pprof:</p>
      <p class="targets-command">
        <code>{byHand}</code> <CopyButton text={byHand} />
      </p>
      <p class="muted">Annotated already? Ask above why it is not scraped.</p>
    </div>
  );
}
