import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildPages, builtDir } from './build.ts';

/** Builds the pages where they are not built, or were before a file of theirs changed: before `npm start`. */
export async function buildPagesWhenMissing(): Promise<void> {
  const page = join(builtDir, 'index.html.br');
  if (existsSync(page) && statSync(page).mtimeMs >= newestSourceMs()) return;
  await buildPages();
}

function newestSourceMs(): number {
  const folders = [resolve(import.meta.dirname, '..'), resolve(import.meta.dirname, '../../model')];
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}

if (import.meta.main) await buildPagesWhenMissing();
