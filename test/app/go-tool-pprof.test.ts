import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { upload } from '../support/app-uploads.ts';
import { corpusFile, noCorpus } from '../support/corpus.ts';
import { type Daemon, eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { goPprof } from '../support/go-pprof.ts';
import { noGo } from '../support/no-go.ts';

const skip = noGo || noCorpus;

/** Files of the corpus as processes of a workload, and what is asked about it. */
interface Asked {
  readonly workload: string;
  readonly files: readonly string[];
  /** Also the alias that is asked for. */
  readonly kind: 'cpu' | 'heap';
  /** In the first lines of `-top`. */
  readonly shows: RegExp;
}

const labelled: Asked = {
  workload: 'orders',
  files: ['go-cpu-labels-a.pb.gz', 'go-cpu-labels-b.pb.gz'],
  kind: 'cpu',

  shows: /runtime\.\w+/,
};
const asked: readonly Asked[] = [
  labelled,
  {
    workload: 'caches',
    files: ['go-heap-caches-a.pb.gz', 'go-heap-caches-b.pb.gz'],
    kind: 'heap',
    shows: /Type: inuse_space/,
  },
  {
    workload: 'stripped',
    files: ['parca-unsymbolised.pb.gz'],
    kind: 'cpu',
    shows: /100% +\[pprof-example-app-go\]/,
  },
  { workload: 'crash', files: ['google-nomappings.pb.gz'], kind: 'heap', shows: /Type: inuse_space/ },
  { workload: 'java', files: ['pyroscope-java-async-profiler.pb.gz'], kind: 'cpu', shows: /java\/\w+/ },
  { workload: 'rust', files: ['rust-cpu.pb'], kind: 'cpu', shows: /rustapp::main/ },
];

async function serveCorpus(t: TestContext): Promise<Daemon> {
  const daemon = await startDaemon(await temporaryFolder(t), ['--no-self']);
  t.after(() => daemon.kill());
  const time = String(Date.now() - 120_000);
  for (const { workload, files, kind } of asked) {
    for (const file of files) {
      const labels = { namespace: 'corpus', workload, pod: file, process: file };
      const parameters = new URLSearchParams({ ...labels, kind, time, interval: '60s', as: 'delta' });
      await upload(daemon.url, parameters, corpusFile('real', file));
    }
  }
  return daemon;
}

function urlOf({ url }: Daemon, { workload, kind }: Asked): string {
  const selector = encodeURIComponent(`${kind}{workload="${workload}"}`);
  return `${url}/api/v1/merge?query=${selector}&from=now-10m`;
}

/** The profile of the last upload of a workload. */
async function singleUrl(daemon: Daemon, { workload, kind }: Asked): Promise<string> {
  const query = encodeURIComponent(`${kind}{workload="${workload}"}`);
  const { profiles } = await daemon.getJson<{ profiles: { id: string }[] }>(`/api/v1/profiles?query=${query}`);
  return `${daemon.url}/api/v1/profiles/${profiles.at(-1)?.id}`;
}

/** What pprof says while it fetches; anything else on stderr is a warning. */
const fetched = /^Fetching profile over HTTP from \S+\nSaved profile in \S+\.pb\.gz\n/;

test('go tool pprof takes our exports over HTTP without a warning', { skip, timeout: 300_000 }, async (t) => {
  const daemon = await serveCorpus(t);
  for (const one of asked) {
    await t.test(`-top of ${one.workload}`, async () => {
      const short = `${daemon.url}/pprof/corpus/${one.workload}/${one.kind}?seconds=600`;
      for (const url of [urlOf(daemon, one), short, await singleUrl(daemon, one)]) {
        // Frames are looked up in binaries and by the server, as they are where nobody says otherwise.
        const { exitCode, stdout, stderr } = await goPprof(['-symbolize=', '-top', url]);
        assert.equal(exitCode, 0, stderr);
        assert.equal(stderr.replace(fetched, ''), '', url);
        assert.match(stdout.toString(), one.shows);
        assert.match(stdout.toString(), /flat +flat% +sum% +cum +cum%\n.*\d/);
      }
    });
  }
  await t.test('-diff_base with another merge', async () => {
    const base = urlOf(daemon, labelled)
      .replace('workload', 'pod')
      .replace('orders', labelled.files[0] ?? '');
    const { exitCode, stdout, stderr } = await goPprof([
      '-symbolize=',
      '-top',
      `-diff_base=${base}`,
      urlOf(daemon, labelled),
    ]);
    assert.equal(exitCode, 0, stderr);
    assert.equal(stderr.replaceAll(/^(Fetching profile over HTTP from|Saved profile in) \S+\n/gm, ''), '');
    assert.match(stdout.toString(), /Type: cpu/);
  });
  await t.test('-tags shows the labels of pprof.Do', async () => {
    const { stdout, stderr } = await goPprof(['-symbolize=', '-tags', urlOf(daemon, labelled)]);
    assert.equal(stderr.replace(fetched, ''), '');
    const lines = stdout
      .toString()
      .split('\n')
      .map((line) => line.trim());
    assert.deepEqual(
      lines.filter((line) => line !== ''),
      [
        'endpoint: Total 3.06s of 5.39s (56.77%)',
        '2.05s (38.03%): /index',
        '1.01s (18.74%): /orders',
        'tenant: Total 1.01s of 5.39s (18.74%)',
        '1.01s (18.74%): a',
      ],
    );
  });
  await t.test('-http serves its own pages of them', () => assertOwnPages(t, urlOf(daemon, labelled)));
});

async function assertOwnPages(t: TestContext, source: string): Promise<void> {
  const stopped = new AbortController();
  t.after(() => stopped.abort());
  const said = Promise.withResolvers<string>();
  // Without a number it takes a free port and says which.
  const run = goPprof(['-symbolize=', '-http=127.0.0.1:', '-no_browser', source], {
    signal: stopped.signal,
    onStderr: (stderr) => {
      if (stderr.includes('Serving web UI')) said.resolve(stderr);
    },
  });
  const early = run.then(({ stderr }) => assert.fail(`pprof ended: ${stderr}`));
  const stderr = await Promise.race([said.promise, early]);
  const [, origin = ''] = /^Serving web UI on (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(stderr.replace(fetched, '')) ?? [];
  assert.notEqual(origin, '', `more than the address on stderr: ${stderr}`);
  for (const [page, shows] of [
    ['top', /"runtime\./],
    ['flamegraph', /stack-holder|stackViewer/],
  ] as const) {
    // It says so before it listens.
    const text = await eventually(async () => (await fetch(`${origin}/ui/${page}`)).text(), 60_000, page);
    assert.match(text, shows);
  }
  stopped.abort();
  await early.catch(() => undefined);
}
