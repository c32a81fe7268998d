import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build, type InlineConfig } from 'vite';
import { copySpeedscope } from './speedscope.ts';

const source = resolve(import.meta.dirname, '..');
/** Where the server looks for the pages, run from source or built. */
export const builtDir = resolve(source, '../../dist/ui');

/** The same for building and for developing. */
export const viteConfig: InlineConfig = {
  configFile: false,
  root: source,
  logLevel: 'warn',
  oxc: { jsx: { importSource: 'preact' } },
};

/** Builds the pages into `outDir`, each file also compressed, as the server hands them out. */
export async function buildPages(outDir: string = builtDir): Promise<void> {
  await build({
    ...viteConfig,
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  });
  copySpeedscope(join(outDir, 'speedscope'));
  for (const file of readdirSync(outDir, { recursive: true, encoding: 'utf8' })) {
    if (/\.(html|js|css|svg)$/.test(file)) compress(join(outDir, file));
  }
}

function compress(file: string): void {
  const bytes = readFileSync(file);
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
  writeFileSync(
    `${file}.br`,
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
  );
}

if (import.meta.main) await buildPages();
