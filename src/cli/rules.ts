import type { Command } from 'commander';
import { dashboard } from '../alerting/dashboard.ts';
import { prometheusRule, rulesFile } from '../alerting/rules.ts';
import { type AlertingSettings, containerLabelFor, defaultJob } from '../alerting/settings.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { formatAddress } from '../config/values.ts';
import { FlameherdError } from '../model/errors.ts';
import type { Output } from './output.ts';

interface RulesFlags {
  readonly config?: string;
  readonly job: string;
  readonly baseUrl?: string;
  readonly runbooks?: string;
  readonly namespaceLabel: string;
  readonly containerLabel?: string;
  readonly format?: string;
}

const formats = ['rules', 'prometheusrule'] as const;

export function addRulesCommand(program: Command, output: Output): void {
  const command = program.command('rules').description('what Prometheus and Grafana are given: alerts and a dashboard');
  withSettings(command.command('print'))
    .description('print alert and recording rules for the configured intervals, for Prometheus 2.42 and later')
    .option(
      '--format <FORMAT>',
      `${formats.join(' or ')}: a rule file, or an object of the Prometheus operator`,
      'rules',
    )
    .addHelpText(
      'after',
      `
Examples:
  flameherd rules print --base-url https://flameherd.example.com > flameherd-rules.yaml
  flameherd rules print --job monitoring/flameherd --format prometheusrule | kubectl apply -f -
  flameherd rules print --namespace-label exported_namespace    where honorLabels is overridden
`,
    )
    .action(async (flags: RulesFlags) => {
      const format = formatOf(flags.format);
      const settings = settingsOf(flags, (await loadConfig(flags.config, process.env)).config);
      const { toYaml } = await import('../config/file.ts');
      output.write(toYaml(format === 'rules' ? rulesFile(settings) : prometheusRule(settings)));
    });
  withSettings(command.command('dashboard'))
    .description('print a Grafana dashboard (JSON), to be imported or mounted')
    .action(async (flags: RulesFlags) => {
      const settings = settingsOf(flags, (await loadConfig(flags.config, process.env)).config);
      output.write(`${JSON.stringify(dashboard(settings), null, 2)}\n`);
    });
}

function withSettings(command: Command): Command {
  return command
    .option('-c, --config <FILE>', 'configuration file (YAML)', process.env['FLAMEHERD_CONFIG'])
    .option('--job <NAME>', 'the job under which Prometheus scrapes flameherd', defaultJob)
    .option('--base-url <URL>', 'where people reach the API (default: http.externalUrl, else http.listen)')
    .option('--runbooks <URL>', 'where the run-book pages are (default: BASE-URL/runbooks, which flameherd serves)')
    .option(
      '--namespace-label <NAME>',
      "the label with a workload's namespace: exported_namespace without honorLabels",
      'namespace',
    )
    .option('--container-label <NAME>', 'the label with its container (default: as the namespace label)');
}

/** Throws `bad_parameter` for what would make rules that Prometheus refuses, or links that lead nowhere. */
export function settingsOf(flags: RulesFlags, { growth, http, scrape }: Config): AlertingSettings {
  const baseUrl = urlOf('--base-url', flags.baseUrl ?? (http.externalUrl || `http://${formatAddress(http.listen)}`));
  const namespaceLabel = labelOf('--namespace-label', flags.namespaceLabel);
  return {
    job: jobOf(flags.job),
    baseUrl,
    runbooks: urlOf('--runbooks', flags.runbooks ?? `${baseUrl}/runbooks`),
    namespaceLabel,
    containerLabel: labelOf('--container-label', flags.containerLabel ?? containerLabelFor(namespaceLabel)),
    bucketMs: growth.bucket,
    intervalMs: scrape.interval,
  };
}

function formatOf(text: string | undefined): (typeof formats)[number] {
  const format = formats.find((name) => name === text);
  if (format) return format;
  throw new FlameherdError('bad_parameter', `--format: ${JSON.stringify(text)} is not one of ${formats.join(', ')}`);
}

function jobOf(text: string): string {
  if (text !== '' && !/[\p{Cc}{}]/u.test(text)) return text;
  throw new FlameherdError('bad_parameter', `--job: ${JSON.stringify(text)} is not the name of a scrape job`, {
    hint: 'it is the label `job` of `up`, such as flameherd',
  });
}

function urlOf(option: string, text: string): string {
  const url = URL.parse(text);
  const isBase = url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '';
  if (isBase && !/[{}\s]/.test(text)) return text.replace(/\/+$/, '');
  throw new FlameherdError('bad_parameter', `${option}: ${JSON.stringify(text)} is not the beginning of a URL`, {
    hint: 'http:// or https://, a host, and a path if need be, such as https://flameherd.example.com',
  });
}

function labelOf(option: string, text: string): string {
  if (/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(text)) return text;
  throw new FlameherdError('bad_parameter', `${option}: ${JSON.stringify(text)} is not the name of a label`, {
    hint: 'letters, digits and _, such as exported_namespace',
  });
}
