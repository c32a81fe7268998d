import { Command } from 'commander';
import { nearest } from '../model/near.ts';
import { version } from '../version.ts';
import { addCallGraphCommand } from './callgraph.ts';
import { defaultServer } from './client.ts';
import { addConfigCommand } from './config.ts';
import { addDiffCommand } from './diff.ts';
import { addDoctorCommand } from './doctor.ts';
import { addExplainCommand } from './explain.ts';
import { addGrowthCommand } from './growth.ts';
import { addHealthCommand } from './health.ts';
import { type Output, terminal } from './output.ts';
import { addPauseCommand } from './pause.ts';
import { addRulesCommand } from './rules.ts';
import { exitCodeOf } from './run.ts';
import { addServeCommand } from './serve.ts';
import { addSidecarsCommand } from './sidecars.ts';
import { addSnapCommand } from './snap.ts';
import { addStatusCommand } from './status.ts';
import { addStoreCommand } from './store.ts';
import { addTargetsCommand } from './targets.ts';
import { addTopCommand } from './top.ts';

/**
 * Runs one command line and resolves with the exit code: 0 done, 1 failed, 2 a wrong call. `argv` as in `process.argv`.
 * Without a command, `serve` runs.
 */
export async function runCli(argv: readonly string[], output: Output = terminal): Promise<number> {
  const program = buildProgram(output);
  return exitCodeOf(async () => {
    refuseUnknownCommand(program, argv[2]);
    await program.parseAsync([...argv]);
  });
}

/** The default command would take an unknown one for an argument of its own. */
function refuseUnknownCommand(program: Command, first: string | undefined): void {
  const names = program.commands.map((command) => command.name());
  if (first === undefined || first.startsWith('-') || first === 'help' || names.includes(first)) return;
  const [near] = nearest(first, names);
  program.error(
    `error: unknown command '${first}'${near ? `, did you mean ${near}?` : `; there are ${names.join(', ')}`}`,
  );
}

export function buildProgram(output: Output): Command {
  const program = new Command('flameherd')
    .description('Continuous profiling for Kubernetes: collects pprof profiles, keeps them, merges and compares them.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .configureOutput({ writeOut: (text) => output.write(text) })
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError('(flameherd COMMAND --help shows what there is)')
    .addHelpText('after', examples);
  addServeCommand(program);
  for (const add of [
    addTargetsCommand,
    addExplainCommand,
    addTopCommand,
    addDiffCommand,
    addCallGraphCommand,
    addGrowthCommand,
    addStatusCommand,
    addPauseCommand,
    addSnapCommand,
  ])
    add(program, output);
  addSidecarsCommand(program, output);
  addRulesCommand(program, output);
  addConfigCommand(program, output);
  addDoctorCommand(program, output);
  addHealthCommand(program, output);
  addStoreCommand(program, output);
  return program;
}

const examples = `
Examples:
  flameherd serve                                    collect: own profiles, and the cluster's when run inside one
  flameherd serve --target shop=http://127.0.0.1:6060
  flameherd serve --kubernetes                       outside a cluster: by your kubeconfig
  flameherd targets                                  what is profiled, and why something is not
  flameherd explain shop deployment/checkout
  flameherd top heap --workload checkout --last 1h
  flameherd diff cpu --workload checkout --rollout latest
  flameherd growth                                   what grows that should not
  flameherd diff before.pb.gz after.pb.gz            files, without a server
  go tool pprof 'http://127.0.0.1:4280/pprof/shop/checkout/cpu?seconds=3600'

Asks the daemon at ${defaultServer} unless --server or FLAMEHERD_SERVER says otherwise.
`;
