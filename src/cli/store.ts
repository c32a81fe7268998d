import { resolve } from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { FileStat, StoreStat } from '../store-tools.ts';
import { humanValue, type Output, roughDuration, styled, table } from './output.ts';

interface StoreFlags {
  readonly config?: string;
  readonly data?: string;
  readonly json?: boolean;
}

/** `flameherd store …` works on the files themselves, so that it helps when the daemon does not start. */
export function addStoreCommand(program: Command, output: Output): void {
  const command = program.command('store').description('look at the files of a store, check, compact or copy them');
  const withStore = (name: string, description: string) =>
    command
      .command(name)
      .description(description)
      .option('--data <DIR>', 'data directory (default: as configured)')
      .option('-c, --config <FILE>', 'configuration file (YAML)', process.env['FLAMEHERD_CONFIG']);

  withStore('stat', 'what the store is made of, file by file')
    .option('--json', 'the same as JSON')
    .action(async (flags: StoreFlags) => {
      const { statStore } = await import('../store-tools.ts');
      const stat = statStore(dataDirOf(await configOf(flags), flags));
      output.write(flags.json ? `${JSON.stringify(stat, null, 2)}\n` : drawStat(stat, Date.now()));
    });
  withStore('verify', 'read everything to the last value and say what is damaged; changes nothing')
    .addHelpText('after', '\nExit code 1 when something is damaged. May run beside the daemon.\n')
    .action(async (flags: StoreFlags) => verify(dataDirOf(await configOf(flags), flags), output));
  withStore('compact', 'compact and roll up what is due now, at full speed; the daemon must be stopped').action(
    async (flags: StoreFlags) => {
      const config = await configOf(flags);
      const { compactNow } = await import('../store-tools.ts');
      const done = await compactNow(config, dataDirOf(config, flags), Date.now());
      const sizes = `${humanValue(done.bytesBefore, 'bytes')} → ${humanValue(done.bytesAfter, 'bytes')}`;
      output.write(`${done.profiles} profiles of ${done.hours} hours compacted, ${sizes}\n`);
      output.write(`${done.rolledHours} hours and ${done.rolledDays} days rolled up\n`);
      for (const failure of done.failures) output.write(`${styled(output, 'red', '✗')} ${failure}\n`);
      if (done.failures.length > 0) process.exitCode = 1;
    },
  );
  withStore('backup', 'copy the store to a new folder; the daemon may go on')
    .argument('<DIR>', 'the folder to make')
    .addHelpText(
      'after',
      '\nThe copy is a data directory: flameherd serve --data DIR. It holds all that was stored before the command began.\n',
    )
    .action(async (to: string, flags: StoreFlags) => {
      const { backupStore } = await import('../store-tools.ts');
      const { files, bytes } = await backupStore(dataDirOf(await configOf(flags), flags), resolve(to));
      output.write(`${to}: ${files.length} files, ${humanValue(bytes, 'bytes')}\n`);
    });
}

async function configOf({ config }: StoreFlags): Promise<Config> {
  return (await loadConfig(config, process.env)).config;
}

function dataDirOf(config: Config, { data }: StoreFlags): string {
  return resolve(data ?? config.data);
}

async function verify(dataDir: string, output: Output): Promise<void> {
  const { verifyStore } = await import('../store-tools.ts');
  let damaged = 0;
  for (const { file, checked, findings } of verifyStore(dataDir)) {
    damaged += findings.length;
    const verdict = findings.length === 0 ? styled(output, 'green', '✓') : styled(output, 'red', '✗');
    output.write(`${verdict} ${file}  ${checked} read\n`);
    for (const { hourMs, what } of findings) {
      output.write(`    ${hourMs === undefined ? '' : `${hourText(hourMs)}: `}${what}\n`);
    }
  }
  output.write(damaged === 0 ? '\nNothing is damaged.\n' : `\n${damaged} damaged.\n`);
  if (damaged > 0) process.exitCode = 1;
}

function drawStat(stat: StoreStat, nowMs: number): string {
  const rows = stat.files.map((file) => [
    file.name,
    file.state,
    humanValue(file.bytes, 'bytes'),
    file.rows === undefined ? '' : String(file.rows),
    spanText(file, nowMs),
  ]);
  const bytes = stat.files.reduce((sum, file) => sum + file.bytes, 0);
  const { heads, chunks, hours, days } = stat.waiting;
  const lines = [
    `total       ${humanValue(bytes, 'bytes')} in ${stat.files.length} files`,
    `series      ${stat.series} of ${stat.processes} processes`,
    `partitions  ${stat.partitions}, their symbols ${humanValue(stat.dictionaryBytes, 'bytes')}`,
    `waiting     ${heads} hours to compact, ${chunks} chunks to restate, ${hours} hours and ${days} days to roll up`,
    ...(stat.growth ? [drawGrowth(stat.growth)] : []),
    ...stat.damagedHours.map(({ hourMs, because }) => `damaged     ${hourText(hourMs)}: ${because}`),
  ];
  return `${table(['FILE', 'STATE', 'SIZE', 'ROWS', 'HOLDS'], rows)}\n${lines.join('\n')}\n`;
}

function drawGrowth(growth: NonNullable<StoreStat['growth']>): string {
  const { floorBlocks, openFloors, processes, functions, events, eventProfiles } = growth;
  const floors = `${floorBlocks} blocks and ${openFloors} open buckets of ${processes} processes, ${functions} functions`;
  return `floors      ${floors}; ${events} events with ${eventProfiles} profiles`;
}

function spanText({ fromMs, toMs }: FileStat, nowMs: number): string {
  if (fromMs === undefined || toMs === undefined) return '';
  return `${hourText(fromMs)} + ${roughDuration(toMs - fromMs)}, ${roughDuration(nowMs - fromMs)} ago`;
}

/** `2026-07-31T09Z` */
function hourText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 13)}Z`;
}
