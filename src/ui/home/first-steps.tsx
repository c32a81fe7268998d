import type { TargetEntry, TargetsAnswer } from '../api/answers.ts';
import { useKept } from '../api/use-kept.ts';
import { ServerText } from '../format/server-text.tsx';
import { type Row, Table } from '../growth/table.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { hrefOf } from '../state/place.ts';
import { optInCommand } from '../targets/commands.ts';
import { type Found, findings } from './found.ts';

/** What to do until the first workload is profiled: the command, and what there is to opt in, with why it is not yet. */
export function FirstSteps({ hint, isEmpty }: { readonly hint: string | undefined; readonly isEmpty: boolean }) {
  const { answer } = useKept<TargetsAnswer>('/api/v1/targets?limit=1000', { everyMs: 10_000 });
  const found = findings(answer?.targets ?? []);
  const candidate = found.find(({ state }) => state === 'candidate');
  const command = candidate
    ? optInCommand(candidate.target.labels)
    : 'kubectl -n NAMESPACE annotate deployment/NAME flameherd.dev/scrape=true';
  return (
    <section class="home-first">
      <h2>{isEmpty ? 'Profile your first workload' : 'Profile something of yours'}</h2>
      {isEmpty && (
        <p class="muted">
          <ServerText text={hint ?? 'nothing was profiled in this window yet'} />
        </p>
      )}
      <dl>
        <dt>In a cluster, annotate a workload that serves /debug/pprof; its profiles are here within a minute</dt>
        <dd>
          <Command text={command} />
        </dd>
        <dt>Without a cluster, start flameherd with the address of a program</dt>
        <dd>
          <Command text="npm start -- --target NAME=http://127.0.0.1:6060" />
        </dd>
      </dl>
      {answer && <FoundTargets found={found} counts={answer.counts} />}
    </section>
  );
}

function Command({ text }: { readonly text: string }) {
  return (
    <div class="home-command">
      <code>{text}</code>
      <CopyButton text={text} />
    </div>
  );
}

function FoundTargets({
  found,
  counts,
}: {
  readonly found: readonly Found[];
  readonly counts: TargetsAnswer['counts'];
}) {
  const told = Object.entries(counts).filter(([, count]) => count > 0);
  return (
    <>
      <h3>What is found</h3>
      <p class="muted">
        {told.length === 0
          ? 'No target at all: nothing in a cluster is annotated or looks as if it serves profiles, and none is configured'
          : told.map(([state, count]) => `${count} ${state}`).join(', ')}
        . <a href="/targets">All targets</a>
      </p>
      {found.length > 0 && <Table heads={['Workload', 'State', 'Why', 'Next']} rows={found.map(rowOf)} />}
    </>
  );
}

function rowOf({ target, state, why }: Found): Row {
  return {
    key: target.source,
    cells: [
      nameOf(target),
      state,
      why,
      <span class="home-next">
        {state === 'candidate' && <CopyButton text={optInCommand(target.labels)} label="Copy command" />}{' '}
        <a href={hrefOf('/targets', { explain: explainOf(target) })}>Explain</a>
      </span>,
    ],
  };
}

function nameOf({ labels }: TargetEntry): string {
  return `${labels['namespace'] ?? ''}/${labels['workload'] ?? labels['pod'] ?? ''}`;
}

function explainOf({ labels }: TargetEntry): string {
  const { namespace = '', workload_kind: kind = '', workload = '', pod = '' } = labels;
  return workload === '' ? `${namespace}/${pod}` : `${namespace}/${kind}/${workload}`;
}
