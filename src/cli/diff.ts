import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { FlameherdError } from '../model/errors.ts';
import type { NamedProfile } from '../profile-tools.ts';
import { askServer, askServerForBytes } from './client.ts';
import { type DiffAnswer, drawDiff } from './diff-table.ts';
import { humanValue, type Output } from './output.ts';
import {
  type ProfileSource,
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

interface DiffFlags extends AskFlags, ViewFlags, SelectionFlags {
  readonly base?: string;
  readonly baseFrom?: string;
  readonly baseTo?: string;
  readonly baseLast?: string;
  readonly rollout?: string;
  readonly normalize?: 'share' | 'process' | 'none';
  readonly limit: string;
  readonly sort: 'self' | 'total';
  readonly format: 'table' | 'markdown' | 'pprof';
  readonly output?: string;
}

export function addDiffCommand(program: Command, output: Output): void {
  const command = withServer(program.command('diff'))
    .description('what changed: of two files, two windows, two selections, or the latest roll-out')
    .argument('[profiles...]', 'what to compare with and what to compare, each a file or a query; or the latter alone')
    .option('--base <QUERY>', 'what to compare with, where one is given: a query or a file')
    .option('--base-from <TIME>', 'the window of the base (default: with a base of its own the same, else just before)')
    .option('--base-to <TIME>', 'where it ends')
    .option('--base-last <DURATION>', 'it is this time until now')
    .option('--rollout <WHICH>', 'latest: the newest revision of a workload against the one before')
    .addOption(
      new Option(
        '--normalize <HOW>',
        'by shares of the totals, per process and second, or not (default: share; process with --rollout)',
      ).choices(['share', 'process', 'none']),
    )
    .option('--limit <N>', 'rows', '20')
    .addOption(new Option('--sort <COLUMN>', 'by the change of which').choices(['self', 'total']).default('self'))
    .addOption(
      new Option('--format <FORM>', 'how it is written').choices(['table', 'markdown', 'pprof']).default('table'),
    )
    .option('-o, --output <FILE>', 'where to (default: standard output)');
  withView(withSelection(command))
    .addHelpText('after', examples)
    .action(async (profiles: string[], flags: DiffFlags) => {
      const answer = await answerDiff(profiles, flags);
      if (flags.output !== undefined && flags.output !== '-') {
        await writeFile(flags.output, answer);
        const size = typeof answer === 'string' ? Buffer.byteLength(answer) : answer.length;
        output.write(`${flags.output}: ${humanValue(size, 'bytes')}\n`);
      } else if (typeof answer === 'string') output.write(answer);
      else process.stdout.write(answer);
    });
}

const examples = `
Examples:
  flameherd diff before.pb.gz after.pb.gz                    without a server
  flameherd diff cpu -w checkout --rollout latest            what the latest roll-out changed
  flameherd diff heap -w checkout --last 1h --base-from now-25h
  flameherd diff 'cpu{revision="7d9f"}' 'cpu{revision="8c1e"}' --format markdown
  flameherd diff cpu.pb.gz 'cpu{workload="checkout"}' --last 1h
  flameherd diff cpu --base-from now-1d --format pprof -o diff.pb.gz && go tool pprof -top diff.pb.gz
`;

const baseWindow = ['baseFrom', 'baseTo', 'baseLast'] as const;

async function answerDiff(profiles: readonly string[], flags: DiffFlags): Promise<string | Uint8Array> {
  if (flags.format === 'pprof' && flags.output === undefined) {
    throw new FlameherdError('bad_parameter', '--format pprof is no text: say where to with --output', {
      hint: '-o diff.pb.gz, then go tool pprof diff.pb.gz; -o - is standard output',
    });
  }
  const { base, compare } = sidesOf(profiles, flags.base);
  const isStored = compare.kind === 'query' && (base === undefined || base.kind === 'query');
  return isStored ? askDiff(compare.query, base, flags) : compareHere(compare, base, flags);
}

/** The base comes first, as in `diff OLD NEW`. */
function sidesOf(
  profiles: readonly string[],
  given: string | undefined,
): { readonly base: ProfileSource | undefined; readonly compare: ProfileSource } {
  const sources = profiles.map(sourceOf);
  const [first, second, third] = sources;
  if (third !== undefined || (second !== undefined && given !== undefined)) {
    throw new FlameherdError('bad_parameter', 'a diff is of two: what to compare with, and what to compare', {
      hint: 'flameherd top can show each by itself',
    });
  }
  if (first !== undefined && second !== undefined) return { base: first, compare: second };
  const base = given === undefined ? undefined : sourceOf(given);
  return { base, compare: first ?? { kind: 'query', query: 'cpu' } };
}

async function askDiff(query: string, base: ProfileSource | undefined, flags: DiffFlags): Promise<string | Uint8Array> {
  refuseTypeForQuery(flags.type);
  const labels = { namespace: flags.namespace, workload: flags.workload };
  const parameters = {
    query: withLabels(query, labels),
    ...windowParameters(flags),
    base_query: base?.kind === 'query' ? withLabels(base.query, labels) : undefined,
    ...baseParameters(flags),
    rollout: flags.rollout,
    normalize: flags.normalize,
    aggregate: flags.aggregate,
    limit: flags.limit,
    sort: flags.sort,
    ...viewParameters(flags),
  };
  if (flags.format === 'table') {
    const answer = await askServer<DiffAnswer>(flags, 'GET', '/api/v1/diff', { ...parameters, format: 'top' });
    return flags.json ? `${JSON.stringify(answer, null, 2)}\n` : drawDiff(answer, flags.sort);
  }
  const asked = { ...parameters, format: flags.format };
  const { bytes } = await askServerForBytes(flags, 'GET', '/api/v1/diff', asked);
  return flags.format === 'pprof' ? bytes : Buffer.from(bytes).toString();
}

function baseParameters({ baseFrom, baseTo, baseLast }: DiffFlags) {
  if (baseLast !== undefined && (baseFrom !== undefined || baseTo !== undefined)) {
    throw new FlameherdError('bad_parameter', '--base-last cannot be given with --base-from or --base-to');
  }
  if (baseLast === undefined) return { base_from: baseFrom, base_to: baseTo };
  return { base_from: `now-${baseLast}`, base_to: 'now' };
}

/** At least one side is a file: the other is fetched if need be, and both are compared in this process. */
async function compareHere(
  compare: ProfileSource,
  base: ProfileSource | undefined,
  flags: DiffFlags,
): Promise<string | Uint8Array> {
  if (base === undefined) {
    throw new FlameherdError('bad_parameter', 'a file has nothing before it to be compared with', {
      hint: 'flameherd diff BASE FILE, where BASE is a file or a query',
    });
  }
  refuseForFile(flags, ['rollout']);
  if (compare.kind === 'file' && base.kind === 'file') refuseForFile(flags, serverOnly);
  if (base.kind === 'file') refuseForFile(flags, baseWindow);
  if (compare.kind !== base.kind) refuseTypeForQuery(flags.type);
  const tools = await import('../profile-diff-tools.ts');
  const { base_from, base_to } = baseParameters(flags);
  const window = windowParameters(flags);
  const isOwn = base_from !== undefined || base_to !== undefined;
  const sides = await Promise.all([
    readSide(compare, window, flags),
    readSide(base, isOwn ? { from: base_from, to: base_to } : window, flags),
  ]);
  const asked = {
    type: flags.type ?? typeOf(compare) ?? typeOf(base),
    view: viewOf(flags),
    normalize: flags.normalize ?? 'share',
    sort: flags.sort,
    limit: readLimit(flags.limit),
  } as const;
  if (flags.format === 'pprof') return tools.pprofOfDiff(...sides, asked);
  if (flags.format === 'markdown') return tools.markdownOfDiff(...sides, asked);
  const json = tools.diffOfProfiles(...sides, asked);
  return flags.json ? `${json}\n` : drawDiff(JSON.parse(json) as DiffAnswer, flags.sort);
}

async function readSide(
  source: ProfileSource,
  window: { readonly from: string | undefined; readonly to: string | undefined },
  flags: DiffFlags,
): Promise<NamedProfile> {
  const { readProfileBytes, readProfileFile } = await import('../profile-tools.ts');
  if (source.kind === 'file') return readProfileFile(source.path);
  const query = withLabels(source.query, { namespace: flags.namespace, workload: flags.workload });
  const parameters = { query, ...window, aggregate: flags.aggregate, format: 'pprof' };
  const { bytes } = await askServerForBytes(flags, 'GET', '/api/v1/merge', parameters);
  return { ...readProfileBytes(query, bytes), isMerged: true };
}

/** The profile type of a query. */
function typeOf(source: ProfileSource): string | undefined {
  return source.kind === 'query' ? source.query.split('{')[0]?.trim() : undefined;
}
