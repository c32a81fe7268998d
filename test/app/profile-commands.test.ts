import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { encodeProfile } from '../../src/pprof/encode.ts';
import { flameherd } from '../support/app-command.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { profileFromText } from '../support/profile-from-text.ts';

/** Runs `flameherd …` against a server that answers so; what it was asked is decoded, without the order of parameters. */
async function run(t: TestContext, answer: RequestListener, ...args: readonly string[]) {
  const asked: Record<string, string>[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://server');
    asked.push({ path: url.pathname, ...Object.fromEntries(url.searchParams) });
    answer(request, response);
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { ...(await flameherd([...args, '--server', url])), asked };
}

const json =
  (body: unknown): RequestListener =>
  (_, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const side = {
  profiles: 60,
  processes: 3,
  observedSeconds: 600,
  profiledSeconds: 900,
  processSeconds: 1800,
  aggregation: 'sum',
  warnings: [],
};
const row = { function: 'main.slow', file: '', self: 9e9, total: 12e9, baseSelf: 1e9, baseTotal: 2e9 };
const diffAnswer = {
  unit: 'nanoseconds',
  rows: [
    { ...row, selfChange: 0.4, totalChange: 0.5, selfSpread: 0.02, totalSpread: 0.03, unsure: false },
    {
      function: 'main.noise\u001b[2J',
      file: '',
      self: 1e9,
      total: 1e9,
      baseSelf: 2e9,
      baseTotal: 2e9,
      selfChange: -0.05,
      totalChange: -0.05,
      selfSpread: 0.06,
      totalSpread: null,
      unsure: true,
    },
  ],
  total: 20e9,
  baseTotal: 20e9,
  meta: {
    ...side,
    warnings: ['half is missing'],
    base: { ...side, profiles: 20, processes: 1, warnings: [] },
    normalize: 'share',
    factor: 1 / 20e9,
    baseFactor: 1 / 20e9,
    changeUnit: 'share',
  },
};

test('a diff of the server says how sure each change is, and what it was made of', async (t) => {
  const { stdout, stderr, code, asked } = await run(t, json(diffAnswer), 'diff', 'cpu', '-w', 'checkout');
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(
    stdout,
    `       CHANGE        SPREAD          BEFORE   AFTER       IN TOTAL  FUNCTION
+40.00 points  ±2.00 points           5.00%  45.00%  +50.00 points  main.slow
 -5.00 points  ±6.00 points  unsure  10.00%   5.00%   -5.00 points  main.noise [2J

before: 20 s (sum) from 20 profiles of 1 process over 10m, profiled 50% of their time
after:  20 s (sum) from 60 profiles of 3 processes over 10m, profiled 50% of their time
Compared as shares of each total.
warning: half is missing
`,
  );
  const [question] = asked;
  assert.deepEqual(question, {
    path: '/api/v1/diff',
    query: 'cpu{workload="checkout"}',
    from: 'now-1h',
    format: 'top',
    limit: '20',
    sort: 'self',
  });
});

test('every option of a diff becomes the parameter of its name', async (t) => {
  const asked = async (...args: readonly string[]) => (await run(t, json(diffAnswer), 'diff', ...args)).asked[0];
  assert.deepEqual(
    await asked(
      'cpu{revision="new"}',
      '--base',
      'cpu{revision="old"}',
      '-n',
      'shop',
      '--from',
      'now-3h',
      '--to',
      'now-2h',
      '--base-from',
      'now-6h',
      '--base-to',
      'now-5h',
      '--normalize',
      'process',
      '--limit',
      '7',
      '--sort',
      'total',
      '--focus',
      'a',
      '--ignore',
      'b',
      '--hide',
      'c',
      '--show',
      'd',
      '--show-from',
      'e',
      '--tagfocus',
      'f',
      '--tagignore',
      'g',
      '--preset',
      'runtime,libc',
      '--granularity',
      'lines',
      '--collapse-recursion',
      '--aggregate',
      'peak',
    ),
    {
      path: '/api/v1/diff',
      query: 'cpu{revision="new",namespace="shop"}',
      base_query: 'cpu{revision="old",namespace="shop"}',
      from: 'now-3h',
      to: 'now-2h',
      base_from: 'now-6h',
      base_to: 'now-5h',
      normalize: 'process',
      limit: '7',
      sort: 'total',
      format: 'top',
      aggregate: 'peak',
      focus: 'a',
      ignore: 'b',
      hide: 'c',
      show: 'd',
      show_from: 'e',
      tagfocus: 'f',
      tagignore: 'g',
      preset: 'runtime,libc',
      granularity: 'lines',
      collapse_recursion: 'true',
    },
  );
  const two = await asked('heap{revision="old"}', 'heap{revision="new"}', '--base-last', '1d');
  assert.equal(`${two?.['base_query']} ${two?.['query']}`, 'heap{revision="old"} heap{revision="new"}');
  assert.equal(`${two?.['base_from']} ${two?.['base_to']}`, 'now-1d now');
  const rollout = await asked('--rollout', 'latest', '-w', 'checkout');
  assert.equal(`${rollout?.['query']} ${rollout?.['rollout']}`, 'cpu{workload="checkout"} latest');
});

test('revisions of a roll-out are named, and no change is said', async (t) => {
  const rollout = { compare: { revision: '8c1e' }, base: { revision: '7d9f' }, notes: ['Both ran for 20 min.'] };
  const rolled = { ...diffAnswer, rows: [], meta: { ...diffAnswer.meta, rollout, hint: 'ask for more' } };
  const { stdout } = await run(t, json(rolled), 'diff', '--rollout', 'latest');
  assert.match(stdout, /^No function changed\.\nhint: ask for more\nbefore, 7d9f: 20 s .*\nafter, 8c1e: {2}20 s /);
  assert.match(stdout, /\nBoth ran for 20 min\.\nwarning: half is missing\n$/);
});

test('markdown and pprof of the server are passed on as they are', async (t) => {
  const file = `${await temporaryFolder(t)}/diff.pb.gz`;
  const bytes = Uint8Array.from({ length: 2000 }, (_, at) => at % 256);
  const binary = await run(t, (_, response) => response.end(bytes), 'diff', 'cpu', '--format', 'pprof', '-o', file);
  assert.equal(binary.stdout, `${file}: 1.95 KiB\n`);
  assert.equal(binary.asked[0]?.['format'], 'pprof');
  assert.deepEqual(new Uint8Array(await readFile(file)), bytes);
  const text = await run(t, (_, response) => response.end('**cpu**\n'), 'diff', '--format', 'markdown');
  assert.deepEqual([text.stdout, text.asked[0]?.['format']], ['**cpu**\n', 'markdown']);
  const top = await run(t, (_, response) => response.end('**cpu**\n'), 'top', '--format', 'markdown', '--hide', 'x');
  assert.equal(top.stdout, '**cpu**\n');
  assert.deepEqual(
    [top.asked[0]?.['path'], top.asked[0]?.['format'], top.asked[0]?.['hide']],
    ['/api/v1/merge', 'markdown', 'x'],
  );
});

test('a file is compared with what is stored, from either side', async (t) => {
  const file = `${await temporaryFolder(t)}/mine.pb.gz`;
  const types = [{ type: 'cpu', unit: 'nanoseconds' }];
  const stored = encodeProfile(profileFromText('main;serve 3000000000\nmain;idle 1000000000', { types }));
  await writeFile(file, encodeProfile(profileFromText('main;serve 400\nmain;new 600', { types })));
  const answer: RequestListener = (_, response) => response.end(stored);
  const changes = async (...args: readonly string[]) => {
    const { stdout, stderr, asked } = await run(t, answer, 'diff', ...args, '--json');
    assert.equal(stderr, '');
    const { rows } = JSON.parse(stdout) as { rows: { function: string; selfChange: number }[] };
    return { asked, changes: rows.map((each) => `${each.function} ${each.selfChange.toFixed(2)}`) };
  };
  const query = 'cpu{workload="x"}';
  const against = await changes(file, query, '--last', '2h');
  assert.deepEqual(against.changes, ['new -0.60', 'serve 0.35', 'idle 0.25']);
  assert.deepEqual(against.asked, [{ path: '/api/v1/merge', query, from: 'now-2h', format: 'pprof' }]);
  const other = await changes('cpu', file, '-w', 'x', '--base-from', 'now-2h', '--base-to', 'now-1h');
  assert.deepEqual(other.changes, ['new 0.60', 'serve -0.35', 'idle -0.25']);
  assert.deepEqual(other.asked, [{ path: '/api/v1/merge', query, from: 'now-2h', to: 'now-1h', format: 'pprof' }]);
  const heap = await run(t, answer, 'diff', file, 'heap');
  assert.match(heap.stderr, /^flameherd: heap has no sample type "heap"; it has cpu\n/);
});

test('callers and callees are asked of the server', async (t) => {
  const answer = {
    unit: 'bytes',
    function: 'main.f',
    file: 'f.go',
    self: 1024,
    total: 4096,
    profileTotal: 8192,
    meta: side,
    callers: [{ function: 'main.main', file: '', value: 4096 }],
    callees: [{ function: 'main.g', file: '', value: 3072 }],
  };
  const { stdout, asked } = await run(t, json(answer), 'callgraph', 'main.f', 'allocs', '-w', 'x');
  assert.equal(
    stdout,
    `TOTAL          FUNCTION
4 KiB  100.0%    ↓ main.main
4 KiB  100.0%  main.f
3 KiB   75.0%      ↳ main.g

self 1 KiB in f.go
of 8 KiB (sum) from 60 profiles of 3 processes over 10m, profiled 50% of their time
`,
  );
  assert.deepEqual(
    [asked[0]?.['format'], asked[0]?.['function'], asked[0]?.['query']],
    ['callgraph', 'main.f', 'allocs{workload="x"}'],
  );
});

test('options that contradict each other are refused before anything is asked', async (t) => {
  const refused = async (...args: readonly string[]): Promise<string> => {
    const { code, stderr, asked } = await run(t, json(diffAnswer), ...args);
    assert.deepEqual([code, asked], [1, []]);
    return stderr;
  };
  assert.match(await refused('top', 'cpu', '--last', '1h', '--from', 'now-3h'), /--last is the time until now/);
  assert.match(await refused('top', 'cpu', '--type', 'samples'), /--type chooses among the sample types of a file/);
  assert.match(
    await refused('diff', 'cpu', '--base-last', '1h', '--base-from', 'now-3h'),
    /--base-last cannot be given/,
  );
  assert.match(await refused('diff', 'cpu', 'heap', '--base', 'cpu'), /a diff is of two/);
  assert.match(await refused('diff', 'cpu', 'none.pb.gz', '--rollout', 'latest'), /--rollout asks the server/);
});
