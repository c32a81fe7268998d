#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// A third of a start is compiling modules. The cache lies with the code, as it must be trusted like it; where that cannot be
// written to, there is none. Worker threads learn of it from the environment.
const { directory } = enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/flameherd', import.meta.url)));
if (directory !== undefined) process.env['NODE_COMPILE_CACHE'] = directory;
process.exitCode = await run(process.argv);

async function run(argv: readonly string[]): Promise<number> {
  if (argv[2] === 'health') return (await import('./cli/health.ts')).runHealth(argv);
  return (await import('./cli/program.ts')).runCli(argv);
}
