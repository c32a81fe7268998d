import { type Command, InvalidArgumentError } from 'commander';
import { targetOf } from '../config/environment.ts';
import { loadConfig, type Overrides } from '../config/load.ts';
import { ConfigWatch } from '../config/watch.ts';

interface ServeFlags {
  readonly config?: string;
  readonly data?: string;
  readonly listen?: string;
  readonly opsListen?: string;
  readonly target?: readonly Readonly<Record<string, string>>[];
  readonly interval?: string;
  readonly kubernetes?: boolean;
  readonly self?: boolean;
  readonly force?: boolean;
  readonly logLevel?: string;
}

export function addServeCommand(program: Command): void {
  program
    .command('serve', { isDefault: true })
    .description('collect profiles and answer questions about them, until told to stop')
    .option('-c, --config <FILE>', 'configuration file (YAML)', process.env['FLAMEHERD_CONFIG'])
    .option('--data <DIR>', 'folder of the store (default ./.flameherd)')
    .option('--listen <HOST:PORT>', 'API and UI (default 127.0.0.1:4280; port 0: any free one)')
    .option('--ops-listen <HOST:PORT>', '/metrics and health (default 127.0.0.1:4281)')
    .option('--target <URL>', 'scrape this too: http://HOST:PORT, or NAME=URL; may be repeated', collectTarget)
    .option('--interval <DURATION>', 'time between scrapes (default 60s)')
    .option('--kubernetes', 'find targets through the Kubernetes API (default: inside a cluster)')
    .option('--no-kubernetes', 'never ask the Kubernetes API')
    .option('--force', 'scrape the cluster even while another collector holds the Lease')
    .option('--no-self', 'do not profile flameherd itself')
    .option('--log-level <LEVEL>', 'debug, info, warn or error')
    .addHelpText('after', examples)
    .action(async (flags: ServeFlags) => {
      const watch = flags.config === undefined ? undefined : new ConfigWatch({ file: flags.config });
      const load = async () => {
        await watch?.mark();
        return loadConfig(flags.config, process.env, overridesOf(flags));
      };
      const loaded = await load();
      const { runDaemon } = await import('../daemon.ts');
      await runDaemon(loaded, load, watch);
    });
}

/** Which key each flag sets; a flag that was not given sets nothing. */
export function overridesOf(flags: ServeFlags): Overrides {
  const { force, kubernetes, self, target } = flags;
  const all: Overrides = {
    data: flags.data,
    'http.listen': flags.listen,
    'http.opsListen': flags.opsListen,
    'scrape.interval': flags.interval,
    'discovery.kubernetes': kubernetes === undefined ? undefined : kubernetes ? 'on' : 'off',
    'lease.mode': force ? 'off' : undefined,
    'scrape.self': self === false ? false : undefined,
    'log.level': flags.logLevel,
    targets: target,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function collectTarget(text: string, before: readonly Readonly<Record<string, string>>[] = []) {
  const target = targetOf(text);
  if (!/^https?:\/\//.test(target['url'] ?? '')) {
    throw new InvalidArgumentError(
      'must be http://HOST:PORT or NAME=http://HOST:PORT, such as shop=http://127.0.0.1:6060',
    );
  }
  return [...before, target];
}

const examples = `
Examples:
  flameherd serve --target shop=http://127.0.0.1:6060 --interval 30s
  flameherd serve --kubernetes --data /var/lib/flameherd
  flameherd serve --config flameherd.yml --listen 127.0.0.1:0
`;
