import { useEffect, useState } from 'preact/hooks';
import { order } from '../api/ask.ts';
import { Problem, unreachable } from '../api/problem.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Dialog, DialogButtons } from '../parts/dialog.tsx';
import { ProblemBox } from '../parts/problem-box.tsx';
import { hrefOf } from '../state/href.ts';
import { type PauseOrder, pauseCommand, scopeText } from './pause-order.ts';

/** What is paused, each with the way to lift it; silent when nothing is. */
export function Pauses({
  pauses,
  onOrder,
}: {
  readonly pauses: readonly PauseOrder[];
  readonly onOrder: (order: PauseOrder) => void;
}) {
  if (pauses.length === 0) return null;
  return (
    <section class="targets-pauses" aria-label="Paused">
      <strong>
        <i aria-hidden="true">Ⅱ</i> Paused
      </strong>
      {pauses.map((scope) => (
        <span key={scopeText(scope)} class="targets-pause">
          {scopeText(scope)}
          <button onClick={() => onOrder({ ...scope, isResume: true })}>Resume</button>
        </span>
      ))}
    </section>
  );
}

/** Asks before scrapes stop or begin again, carries it out, and tells a refusal. */
export function PauseDialog({
  asked,
  sources,
  onDone,
  onClose,
}: {
  readonly asked: PauseOrder;
  /** How many it is about, as far as they are known. */
  readonly sources: number;
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  const [state, setState] = useState<'asking' | 'sending' | Problem>('asking');
  useEffect(() => setState('asking'), [asked]);
  const verb = asked.isResume ? 'Resume' : 'Pause';
  const send = () => {
    const { namespace, workload } = asked;
    setState('sending');
    order(asked.isResume ? 'DELETE' : 'POST', hrefOf('/api/v1/pause', { namespace, workload })).then(
      onDone,
      (error: unknown) => setState(error instanceof Problem ? error : unreachable(error)),
    );
  };
  return (
    <Dialog title={`${verb} ${scopeText(asked)}?`} onClose={onClose}>
      <p>
        {asked.isResume
          ? 'Its sources are scraped again from now on.'
          : 'Its sources are not scraped until somebody resumes them, also after a restart. What is stored stays.'}
      </p>
      {sources > 0 && (
        <p class="muted">
          {sources} {sources === 1 ? 'source is' : 'sources are'} meant as of now.
        </p>
      )}
      {state instanceof Problem && <ProblemBox problem={state} />}
      <p class="targets-command">
        <code>{pauseCommand(asked)}</code> <CopyButton text={pauseCommand(asked)} />
      </p>
      <DialogButtons>
        <button onClick={onClose}>Leave it as it is</button>
        <button class="targets-do" disabled={state === 'sending'} onClick={send}>
          {verb} {scopeText(asked)}
        </button>
      </DialogButtons>
    </Dialog>
  );
}
