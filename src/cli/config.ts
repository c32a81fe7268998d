import type { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { configSchema } from '../config/schema.ts';
import { redactAll } from '../model/redact.ts';
import type { Output } from './output.ts';

export function addConfigCommand(program: Command, output: Output): void {
  const command = program.command('config').description('look at the configuration');
  const fromFile = (name: string, description: string) =>
    command
      .command(name)
      .description(description)
      .option('-c, --config <FILE>', 'configuration file (YAML)', process.env['FLAMEHERD_CONFIG']);
  fromFile('check', 'say what is wrong with a configuration, all at once').action(
    async ({ config }: { config?: string }) => {
      const { warnings } = await loadConfig(config, process.env);
      for (const warning of warnings) output.write(`warning: ${warning}\n`);
      output.write(`${config ?? 'defaults and environment'}: good\n`);
    },
  );
  fromFile('print', 'print what is in force: defaults, file and environment together, without secrets').action(
    async ({ config }: { config?: string }) => {
      const { toYaml } = await import('../config/file.ts');
      output.write(toYaml(redactAll((await loadConfig(config, process.env)).plain)));
    },
  );
  command
    .command('schema')
    .description('print the JSON Schema of the configuration file, for editors')
    .action(() => output.write(`${JSON.stringify(configSchema, null, 2)}\n`));
}
