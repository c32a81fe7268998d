import type { Command } from 'commander';
import { askServer } from './client.ts';
import type { Output } from './output.ts';
import { type AskFlags, withServer } from './server-options.ts';

interface PauseFlags extends AskFlags {
  readonly resume?: boolean;
}

interface PausesAnswer {
  readonly pauses: readonly { readonly namespace?: string; readonly workload?: string }[];
}

export function addPauseCommand(program: Command, output: Output): void {
  withServer(program.command('pause'))
    .description('stop scraping at once: a workload, a namespace, or everything; survives restarts')
    .argument('[scope]', 'NAMESPACE or NAMESPACE/WORKLOAD; nothing: everything')
    .option('--resume', 'lift the pause of exactly this scope')
    .addHelpText('after', '\nExamples:\n  flameherd pause shop/checkout\n  flameherd pause shop/checkout --resume\n')
    .action(async (scope: string | undefined, flags: PauseFlags) => {
      const [namespace, workload] = scope?.split('/', 2) ?? [];
      const answer = await askServer<PausesAnswer>(flags, 'POST', '/api/v1/pause', {
        namespace,
        workload,
        resume: flags.resume ? 'true' : undefined,
      });
      output.write(flags.json ? `${JSON.stringify(answer, null, 2)}\n` : draw(answer));
    });
}

function draw({ pauses }: PausesAnswer): string {
  if (pauses.length === 0) return 'nothing is paused\n';
  return pauses
    .map(
      ({ namespace, workload }) =>
        `paused: ${namespace ? `${namespace}${workload ? `/${workload}` : ''}` : 'everything'}\n`,
    )
    .join('');
}
