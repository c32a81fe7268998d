import { writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { askServerForBytes } from './client.ts';
import { humanValue, type Output } from './output.ts';
import { type AskFlags, withServer } from './server-options.ts';

interface SnapFlags extends AskFlags {
  readonly profile: string;
  readonly seconds?: string;
  readonly container?: string;
  readonly port?: string;
  readonly output?: string;
}

export function addSnapCommand(program: Command, output: Output): void {
  withServer(program.command('snap'))
    .description('take one profile of one process now, by whatever way reaches it; it is stored and written to a file')
    .argument('<pod>', 'NAMESPACE/POD', readPod)
    .option('-p, --profile <KIND>', 'cpu, heap, goroutine, block, mutex …', 'cpu')
    .option('-s, --seconds <N>', 'the length of a CPU profile')
    .option('-c, --container <NAME>', 'where several containers are scraped')
    .option('--port <PORT>', 'a number or a declared name, where several ports are scraped')
    .option('-o, --output <FILE>', 'where to write it (default POD-KIND.pb.gz; -: standard output)')
    .addHelpText(
      'after',
      `
A pod that is not opted in needs a token with the role admin.

Examples:
  flameherd snap shop/checkout-7d9f-x2x -p heap
  flameherd snap shop/checkout-7d9f-x2x --seconds 30 -o slow.pb.gz && go tool pprof -top slow.pb.gz
`,
    )
    .action(async (pod: readonly [string, string], flags: SnapFlags) => {
      const { profile, seconds, container, port } = flags;
      const [namespace, name] = pod;
      const parameters = { namespace, pod: name, profile, seconds, container, port };
      const { bytes, headers } = await askServerForBytes(flags, 'POST', '/api/v1/snap', parameters);
      const file = flags.output ?? `${name}-${profile}.pb.gz`;
      if (file === '-') {
        process.stdout.write(bytes);
        return;
      }
      await writeFile(file, bytes);
      const told = { file, bytes: bytes.length, id: headers.get('x-flameherd-profile') };
      const by = headers.get('x-flameherd-transport') ?? '';
      if (flags.json) output.write(`${JSON.stringify({ ...told, transport: by }, null, 2)}\n`);
      else output.write(`${file}: ${humanValue(bytes.length, 'bytes')} by ${by}\ngo tool pprof -top ${file}\n`);
    });
}

function readPod(text: string): readonly [string, string] {
  const [namespace, pod, ...rest] = text.split('/');
  if (namespace && pod && rest.length === 0) return [namespace, pod];
  throw new InvalidArgumentError('must be NAMESPACE/POD');
}
