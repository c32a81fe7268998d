import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The source of the program that runs in ephemeral containers. */
export const sidecarSource = resolve(import.meta.dirname, '../../deploy/sidecar');

export interface SidecarProgram extends Disposable {
  /** Where it lies. */
  readonly path: string;
}

/** Builds it as the Dockerfile does, into a folder of its own. */
export function buildSidecar(): SidecarProgram {
  const folder = mkdtempSync(join(tmpdir(), 'flameherd-sidecar-'));
  const path = join(folder, 'flameherd-sidecar');
  const built = spawnSync('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', path, '.'], {
    cwd: sidecarSource,
    env: { ...process.env, CGO_ENABLED: '0' },
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(built.stderr);
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface ProgramResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs a program to its end, as `exec` in a container does. */
export async function runProgram(argv: readonly string[]): Promise<ProgramResult> {
  const [program = '', ...rest] = argv;
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const exitCode = await new Promise<number>((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done(code ?? -1));
  });
  return { exitCode, stdout: Buffer.concat(stdout), stderr };
}
