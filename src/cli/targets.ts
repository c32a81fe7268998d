import type { Command } from 'commander';
import { askServer, type ServerOptions } from './client.ts';
import { type Output, roughDuration, styled, table } from './output.ts';
import { type AskFlags, withServer } from './server-options.ts';

interface ScrapeAnswer {
  readonly kind: string;
  readonly health: string;
  readonly lastError: string;
  readonly lastScrapeMs: number | null;
}

interface TargetAnswer {
  readonly source: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly health: string;
  readonly state: string;
  readonly reason: string;
  readonly transport: string | null;
  readonly transportReason: string;
  readonly warnings: readonly string[];
  readonly scrapes: readonly ScrapeAnswer[];
}

interface TargetsAnswer {
  readonly targets: readonly TargetAnswer[];
  readonly counts: Readonly<Record<string, number>>;
  readonly nextCursor: string | null;
}

interface TargetsFlags extends AskFlags {
  readonly namespace?: string;
  readonly workload?: string;
  readonly health?: string;
  readonly state?: string;
}

export function addTargetsCommand(program: Command, output: Output): void {
  withServer(program.command('targets'))
    .description('list what is profiled: health, last scrape, last error; candidates and held ones too')
    .option('-n, --namespace <NAME>', 'only this namespace')
    .option('-w, --workload <NAME>', 'only this workload')
    .option('--health <HEALTH>', 'only active ones that are up, down or unknown')
    .option('--state <STATE>', 'only active, unresolved, held or candidate')
    .addHelpText('after', '\nExamples:\n  flameherd targets -n shop\n  flameherd targets --health down\n')
    .action(async (flags: TargetsFlags) => {
      const answer = await allTargets(flags, {
        namespace: flags.namespace,
        workload: flags.workload,
        health: flags.health,
        state: flags.state,
      });
      output.write(flags.json ? `${JSON.stringify(answer, null, 2)}\n` : draw(answer, output, Date.now()));
    });
}

async function allTargets(
  server: ServerOptions,
  parameters: Readonly<Record<string, string | undefined>>,
): Promise<TargetsAnswer> {
  const targets: TargetAnswer[] = [];
  let cursor: string | undefined;
  for (;;) {
    const page = await askServer<TargetsAnswer>(server, 'GET', '/api/v1/targets', { ...parameters, cursor });
    targets.push(...page.targets);
    if (page.nextCursor === null) return { targets, counts: page.counts, nextCursor: null };
    cursor = page.nextCursor;
  }
}

function draw({ targets, counts }: TargetsAnswer, output: Output, nowMs: number): string {
  if (targets.length === 0) {
    return 'No targets.\nAnnotate a workload: kubectl annotate deployment/NAME flameherd.dev/scrape=true; then flameherd explain NAMESPACE deployment/NAME.\n';
  }
  const rows = targets.map(({ labels, health, state, transport, scrapes }) => [
    labels['namespace'] ?? '',
    `${(labels['workload_kind'] ?? '').toLowerCase()}/${labels['workload'] ?? ''}`,
    labels['pod'] ?? '',
    state === 'active' ? health : state,
    transport ?? '',
    lastScrape(scrapes, nowMs),
    scrapes
      .map(({ kind, health: each }) => (each === 'down' ? `${kind}!` : each === 'up' ? kind : `${kind}?`))
      .join(' '),
  ]);
  const summary = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
  const notes = [...targets.flatMap((target) => notesOf(target, output)), ...detours(targets, output)];
  const advice = new Set(targets.flatMap(({ scrapes }) => scrapes.map(({ lastError }) => adviceIn(lastError))));
  return `${table(['NAMESPACE', 'WORKLOAD', 'POD', 'HEALTH', 'TRANSPORT', 'LAST', 'KINDS'], rows)}\n${summary}\n${notes.join('')}${[...advice].join('')}`;
}

function lastScrape(scrapes: readonly ScrapeAnswer[], nowMs: number): string {
  const last = Math.max(0, ...scrapes.map(({ lastScrapeMs }) => lastScrapeMs ?? 0));
  return last === 0 ? 'never' : `${roughDuration(nowMs - last)} ago`;
}

/** What is wrong with a target, a line for each different sentence. */
function notesOf(target: TargetAnswer, output: Output): string[] {
  const { reason, scrapes, warnings } = target;
  const name = nameOf(target);
  const failed = scrapes.filter(({ lastError }) => lastError);
  const errors = [...Map.groupBy(failed, ({ lastError }) => lastError.split('\n', 1)[0])].map(
    ([error, kinds]) => `${kinds.map(({ kind }) => kind).join(', ')}: ${error}`,
  );
  const lines = [...(reason ? [reason] : []), ...errors].map((text) => `${styled(output, 'red', name)}: ${text}\n`);
  return [...lines, ...warnings.map((text) => `${styled(output, 'yellow', name)}: warning: ${text}\n`)];
}

/** Reasons told one by one; the rest are counted. */
const maxDetours = 20;

/** Why targets are not asked directly. */
function detours(targets: readonly TargetAnswer[], output: Output): string[] {
  const found = targets.filter(({ transport }) => transport !== null && transport !== 'direct');
  const lines = found
    .slice(0, maxDetours)
    .map((target) => `${styled(output, 'dim', nameOf(target))}: ${target.transport}: ${target.transportReason}\n`);
  const more = found.length - lines.length;
  return more > 0 ? [...lines, `and ${more} more are not asked directly; --json says why\n`] : lines;
}

function nameOf({ labels }: TargetAnswer): string {
  return `${labels['namespace']}/${labels['pod'] || labels['workload']}`;
}

/** What to do stands in the lines after the first. It is the same for many, so it is said once, after all. */
function adviceIn(lastError: string): string {
  const [, ...advice] = lastError.split('\n');
  return advice.map((line) => `${line}\n`).join('');
}
