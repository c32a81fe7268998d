import type { Command } from 'commander';
import { askServer } from './client.ts';
import { type Output, printable, roughDuration, table } from './output.ts';
import { type AskFlags, withServer } from './server-options.ts';

interface SidecarAnswer {
  readonly name: string;
  readonly image: string;
  readonly state: string;
  readonly reason: string;
  readonly sinceMs: number | null;
  readonly by: string;
}

interface PodAnswer {
  readonly namespace: string;
  readonly pod: string;
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly sidecars: readonly SidecarAnswer[];
}

interface SidecarsAnswer {
  readonly enabled: boolean;
  readonly pods: readonly PodAnswer[];
  readonly breakers: readonly {
    readonly scope: string;
    readonly key: string;
    readonly reason: string;
    readonly untilMs: number | null;
  }[];
}

interface SidecarsFlags extends AskFlags {
  readonly namespace?: string;
}

export function addSidecarsCommand(program: Command, output: Output): void {
  withServer(program.command('sidecars'))
    .description('list the pods that carry an ephemeral sidecar: image, state, attempts, who put it there')
    .option('-n, --namespace <NAME>', 'only this namespace')
    .addHelpText(
      'after',
      '\nAn entry stays in the spec of its pod until the pod is replaced: kubectl rollout restart.\n',
    )
    .action(async (flags: SidecarsFlags) => {
      const answer = await askServer<SidecarsAnswer>(flags, 'GET', '/api/v1/sidecars', { namespace: flags.namespace });
      output.write(flags.json ? `${JSON.stringify(answer, null, 2)}\n` : drawSidecars(answer, Date.now()));
    });
}

/** The table, with what is left alone for now below it. */
function drawSidecars({ enabled, pods, breakers }: SidecarsAnswer, nowMs: number): string {
  const off = enabled ? '' : 'This daemon adds none: transports.ephemeral.enabled is false.\n';
  const alone = breakers.map(({ scope, reason, untilMs }) => {
    const again = untilMs === null ? '' : ` (tried again in ${roughDuration(Math.max(0, untilMs - nowMs))})`;
    return `! ${scope} left alone${again}: ${printable(reason)}\n`;
  });
  if (pods.length === 0) return `No pod carries a sidecar.\n${off}${alone.join('')}`;
  const rows = pods.flatMap(({ namespace, pod, attempts, maxAttempts, sidecars }) =>
    sidecars.map(({ name, image, state, reason, sinceMs, by }) => [
      namespace,
      pod,
      name,
      reason ? `${state}: ${reason}` : state,
      sinceMs === null ? '' : `${roughDuration(nowMs - sinceMs)} ago`,
      `${attempts} of ${maxAttempts}`,
      by,
      shortImage(image),
    ]),
  );
  const headings = ['NAMESPACE', 'POD', 'SIDECAR', 'STATE', 'SINCE', 'ATTEMPTS', 'BY', 'IMAGE'];
  return `${table(headings, rows)}${off}${alone.join('')}`;
}

/** Twelve digits tell digests apart. */
function shortImage(image: string): string {
  return image.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1…');
}
