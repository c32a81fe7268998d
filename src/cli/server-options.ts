import type { Command } from 'commander';
import { defaultServer, type ServerOptions } from './client.ts';

export interface AskFlags extends ServerOptions {
  readonly json?: boolean;
}

/** The options of every command that asks a daemon. */
export function withServer(command: Command): Command {
  return command
    .option(
      '--server <URL>',
      'the daemon to ask (or FLAMEHERD_SERVER)',
      process.env['FLAMEHERD_SERVER'] ?? defaultServer,
    )
    .option('--token <TOKEN>', 'a bearer token; better the variable FLAMEHERD_TOKEN', process.env['FLAMEHERD_TOKEN'])
    .option('--json', 'print the answer of the API as it is');
}
