import { type Command, Option } from 'commander';
import { growthTiers } from '../model/growth.ts';
import { askServer } from './client.ts';
import type { BacktestAnswer, EventAnswer, GrowthAnswer, VerdictAnswer } from './growth-answer.ts';
import { drawBacktest, drawEvent, drawGrowth, drawWorkloads } from './growth-draw.ts';
import type { Output } from './output.ts';
import { windowParameters } from './profile-source.ts';
import { type AskFlags, withServer } from './server-options.ts';

interface WorkloadFlags extends AskFlags {
  readonly namespace?: string;
  readonly workload?: string;
  readonly container?: string;
}

interface GrowthFlags extends WorkloadFlags {
  readonly tier?: string;
  readonly at?: string;
  readonly all?: boolean;
}

interface BacktestFlags extends WorkloadFlags {
  readonly from?: string;
  readonly to?: string;
  readonly last?: string;
}

export function addGrowthCommand(program: Command, output: Output): void {
  // Options after the name of a command below are that command's.
  const command = withWorkload(withServer(program.command('growth').enablePositionalOptions()))
    .description('what grows that should not: leaks of memory and goroutines, allocation that rose; and why or why not')
    .addOption(new Option('--tier <TIER>', 'only findings of at least this tier').choices([...growthTiers]))
    .option('--at <TIME>', 'as it would have been judged then: RFC 3339, Unix time, or now-2d')
    .option('--all', 'with what shows nothing, and what is not judged')
    .addHelpText(
      'after',
      `
Examples:
  flameherd growth                                   what grows now
  flameherd growth -n shop -w checkout               each condition with its numbers: why, or why not
  flameherd growth --at now-2d --tier likely
  flameherd growth show 3f9c2ab4d5e6f708             one event, and its profiles for go tool pprof
  flameherd growth backtest -w checkout --last 30d   what would have been found, and when
`,
    )
    .action(async (flags: GrowthFlags) => {
      const answer = await allPages(flags);
      output.write(flags.json ? inJson(answer) : draw(answer, flags, output));
    })
    .hook('preSubcommand', handDown);
  addShow(command, output);
  addBacktest(command, output);
}

/** What is written before the name of a command below is meant for it; what it does not know must not be lost without a word. */
function handDown(command: Command, below: Command): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (command.getOptionValueSource(name) !== 'cli') continue;
    if (!below.options.some((known) => known.attributeName() === name)) {
      below.error(`error: ${option.long ?? name} is no option of ${below.name()}`);
    }
    below.setOptionValueWithSource(name, command.getOptionValue(name), 'config');
  }
}

function addShow(command: Command, output: Output): void {
  withServer(command.command('show'))
    .description('one event: what grew, since when, against what, and the profiles that are kept with it')
    .argument('<id>', 'the id of the event')
    .addHelpText('after', '\nExample:\n  flameherd growth show 3f9c2ab4d5e6f708\n')
    .action(async (id: string, flags: AskFlags) => {
      const event = await askServer<EventAnswer>(flags, 'GET', `/api/v1/growth/${encodeURIComponent(id)}`);
      output.write(flags.json ? inJson(event) : drawEvent(event, flags.server, output));
    });
}

function addBacktest(command: Command, output: Output): void {
  withWorkload(withServer(command.command('backtest')))
    .description('what the detector would have found over stored or imported history, and when')
    .option('--from <TIME>', 'where it begins: RFC 3339, Unix time, or now-2d')
    .option('--to <TIME>', 'where it ends (default: now)')
    .option('--last <DURATION>', 'the time until now (default: 7d)')
    .addHelpText(
      'after',
      `
Floors are kept for growth.retention, so it needs no profiles. Profiles that are uploaded with an older time count as well.

Examples:
  flameherd growth backtest --last 30d
  flameherd growth backtest -n shop -w checkout --from 2026-03-01T00:00:00Z --to 2026-03-03T00:00:00Z
`,
    )
    .action(async (flags: BacktestFlags) => {
      const { from, to } = windowParameters(isWindow(flags) ? flags : { last: '7d', ...flags });
      const answer = await askServer<BacktestAnswer>(flags, 'GET', '/api/v1/growth/backtest', {
        ...workloadParameters(flags),
        from,
        to,
      });
      output.write(flags.json ? inJson(answer) : drawBacktest(answer, output, flags.workload !== undefined));
    });
}

function isWindow({ from, to }: BacktestFlags): boolean {
  return from !== undefined || to !== undefined;
}

function withWorkload(command: Command): Command {
  return command
    .option('-n, --namespace <NAME>', 'only this namespace')
    .option('-w, --workload <NAME>', 'only this workload, with every condition and its numbers')
    .option('--container <NAME>', 'only this container');
}

function workloadParameters({ namespace, workload, container }: WorkloadFlags) {
  return { namespace, workload, container };
}

/** All verdicts, and the events of the last week, page by page. */
async function allPages(flags: GrowthFlags): Promise<GrowthAnswer> {
  const parameters = { ...workloadParameters(flags), tier: flags.tier, at: flags.at };
  const verdicts: VerdictAnswer[] = [];
  const events: EventAnswer[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await askServer<GrowthAnswer>(flags, 'GET', '/api/v1/growth', { ...parameters, limit: 1000, cursor });
    verdicts.push(...page.verdicts);
    events.push(...page.events);
    if (page.nextCursor === null) return { ...page, verdicts, events };
    cursor = page.nextCursor;
  }
}

function draw(answer: GrowthAnswer, flags: GrowthFlags, output: Output): string {
  const nowMs = Date.now();
  return flags.workload === undefined
    ? drawGrowth(answer, flags.all ?? false, nowMs)
    : drawWorkloads(answer, output, nowMs);
}

function inJson(answer: unknown): string {
  return `${JSON.stringify(answer, null, 2)}\n`;
}
