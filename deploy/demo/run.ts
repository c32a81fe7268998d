import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type Demo, startDemo } from './runner/demo.ts';
import { DemoError } from './runner/demo-error.ts';
import { runningDemo, sayEnded, sayRunning } from './runner/folder.ts';
import { prove } from './runner/prove.ts';
import { switchLeak } from './runner/switch.ts';
import { watchCheckout } from './runner/watch.ts';
import { greeting, help, spanText } from './runner/words.ts';

const print = (line: string): void => console.log(`  ${line}`);

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      folder: { type: 'string', default: resolve(import.meta.dirname, '../../.flameherd/demo') },
      help: { type: 'boolean', short: 'h', default: false },
      prove: { type: 'boolean', default: false },
      settle: { type: 'string', default: '60' },
    },
  });
  const [command] = positionals;
  const folder = resolve(values.folder);
  if (values.help) console.log(help);
  else if (command === 'leak' || command === 'heal') await switchRunning(folder, command === 'leak');
  else if (command !== undefined) throw new DemoError(`${JSON.stringify(command)} is no command\n${help}`);
  else await runDemo(folder, values.prove ? Number(values.settle) * 1000 : undefined);
}

async function switchRunning(folder: string, on: boolean): Promise<void> {
  const urls = await runningDemo(folder);
  if (!urls) throw new DemoError('no demo runs here: npm run demo starts one');
  await switchLeak(urls, on);
  print(on ? `it leaks: ${urls.api}/growth names the function in about 2 minutes` : 'it does not leak any more');
}

/** Until a signal; or until all is proved that it promises, when `settleMs` is given. */
async function runDemo(folder: string, settleMs: number | undefined): Promise<void> {
  const other = await runningDemo(folder);
  if (other) throw new DemoError(`a demo runs already, at ${other.api}; --folder DIR starts another one`);
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ended.abort());
  print('starting, a few seconds …');
  const demo = await startDemo(folder);
  try {
    await sayRunning(folder, demo.urls);
    const end = new Promise<void>((done) => ended.signal.addEventListener('abort', () => done()));
    const work = settleMs === undefined ? accompany(demo, ended) : prove(demo.urls, settleMs, print);
    if (!ended.signal.aborted) await Promise.race([end, demo.broken, work]);
  } finally {
    ended.abort();
    print('ending …');
    await sayEnded(folder);
    await demo[Symbol.asyncDispose]();
  }
}

/** Says what happens, and does what is typed. */
async function accompany({ urls }: Demo, ended: AbortController): Promise<void> {
  console.log(greeting(urls, process.stdin.isTTY));
  if (process.stdin.isTTY) listenToKeyboard(urls, ended);
  let leakedMs = Date.now();
  for await (const { what, text, link } of watchCheckout(urls, ended.signal)) {
    if (what === 'leak-on' || what === 'leak-off') leakedMs = Date.now();
    const when = what === 'leak-on' || what === 'leak-off' ? '' : `${spanText(Date.now() - leakedMs)} later: `;
    print(`${new Date().toTimeString().slice(0, 8)}  ${when}${text}${link ? `\n            ${link}` : ''}`);
  }
}

function listenToKeyboard(urls: Demo['urls'], ended: AbortController): void {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const word = line.trim();
    if (word === 'leak' || word === 'heal')
      switchLeak(urls, word === 'leak').catch((error: unknown) => print(String(error)));
    else if (word !== '') print('leak and heal are known; Ctrl-C ends');
  });
  ended.signal.addEventListener('abort', () => lines.close());
}

try {
  await main();
} catch (error) {
  console.error(error instanceof DemoError ? error.message : error);
  process.exitCode = 1;
}
