import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/**
 * `node client-node.ts OUT`: of @kubernetes/client-node, 27 MB of calls that nobody here makes, only what `src/kubernetes` imports: the
 * reader of kubeconfigs with its plugins, 44 KB. Put in the place of the package's `dist`; all that it imports stays as it is.
 */

const out = process.argv[2];
if (out === undefined) throw new Error('node client-node.ts OUT: the folder to write index.js to is missing');
const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(root, 'node_modules/.client-node-'));
try {
  const entry = join(folder, 'entry.js');
  const whole = fileURLToPath(import.meta.resolve('@kubernetes/client-node'));
  const inside = [entry, dirname(dirname(whole)), '.', '\0'];
  writeFileSync(entry, `export { KubeConfig } from ${JSON.stringify(whole)};\n`);
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    build: {
      ssr: entry,
      outDir: resolve(out),
      emptyOutDir: true,
      minify: false,
      rolldownOptions: {
        external: (id) => !inside.some((start) => id.startsWith(start)),
        treeshake: { moduleSideEffects: false },
        output: { entryFileNames: 'index.js' },
      },
    },
  });
} finally {
  rmSync(folder, { recursive: true });
}
