#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// A third of a start is compiling modules. The cache lies with the code, as it must be trusted like it; where that cannot be
// written to, there is none. Worker threads learn of it from the environment.
const { directory } = enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/flameherd', import.meta.url)));
if (directory !== undefined) process.env['NODE_COMPILE_CACHE'] = directory;
const { runCli } = await import('./cli/program.ts');
process.exitCode = await runCli(process.argv);
