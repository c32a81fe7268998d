import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build, type InlineConfig } from 'vite';
import { licencesText } from './licences.ts';
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

/** What at least three pages share, in one file: many small ones compress worse, and each is a request. */
const common = {
  name: 'common',
  minShareCount: 3,
  test: /node_modules\/preact|src\/(ui\/(parts|api|format|state|table)|model)\//,
};

/**
 * Builds the pages into `outDir`, each file also compressed, as the server hands them out. What is there is replaced at
 * once, when all is built: a daemon may serve it meanwhile.
 */
export async function buildPages(outDir: string = builtDir): Promise<void> {
  mkdirSync(dirname(outDir), { recursive: true });
  const building = mkdtempSync(`${outDir}-building-`);
  try {
    await build({
      ...viteConfig,
      build: {
        outDir: building,
        emptyOutDir: true,
        target: 'es2023',
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        reportCompressedSize: false,
        rolldownOptions: {
          input: { index: join(source, 'index.html'), login: join(source, 'login/index.html') },
          output: { codeSplitting: { groups: [common] } },
        },
      },
    });
    copySpeedscope(join(building, 'speedscope'));
    writeFileSync(join(building, 'assets/licences.txt'), licencesText());
    for (const file of readdirSync(building, { recursive: true, encoding: 'utf8' })) {
      if (/\.(html|js|css|svg)$/.test(file)) compress(join(building, file));
    }
    chmodSync(building, 0o755);
    rmSync(outDir, { recursive: true, force: true });
    renameSync(building, outDir);
  } finally {
    rmSync(building, { recursive: true, force: true });
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
