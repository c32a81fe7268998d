import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PprofRun {
  /** -1 when it was stopped. */
  readonly exitCode: number;
  readonly stdout: Buffer;
  /** Warnings are here, among notes such as "Fetching profile over HTTP". */
  readonly stderr: string;
}

export interface PprofOptions {
  /** What a person would type; with it and without a format among the arguments, pprof reads commands. */
  readonly input?: string;
  /** Stops the program: `-http` serves until it is stopped. */
  readonly signal?: AbortSignal;
  /** Given all that it has said so far, each time it says more. */
  readonly onStderr?: (stderr: string) => void;
}

/**
 * Runs `go tool pprof` to its end on files or URLs. Frames are never looked up in binaries (`-symbolize=none`), no browser
 * opens, and what it saves goes to a folder of its own that is gone afterwards.
 *
 *     await goPprof(['-top', '-sample_index=cpu', file])
 */
export async function goPprof(args: readonly string[], options: PprofOptions = {}): Promise<PprofRun> {
  const folder = mkdtempSync(join(tmpdir(), 'flameherd-pprof-'));
  try {
    return await run(['tool', 'pprof', '-symbolize=none', ...args], folder, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(
  args: readonly string[],
  folder: string,
  { input, signal, onStderr }: PprofOptions,
): Promise<PprofRun> {
  const child = spawn('go', args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, PPROF_TMPDIR: folder, PPROF_BINARY_PATH: folder, BROWSER: 'true' },
    // A group of its own: `go` starts pprof as a child, and both shall end.
    detached: true,
  });
  const stop = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid);
  };
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr.push(chunk);
    onStderr?.(Buffer.concat(stderr).toString());
  });
  // A program that ends early closes its input; its exit code says why.
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
  const exitCode = await new Promise<number>((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done(code ?? -1));
  });
  signal?.removeEventListener('abort', stop);
  return { exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
}
