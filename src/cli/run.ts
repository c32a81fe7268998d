import { CommanderError } from 'commander';
import { FlameherdError, messageOf } from '../model/errors.ts';
import { redact } from '../model/redact.ts';
import { ServerError } from './client.ts';
import { printableLines } from './output.ts';

/** Runs a command and resolves with the exit code: 0 done, 1 failed, with the reason on standard error, 2 a wrong call. */
export async function exitCodeOf(command: () => Promise<unknown>): Promise<number> {
  try {
    await command();
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    reportFailure(error);
    return 1;
  }
}

function reportFailure(error: unknown): void {
  const expected = error instanceof FlameherdError || error instanceof ServerError;
  const lines = [`flameherd: ${messageOf(error)}`];
  if (expected && error.hint) lines.push(`hint: ${error.hint}`);
  if (!expected && error instanceof Error && error.stack) lines.push(redact(error.stack));
  process.stderr.write(`${lines.map((line) => printableLines(line, 0)).join('\n')}\n`);
}
