import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What kill -9 loses, as the test of it finds: acknowledged profiles that were not answered afterwards. */
export function killLoss(kills: number): string {
  const test = fileURLToPath(new URL('../../test/app/kill.test.ts', import.meta.url));
  const env = { ...process.env, FLAMEHERD_KILLS: String(kills) };
  const { status, stdout } = spawnSync(process.execPath, ['--test', '--test-reporter=tap', test], {
    env,
    encoding: 'utf8',
  });
  const [, acknowledged] = /(\d+) uploads acknowledged/.exec(stdout) ?? [];
  return status === 0 ? `0 of ${acknowledged}, ${kills} kills` : 'lost some: see test/app/kill.test.ts';
}
