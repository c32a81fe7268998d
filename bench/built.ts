import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
let built: string | undefined;

/** The main file of the program as it is shipped, built from the source as it is now; removed when this process ends. */
export function builtEntry(): string {
  built ??= build();
  return join(built, 'dist', 'main.js');
}

function build(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flameherd-built-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const compiler = join(root, 'node_modules', '.bin', 'tsc');
  const args = ['-p', join(root, 'tsconfig.build.json'), '--outDir', join(folder, 'dist')];
  const { status, stdout } = spawnSync(compiler, args, { encoding: 'utf8' });
  // It builds all the same where a type does not fit.
  if (status !== 0) console.error(stdout);
  for (const name of ['migrations', 'package.json']) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}
