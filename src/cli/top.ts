import { type Command, Option } from 'commander';
import { type FileMeta, hintOf, madeOf, type StoredMeta, warningsOf } from './answer-meta.ts';
import { askServer, askServerForBytes } from './client.ts';
import { humanValue, type Output, table } from './output.ts';
import {
  readLimit,
  refuseForFile,
  refuseTypeForQuery,
  type SelectionFlags,
  serverOnly,
  sourceOf,
  windowParameters,
  withLabels,
  withSelection,
} from './profile-source.ts';
import { type AskFlags, withServer } from './server-options.ts';
import { type ViewFlags, viewOf, viewParameters, withView } from './view-options.ts';

interface TopAnswer {
  readonly unit: string;
  readonly rows: readonly {
    readonly function: string;
    readonly file: string;
    readonly self: number;
    readonly total: number;
  }[];
  readonly total: number;
  readonly meta: StoredMeta | FileMeta;
}

interface TopFlags extends AskFlags, ViewFlags, SelectionFlags {
  readonly limit: string;
  readonly sort: 'self' | 'total';
  readonly format: 'table' | 'markdown';
}

export function addTopCommand(program: Command, output: Output): void {
  const command = withServer(program.command('top'))
    .description('the functions that take most: of a profile type over all matching processes, or of one file')
    .argument('[query]', 'a profile type or its short name, with matchers if need be; or a file', 'cpu')
    .option('--limit <N>', 'rows', '20')
    .addOption(new Option('--sort <COLUMN>', 'by which column').choices(['self', 'total']).default('self'))
    .addOption(new Option('--format <FORM>', 'how it is written').choices(['table', 'markdown']).default('table'));
  withView(withSelection(command))
    .addHelpText(
      'after',
      `
Examples:
  flameherd top                                      CPU of everything in the last hour
  flameherd top heap -n shop -w checkout --last 15m
  flameherd top 'allocs{revision=~"7d9f.*"}' --sort total --preset runtime
  flameherd top cpu.pb.gz --focus 'json'             a file, without a server
`,
    )
    .action(async (query: string, flags: TopFlags) => output.write(await answerTop(query, flags)));
}

async function answerTop(argument: string, flags: TopFlags): Promise<string> {
  const source = sourceOf(argument);
  if (source.kind === 'file') {
    refuseForFile(flags, serverOnly);
    const { markdownOfProfile, readProfileFile, topOfProfile } = await import('../profile-tools.ts');
    const asked = { type: flags.type, view: viewOf(flags), sort: flags.sort, limit: readLimit(flags.limit) };
    const given = await readProfileFile(source.path);
    if (flags.format === 'markdown') return markdownOfProfile(given, asked);
    return written(topOfProfile(given, asked), flags);
  }
  refuseTypeForQuery(flags.type);
  const parameters = {
    query: withLabels(source.query, { namespace: flags.namespace, workload: flags.workload }),
    ...windowParameters(flags),
    limit: flags.limit,
    sort: flags.sort,
    aggregate: flags.aggregate,
    ...viewParameters(flags),
  };
  if (flags.format === 'markdown') {
    const { bytes } = await askServerForBytes(flags, 'GET', '/api/v1/merge', { ...parameters, format: 'markdown' });
    return Buffer.from(bytes).toString();
  }
  const answer = await askServer<TopAnswer>(flags, 'GET', '/api/v1/merge', { ...parameters, format: 'top' });
  return flags.json ? `${JSON.stringify(answer, null, 2)}\n` : draw(answer);
}

/** JSON as it is, which has all digits, or drawn. */
function written(json: string, { json: isJson }: AskFlags): string {
  return isJson ? `${json}\n` : draw(JSON.parse(json) as TopAnswer);
}

function draw({ rows, total, unit, meta }: TopAnswer): string {
  const warnings = warningsOf(meta);
  if (rows.length === 0)
    return `Nothing in this ${'source' in meta ? 'profile' : 'window'}.\n${hintOf(meta)}${warnings}`;
  const share = (value: number) => (total === 0 ? '' : `${((100 * value) / total).toFixed(1)}%`);
  const lines = rows.map((row) => [
    humanValue(row.self, unit),
    share(row.self),
    humanValue(row.total, unit),
    share(row.total),
    row.function,
  ]);
  return `${table(['SELF', '', 'TOTAL', '', 'FUNCTION'], lines)}
total ${humanValue(total, unit)} ${madeOf(meta)}
${warnings}`;
}
