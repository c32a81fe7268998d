import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { formatAddress } from '../config/values.ts';
import { asksClusterWhoMay } from '../kubernetes/wanted-capabilities.ts';
import { formatByteSize } from '../model/byte-size.ts';
import { messageOf } from '../model/errors.ts';
import type { Finding } from './finding.ts';
import { type Output, printableLines, styled } from './output.ts';

/** File systems on which SQLite's locks cannot be trusted, by the magic number of statfs. */
const networkFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x517b, 'SMB'],
]);

export function addDoctorCommand(program: Command, output: Output): void {
  program
    .command('doctor')
    .description(
      'look for what would keep flameherd from working here: configuration, disk, API server, clock, rights, Lease, ways to pods',
    )
    .option('-c, --config <FILE>', 'configuration file (YAML)', process.env['FLAMEHERD_CONFIG'])
    .option('--kubernetes', 'look at the cluster of the kubeconfig too (default: inside a cluster)')
    .addHelpText(
      'after',
      '\nExit code 1 when something is bad.\n\nExamples:\n  flameherd doctor --kubernetes\n  kubectl -n flameherd exec flameherd-0 -- node /app/dist/main.js doctor\n',
    )
    .action(async (flags: { config?: string; kubernetes?: boolean }) => {
      const findings = await examine(flags);
      for (const finding of findings) output.write(draw(finding, output));
      const bad = findings.filter(({ verdict }) => verdict === 'bad').length;
      output.write(bad === 0 ? '\nNothing is wrong.\n' : `\n${bad} of ${findings.length} are bad.\n`);
      if (bad > 0) process.exitCode = 1;
    });
}

async function examine(flags: { config?: string; kubernetes?: boolean }): Promise<Finding[]> {
  const findings: Finding[] = [nodeVersion()];
  let config: Config;
  try {
    const loaded = await loadConfig(flags.config, process.env);
    config = loaded.config;
    findings.push({ what: 'configuration', verdict: 'good', detail: flags.config ?? 'defaults and environment' });
    for (const warning of loaded.warnings) findings.push({ what: 'configuration', verdict: 'note', detail: warning });
  } catch (error) {
    return [
      ...findings,
      { what: 'configuration', verdict: 'bad', detail: messageOf(error), hint: (error as { hint?: string }).hint },
    ];
  }
  findings.push(...(await disk(config)), await running(config));
  const { inCluster } = await import('../kubernetes/in-cluster.ts');
  const wanted =
    flags.kubernetes ??
    (config.discovery.kubernetes === 'on' || (config.discovery.kubernetes === 'auto' && inCluster()));
  if (wanted) findings.push(...(await (await import('./doctor-cluster.ts')).examineCluster(config)));
  else if (asksClusterWhoMay(config))
    findings.push(...(await (await import('./doctor-auth.ts')).examineAuthCluster(config)));
  else
    findings.push({
      what: 'kubernetes',
      verdict: 'note',
      detail: 'not looked at: outside a cluster it is off',
      hint: 'flameherd doctor --kubernetes uses your kubeconfig',
    });
  return findings;
}

function nodeVersion(): Finding {
  const good = Number(process.versions.node.split('.')[0]) >= 24;
  return {
    what: 'node',
    verdict: good ? 'good' : 'bad',
    detail: process.version,
    hint: good ? undefined : 'Node 24 or later is needed; npm start brings its own',
  };
}

async function disk({ data, storage }: Config): Promise<Finding[]> {
  const folder = resolve(data);
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    const { bavail, bsize, type } = await statfs(folder);
    const free = bavail * bsize;
    const enough = free > storage.minFree;
    const network = networkFileSystems.get(type);
    const hint = enough ? undefined : `nothing is stored below storage.minFree = ${formatByteSize(storage.minFree)}`;
    const findings: Finding[] = [
      { what: 'disk', verdict: enough ? 'good' : 'bad', detail: `${folder}: ${formatByteSize(free)} free`, hint },
    ];
    if (network)
      findings.push({
        what: 'disk',
        verdict: 'bad',
        detail: `${folder} is on ${network}`,
        hint: 'SQLite needs a local file system; use a block volume',
      });
    return findings;
  } catch (error) {
    return [
      {
        what: 'disk',
        verdict: 'bad',
        detail: messageOf(error),
        hint: 'choose a writable folder by --data or the key data',
      },
    ];
  }
}

async function running({ http }: Config): Promise<Finding> {
  const { host } = http.listen;
  const url = `http://${formatAddress({ ...http.listen, host: host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host })}`;
  try {
    const response = await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(2_000) });
    if (response.ok) return { what: 'daemon', verdict: 'good', detail: `${url} is ready` };
    return { what: 'daemon', verdict: 'bad', detail: `${url} is not ready: ${(await response.text()).slice(0, 300)}` };
  } catch {
    return { what: 'daemon', verdict: 'note', detail: `nothing answers at ${url}` };
  }
}

function draw({ what, verdict, detail, hint }: Finding, output: Output): string {
  const mark = {
    good: styled(output, 'green', '✓'),
    bad: styled(output, 'red', '✗'),
    note: styled(output, 'yellow', '·'),
  }[verdict];
  const indented = (text: string) => printableLines(text, 17);
  return `${mark} ${what.padEnd(14)} ${indented(detail)}\n${hint ? `${' '.repeat(17)}${indented(hint)}\n` : ''}`;
}
