import { spawnSync } from 'node:child_process';

/** The reason to skip a test that needs Go, or false: `test(name, { skip: noGo }, …)`. */
export const noGo: string | false = spawnSync('go', ['version']).status === 0 ? false : 'no go on the PATH';
