import type { Command } from 'commander';
import { type FileMeta, madeOf, type StoredMeta, warningsOf } from './answer-meta.ts';
import { askServer } from './client.ts';
import { humanValue, type Output, printable, table } from './output.ts';
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

interface Edge {
  readonly function: string;
  readonly file: string;
  readonly value: number;
}

interface CallGraphAnswer {
  readonly unit: string;
  readonly function: string;
  readonly file: string;
  readonly self: number;
  readonly total: number;
  readonly callers: readonly Edge[];
  readonly callees: readonly Edge[];
  readonly profileTotal: number;
  readonly meta: StoredMeta | FileMeta;
}

interface CallGraphFlags extends AskFlags, ViewFlags, SelectionFlags {
  readonly limit: string;
}

export function addCallGraphCommand(program: Command, output: Output): void {
  const command = withServer(program.command('callgraph'))
    .description('what called one function, and what it called')
    .argument('<function>', 'its whole name, as top writes it')
    .argument('[query]', 'a profile type or its short name, with matchers if need be; or a file', 'cpu')
    .option('--limit <N>', 'callers and callees', '20');
  withView(withSelection(command))
    .addHelpText(
      'after',
      `
Examples:
  flameherd callgraph runtime.mallocgc allocs -w checkout
  flameherd callgraph 'net/http.(*conn).serve' cpu.pb.gz
`,
    )
    .action(async (name: string, query: string, flags: CallGraphFlags) => {
      const json = await answerCallGraph(name, query, flags);
      output.write(flags.json ? `${json}\n` : draw(JSON.parse(json) as CallGraphAnswer));
    });
}

async function answerCallGraph(name: string, argument: string, flags: CallGraphFlags): Promise<string> {
  const source = sourceOf(argument);
  if (source.kind === 'file') {
    refuseForFile(flags, serverOnly);
    const { callGraphOfProfile, readProfileFile } = await import('../profile-tools.ts');
    const asked = { type: flags.type, view: viewOf(flags), sort: 'total', limit: readLimit(flags.limit) } as const;
    return callGraphOfProfile(await readProfileFile(source.path), name, asked);
  }
  refuseTypeForQuery(flags.type);
  const answer = await askServer<CallGraphAnswer>(flags, 'GET', '/api/v1/merge', {
    query: withLabels(source.query, { namespace: flags.namespace, workload: flags.workload }),
    format: 'callgraph',
    function: name,
    ...windowParameters(flags),
    limit: flags.limit,
    aggregate: flags.aggregate,
    ...viewParameters(flags),
  });
  return JSON.stringify(answer, null, 2);
}

/** Callers above the function and callees below it, as `go tool pprof -peek` has them. */
function draw({ unit, callers, callees, self, total, profileTotal, meta, ...own }: CallGraphAnswer): string {
  const share = (value: number): string => (total === 0 ? '' : `${((100 * value) / total).toFixed(1)}%`);
  const lines = (edges: readonly Edge[], arrow: string) =>
    edges.map((edge) => [humanValue(edge.value, unit), share(edge.value), `${arrow} ${edge.function}`]);
  const rows = [
    ...lines(callers, '  ↓'),
    [humanValue(total, unit), share(total), own.function],
    ...lines(callees, '    ↳'),
  ];
  const where = own.file === '' ? '' : ` in ${printable(own.file)}`;
  return `${table(['TOTAL', '', 'FUNCTION'], rows)}
self ${humanValue(self, unit)}${where}
of ${humanValue(profileTotal, unit)} ${madeOf(meta)}
${warningsOf(meta)}`;
}
