import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { inCluster } from '../kubernetes/in-cluster.ts';
import { asksClusterWhoMay } from '../kubernetes/wanted-capabilities.ts';
import { messageOf } from '../model/errors.ts';
import { examineDisk } from './doctor-disk.ts';
import { examineDoors } from './doctor-doors.ts';
import { examinePlace } from './doctor-place.ts';
import type { Finding } from './finding.ts';
import { type Output, printableLines, styled } from './output.ts';

const mountedConfig = '/etc/flameherd/config.yaml';

export function addDoctorCommand(program: Command, output: Output): void {
  program
    .command('doctor')
    .description(
      'look for what would keep flameherd from working here: configuration, memory, disk, listeners, certificates, API server, rights, volumes',
    )
    .option('-c, --config <FILE>', 'configuration file (YAML)', process.env['FLAMEHERD_CONFIG'])
    .option('--kubernetes', 'look at the cluster of the kubeconfig too (default: inside a cluster)')
    .addHelpText(
      'after',
      '\nExit code 1 when something is bad.\n\nExamples:\n  flameherd doctor --kubernetes\n  kubectl -n flameherd exec flameherd-0 -- flameherd doctor\n',
    )
    .action(async (flags: { config?: string; kubernetes?: boolean }) => {
      const findings = await examine({ ...flags, config: flags.config ?? podConfig() });
      for (const finding of findings) output.write(draw(finding, output));
      const bad = findings.filter(({ verdict }) => verdict === 'bad').length;
      output.write(bad === 0 ? '\nNothing is wrong.\n' : `\n${bad} of ${findings.length} are bad.\n`);
      if (bad > 0) process.exitCode = 1;
    });
}

/** Where the chart and the plain files mount it: `kubectl exec … doctor` is given no flags. */
function podConfig(): string | undefined {
  return inCluster() && existsSync(mountedConfig) ? mountedConfig : undefined;
}

async function examine(flags: {
  readonly config: string | undefined;
  readonly kubernetes?: boolean;
}): Promise<Finding[]> {
  const findings: Finding[] = [];
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
  findings.push(...(await examinePlace(config)), ...(await examineDisk(config)), ...(await examineDoors(config)));
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

function draw({ what, verdict, detail, hint }: Finding, output: Output): string {
  const mark = {
    good: styled(output, 'green', '✓'),
    bad: styled(output, 'red', '✗'),
    note: styled(output, 'yellow', '·'),
  }[verdict];
  const indented = (text: string) => printableLines(text, 17);
  return `${mark} ${what.padEnd(14)} ${indented(detail)}\n${hint ? `${' '.repeat(17)}${indented(hint)}\n` : ''}`;
}
