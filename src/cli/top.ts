import type { Command } from 'commander';
import { askServer } from './client.ts';
import { humanValue, type Output, roughDuration, table } from './output.ts';
import { type AskFlags, withServer } from './server-options.ts';

interface TopAnswer {
  readonly unit: string;
  readonly rows: readonly {
    readonly function: string;
    readonly file: string;
    readonly self: number;
    readonly total: number;
  }[];
  readonly total: number;
  readonly meta: {
    readonly profiles: number;
    readonly processes: number;
    readonly observedSeconds: number;
    readonly profiledSeconds: number;
    readonly processSeconds: number;
    readonly aggregation: string;
    readonly warnings: readonly string[];
    readonly hint?: string;
  };
}

interface TopFlags extends AskFlags {
  readonly namespace?: string;
  readonly workload?: string;
  readonly last: string;
  readonly limit: string;
  readonly sort: string;
  readonly aggregate?: string;
}

export function addTopCommand(program: Command, output: Output): void {
  withServer(program.command('top'))
    .description('the functions that take most: of a profile type, over a time, over all matching processes')
    .argument('[query]', 'a profile type or its short name, with matchers if need be', 'cpu')
    .option('-n, --namespace <NAME>', 'only this namespace')
    .option('-w, --workload <NAME>', 'only this workload')
    .option('--last <DURATION>', 'the time until now', '1h')
    .option('--limit <N>', 'rows', '20')
    .option('--sort <COLUMN>', 'self or total', 'self')
    .option('--aggregate <HOW>', 'gauges over time: avg, last or peak')
    .addHelpText(
      'after',
      `
Examples:
  flameherd top                                      CPU of everything in the last hour
  flameherd top heap -n shop -w checkout --last 15m
  flameherd top 'allocs{revision=~"7d9f.*"}' --sort total
`,
    )
    .action(async (query: string, flags: TopFlags) => {
      const answer = await askServer<TopAnswer>(flags, 'GET', '/api/v1/merge', {
        query: withLabels(query, { namespace: flags.namespace, workload: flags.workload }),
        format: 'top',
        from: `now-${flags.last}`,
        limit: flags.limit,
        sort: flags.sort,
        aggregate: flags.aggregate,
      });
      output.write(flags.json ? `${JSON.stringify(answer, null, 2)}\n` : draw(answer));
    });
}

/** Adds `name="value"` matchers to a query. */
export function withLabels(query: string, labels: Readonly<Record<string, string | undefined>>): string {
  const added = Object.entries(labels).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${JSON.stringify(value)}`],
  );
  if (added.length === 0) return query;
  const brace = query.indexOf('{');
  if (brace < 0) return `${query}{${added.join(',')}}`;
  const inner = query.slice(brace + 1, query.lastIndexOf('}')).trim();
  return `${query.slice(0, brace)}{${[...(inner ? [inner] : []), ...added].join(',')}}`;
}

function draw({ rows, total, unit, meta }: TopAnswer): string {
  const warnings = meta.warnings.map((text) => `warning: ${text}\n`).join('');
  if (rows.length === 0) return `Nothing in this window.\n${meta.hint ? `hint: ${meta.hint}\n` : ''}${warnings}`;
  const share = (value: number) => (total === 0 ? '' : `${((100 * value) / total).toFixed(1)}%`);
  const lines = rows.map((row) => [
    humanValue(row.self, unit),
    share(row.self),
    humanValue(row.total, unit),
    share(row.total),
    row.function,
  ]);
  const profiled =
    meta.processSeconds > 0 && meta.aggregation === 'sum'
      ? `, profiled ${share2(meta.profiledSeconds, meta.processSeconds)} of their time`
      : '';
  return `${table(['SELF', '', 'TOTAL', '', 'FUNCTION'], lines)}
total ${humanValue(total, unit)} (${meta.aggregation}) from ${counted(meta.profiles, 'profile')} of ${counted(meta.processes, 'process', 'processes')} over ${roughDuration(meta.observedSeconds * 1000)}${profiled}
${warnings}`;
}

function share2(part: number, whole: number): string {
  return `${Math.min(100, (100 * part) / whole).toFixed(0)}%`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
