import type { Command } from 'commander';
import { askServer, type ServerOptions } from './client.ts';
import { type Output, printable, roughDuration, type Style, styled, table } from './output.ts';
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
  const notes = [...told(targets.flatMap(troublesOf), output), ...told(targets.flatMap(detourOf), output)];
  const advice = new Set(targets.flatMap(({ scrapes }) => scrapes.map(({ lastError }) => adviceIn(lastError))));
  return `${table(['NAMESPACE', 'WORKLOAD', 'POD', 'HEALTH', 'TRANSPORT', 'LAST', 'KINDS'], rows)}\n${summary}\n${notes.join('')}${[...advice].join('')}`;
}

function lastScrape(scrapes: readonly ScrapeAnswer[], nowMs: number): string {
  const last = Math.max(0, ...scrapes.map(({ lastScrapeMs }) => lastScrapeMs ?? 0));
  return last === 0 ? 'never' : `${roughDuration(nowMs - last)} ago`;
}

/** Sentences told one by one; the rest are counted. */
const maxSentences = 30;
/** Names told of those whom a sentence is about. */
const maxNames = 3;

interface Sentence {
  readonly name: string;
  readonly style: Style;
  readonly text: string;
}

/** A line for each different sentence, with those whom it is about: a missing right, or a port that refuses, is the same for all. */
function told(sentences: readonly Sentence[], output: Output): string[] {
  const groups = Map.groupBy(sentences, ({ style, text }) => `${style} ${text.replace(addresses, '*')}`);
  const lines = [...groups.values()].flatMap((group) => {
    const names = [...new Set(group.map(({ name }) => name))];
    return group.slice(0, 1).map(({ style, text }) => `${styled(output, style, namesOf(names))}: ${text}\n`);
  });
  const more = lines.length - maxSentences;
  return more > 0 ? [...lines.slice(0, maxSentences), `and ${more} more; --json tells them all\n`] : lines;
}

/** What tells the sentences of two pods in the same trouble apart. */
const addresses = /\d+(\.\d+){3}|\[[0-9a-f:]+\]/g;

/** What is wrong with a target, without what to do about it. */
function troublesOf(target: TargetAnswer): Sentence[] {
  const { reason, scrapes, warnings } = target;
  const name = nameOf(target);
  const failed = scrapes.filter(({ lastError }) => lastError);
  const errors = [...Map.groupBy(failed, ({ lastError }) => firstLine(lastError))].map(
    ([error, kinds]) => `${kinds.map(({ kind }) => kind).join(', ')}: ${error}`,
  );
  return [
    ...[...(reason ? [firstLine(reason)] : []), ...errors].map((text) => ({ name, style: 'red', text }) as const),
    ...warnings.map((text) => ({ name, style: 'yellow', text: `warning: ${printable(text)}` }) as const),
  ];
}

/** Why a target is not asked directly. */
function detourOf(target: TargetAnswer): Sentence[] {
  const { transport, transportReason } = target;
  if (transport === null || transport === 'direct') return [];
  return [{ name: nameOf(target), style: 'dim', text: `${transport}: ${firstLine(transportReason)}` }];
}

function firstLine(text: string): string {
  return printable(text.split('\n', 1)[0] ?? '');
}

function namesOf(names: readonly string[]): string {
  const more = names.length - maxNames;
  return more > 0 ? `${names.slice(0, maxNames).join(', ')} and ${more} more` : names.join(', ');
}

function nameOf({ labels }: TargetAnswer): string {
  return `${labels['namespace']}/${labels['pod'] || labels['workload']}`;
}

/** What to do stands in the lines after the first. It is the same for many, so it is said once, after all. */
function adviceIn(lastError: string): string {
  const [, ...advice] = lastError.split('\n');
  return advice.map((line) => `${printable(line)}\n`).join('');
}
