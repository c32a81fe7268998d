import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CommandResult, run } from '../support/app-command.ts';
import { eventually, temporaryFolder } from '../support/daemon.ts';

const main = new URL('../../deploy/demo/run.ts', import.meta.url).pathname;
const patienceMs = 90_000;

interface Urls {
  readonly api: string;
  readonly checkout: string;
  readonly search: string;
  readonly prometheus?: string;
  readonly alerts?: string;
}

test('npm run demo starts everything, says what to open, leaks when told to, and ends all of it on Ctrl-C', async (t) => {
  const folder = join(await temporaryFolder(t), 'demo');
  const demo = spawn(process.execPath, [main, '--folder', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(demo, 'exit');
  t.after(async () => {
    demo.kill('SIGINT');
    await exited;
  });
  let said = '';
  demo.stdout.on('data', (chunk: Buffer) => (said += String(chunk)));
  await eventually(async () => /Make it leak/.test(said) || demo.exitCode !== null, patienceMs, 'greeting');
  const running = await readFile(join(folder, 'running.json'), 'utf8');
  const urls = JSON.parse(running) as Urls;
  // The pages of the daemon are built by `npm run demo` beforehand.
  for (const url of [urls.api, urls.checkout, urls.search, urls.alerts].filter((each) => each !== undefined)) {
    assert.ok(said.includes(url), said);
    const answering = url === urls.api ? `${url}/api/v1/status` : url;
    assert.equal((await fetch(answering)).status, 200, answering);
  }

  const merged = async (query: string): Promise<string> => {
    const response = await fetch(
      `${urls.api}/api/v1/merge?${new URLSearchParams({ query, format: 'top' }).toString()}`,
    );
    return response.text();
  };
  const npmRunDemo = (...args: string[]): Promise<CommandResult> =>
    run(process.execPath, [main, ...args, '--folder', folder], process.env);
  const leaking = await npmRunDemo('leak');
  assert.equal(leaking.code, 0, leaking.stderr);
  assert.match(leaking.stdout, /it leaks: http:\/\/127\.0\.0\.1:\d+\/growth names the function/);
  await eventually(async () => /the checkout leaks/.test(said), patienceMs, 'line about the switch');
  await eventually(
    async () => (await merged('heap{namespace="shop",workload="checkout"}')).includes('"rememberCustomer"'),
    patienceMs,
    'function that leaks in the stored profiles',
  );
  await eventually(
    async () => (await merged('cpu{namespace="shop",workload="search"}')).includes('"editDistance"'),
    patienceMs,
    'function that works in the stored profiles',
  );

  const second = await npmRunDemo();
  assert.equal(second.code, 1);
  assert.match(second.stderr, /a demo runs already, at http/);

  demo.kill('SIGINT');
  assert.deepEqual(await exited, [0, null], said);
  for (const url of Object.values(urls).filter((value) => typeof value === 'string')) {
    await assert.rejects(fetch(url), url);
  }
  assert.equal(existsSync(join(folder, 'running.json')), false);
});

test('what is typed wrong is told in a sentence', async (t) => {
  const folder = await temporaryFolder(t);
  const refused: readonly [args: readonly string[], message: RegExp][] = [
    [['leek'], /"leek" is no command\nUsage:/],
    [['leak'], /no demo runs here: npm run demo starts one/],
  ];
  for (const [args, message] of refused) {
    const { code, stderr } = await run(process.execPath, [main, ...args, '--folder', folder], process.env);
    assert.equal(code, 1);
    assert.match(stderr, message);
  }
});
