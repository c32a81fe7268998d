import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeProfile } from '../../src/pprof/encode.ts';
import { flameherd } from '../support/app-command.ts';
import { upload } from '../support/app-uploads.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { profileFromText } from '../support/profile-from-text.ts';

const types = [
  { type: 'samples', unit: 'count' },
  { type: 'cpu', unit: 'nanoseconds' },
];
const header = {
  durationNanos: 10_000_000_000n,
  periodType: { type: 'cpu', unit: 'nanoseconds' },
  period: 10_000_000n,
  dropFrames: 'runtime\\..*',
};
const texts = {
  old: `main;serve;query {route=/pay}  60 600000000
        main;serve;hash.func1        20 200000000
        main;runtime.gc;runtime.mark 10 100000000
        main;fib;fib;fib             10 100000000`,
  new: `main;serve;query {route=/pay}  30 300000000
        main;serve;hash.func2        90 900000000
        main;fib;fib                  7 70000000`,
};

interface Rows {
  readonly unit: string;
  readonly total: number;
  readonly rows: readonly {
    readonly selfSpread?: unknown;
    readonly totalSpread?: unknown;
    readonly unsure?: unknown;
  }[];
}

test('files and the server answer with the same numbers, whatever is asked', async (t) => {
  const folder = await temporaryFolder(t);
  const daemon = await startDaemon(folder, ['--no-self']);
  t.after(() => daemon.stop());
  for (const [revision, text] of Object.entries(texts)) {
    const bytes = encodeProfile(profileFromText(text, { types, header }));
    await writeFile(join(folder, `${revision}.pb.gz`), bytes);
    const labels = { namespace: 'shop', workload: 'checkout', pod: revision, process: revision, kind: 'cpu', revision };
    const time = String(Date.now() - 120_000);
    await upload(daemon.url, new URLSearchParams({ ...labels, time }), bytes);
  }
  const ask = async (...args: readonly string[]): Promise<Rows> => {
    const { stdout, stderr } = await flameherd([...args, '--json', '--server', daemon.url]);
    assert.equal(stderr, '');
    const { unit, total, rows } = JSON.parse(stdout) as Rows;
    // How sure a change is takes several profiles, and a file is one.
    return { unit, total, rows: rows.map((row) => ({ ...row, selfSpread: 0, totalSpread: 0, unsure: true })) };
  };
  const files = { old: join(folder, 'old.pb.gz'), new: join(folder, 'new.pb.gz') };
  const stored = { old: 'cpu{revision="old"}', new: 'cpu{revision="new"}' };
  const views = [
    [],
    ['--focus', 'query', '--sort', 'total'],
    ['--hide', 'serve', '--preset', 'runtime'],
    ['--show-from', '^serve$', '--granularity', 'packages'],
    ['--tagfocus', 'route=/pay'],
    ['--collapse-recursion', '--ignore', 'hash'],
  ];
  const normalizations = ['share', 'process', 'none'];
  for (const [at, view] of views.entries()) {
    const what = view.join(' ');
    assert.deepEqual(await ask('top', files.old, ...view), await ask('top', stored.old, ...view), what);
    for (const normalize of at === 0 ? normalizations : [normalizations[at % 3] ?? '']) {
      const options = [...view, '--normalize', normalize];
      const here = await ask('diff', files.old, files.new, ...options);
      assert.deepEqual(here, await ask('diff', stored.old, stored.new, ...options), `${what} ${normalize}`);
      assert.deepEqual(here, await ask('diff', files.old, stored.new, ...options), `${what} ${normalize}`);
      // By shares, nothing changes where one function is all that is left.
      assert.ok(here.rows.length > 0 || normalize === 'share', what);
    }
  }
});
