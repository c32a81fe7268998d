import type { Command } from 'commander';
import { formatDuration } from '../model/duration.ts';
import { counted } from '../model/human-value.ts';
import { askServer } from './client.ts';
import { humanValue, type Output, printableLines, roughDuration } from './output.ts';
import { type AskFlags, withServer } from './server-options.ts';

/** What `/api/v1/status` tells; `src/app/status.ts` makes it. */
export interface StatusAnswer {
  readonly version: string;
  readonly startedMs: number;
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly targets: Readonly<Record<string, number>>;
  readonly problems: readonly { readonly what: string; readonly hint: string }[];
  readonly ingest: {
    readonly stored: number;
    readonly refused: number;
    readonly dropped: number;
    readonly queuedJobs: number;
    readonly queuedBytes: number;
  } | null;
  readonly store: {
    readonly bytes: number;
    readonly files: number;
    readonly series: number;
    readonly partitions: number;
    readonly oldestMs?: number;
    readonly newestMs?: number;
  } | null;
  /** Absent from daemons of before growth was judged. */
  readonly growth?: {
    readonly enabled: boolean;
    readonly bucketMs: number;
    readonly evaluatedMs?: number;
    readonly workloads: number;
  };
  /** Absent from daemons of before Leases. */
  readonly lease?: { readonly role: string; readonly detail: string };
  readonly pauses: readonly { readonly namespace?: string; readonly workload?: string }[];
}

export function addStatusCommand(program: Command, output: Output): void {
  withServer(program.command('status'))
    .description('how the daemon is: ready or why not, targets, queue, store, what discovery cannot see')
    .action(async (flags: AskFlags) => {
      const answer = await askServer<StatusAnswer>(flags, 'GET', '/api/v1/status');
      output.write(flags.json ? `${JSON.stringify(answer, null, 2)}\n` : draw(answer, Date.now()));
    });
}

function draw(status: StatusAnswer, nowMs: number): string {
  const { ingest, store } = status;
  const targets = Object.entries(status.targets).filter(([, count]) => count > 0);
  const lines: [name: string, text: string][] = [
    ['version', `${status.version}, up for ${roughDuration(nowMs - status.startedMs)}`],
    ['ready', status.ready ? 'yes' : `no: ${status.reasons.join('; ')}`],
    ['targets', targets.map(([name, count]) => `${count} ${name}`).join(', ') || 'none'],
  ];
  if (status.lease && status.lease.role !== 'alone') lines.push(['lease', status.lease.detail]);
  if (ingest) {
    lines.push(['profiles', `${ingest.stored} stored, ${ingest.refused} refused, ${ingest.dropped} dropped`]);
    lines.push(['queue', `${ingest.queuedJobs} profiles, ${humanValue(ingest.queuedBytes, 'bytes')}`]);
  }
  if (store) {
    const held = store.oldestMs === undefined ? 'nothing yet' : `the last ${roughDuration(nowMs - store.oldestMs)}`;
    lines.push([
      'store',
      `${humanValue(store.bytes, 'bytes')} in ${store.files} files: ${store.series} series, ${held}`,
    ]);
  }
  if (status.growth) lines.push(['growth', growthText(status.growth, nowMs)]);
  for (const { namespace, workload } of status.pauses)
    lines.push(['paused', namespace ? `${namespace}${workload ? `/${workload}` : ''}` : 'everything']);
  for (const { what, hint } of status.problems) lines.push(['problem', hint ? `${what}\nhint: ${hint}` : what]);
  return lines.map(([name, text]) => `${name.padEnd(9)} ${printableLines(text, 10)}\n`).join('');
}

function growthText(
  { enabled, bucketMs, evaluatedMs, workloads }: NonNullable<StatusAnswer['growth']>,
  nowMs: number,
): string {
  if (!enabled) return 'off: growth.enabled is false';
  const every = `every ${formatDuration(bucketMs)}`;
  if (evaluatedMs === undefined) return `not judged yet, ${every}`;
  return `${counted(workloads, 'workload')} judged ${roughDuration(nowMs - evaluatedMs)} ago, ${every}`;
}
