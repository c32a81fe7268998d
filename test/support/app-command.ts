import { execFile } from 'node:child_process';

const main = new URL('../../src/main.ts', import.meta.url).pathname;

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `flameherd ARGUMENTS` to its end. What is in the environment of the tests about flameherd does not count. */
export function flameherd(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('FLAMEHERD_'));
  return run(process.execPath, [main, ...args], { ...Object.fromEntries(clean), ...env });
}

/** Runs a program to its end, at most a minute. Throws when there is no such program. */
export function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    execFile(program, [...args], { env, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}
