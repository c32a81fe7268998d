import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { runCli } from '../../src/cli/program.ts';
import type { GrowthQueries } from '../../src/growth/contract.ts';
import { eventOf, growthOf, leaking, still, verdictOf, workloadNamed } from '../support/growth-http.ts';
import { minute, nowMs, started } from '../support/http-fakes.ts';

const hour = 60 * minute;
const checkout = workloadNamed('checkout');
const verdicts = [
  verdictOf(workloadNamed('web'), [still()]),
  verdictOf(checkout, [leaking()]),
  verdictOf(workloadNamed('nightly', { workloadKind: 'Job' }), [], { skipped: 'a Job' }),
];
const event = eventOf('00000000000000e1', checkout, {
  likelyMs: nowMs - 2 * hour,
  profiles: {
    base: { fromMs: nowMs - 22 * hour, toMs: nowMs - 21 * hour },
    compare: { fromMs: nowMs - 21 * hour, toMs: nowMs - 20 * hour },
  },
});

/** Runs `flameherd growth …` in this process against the real routes. */
async function growth(t: TestContext, queries: GrowthQueries, ...args: readonly string[]): Promise<string> {
  const { server } = await started(t, { growth: queries });
  const written: string[] = [];
  const output = { write: (text: string) => void written.push(text), colours: false };
  const code = await runCli(['node', 'flameherd', 'growth', ...args, '--server', server.url], output);
  assert.equal(code, 0);
  return written.join('').replaceAll(server.url, 'http://HOST');
}

test('what grows is a table, and the rest is counted', async (t) => {
  const text = await growth(t, growthOf({ verdicts }));
  assert.match(text, /^WORKLOAD +WHAT +VERDICT +SINCE +SLOPE +GROWS MOST +COMPARED, OR WHY NOT\n/);
  assert.match(
    text,
    /\nshop deployment\/checkout \(app\) +heap +likely +\d+[hd] ago +\+30 MiB\/h +main\.\(\*auditTrail\)\.record +above the plateau of revision r1 \(40 MiB\)\n/,
  );
  assert.match(text, /, every 10m: 1 workload without a finding, 1 not judged; --all or -w NAME says why\.\n$/);
  assert.doesNotMatch(text, /web/);
});

test('with --all also what shows nothing, and why', async (t) => {
  const text = await growth(t, growthOf({ verdicts }), '--all');
  assert.match(text, /\nshop deployment\/web \(app\) +heap .*rise: 0\.9 MiB of 32 MiB\n/);
  assert.match(text, /\nshop job\/nightly \(app\) +not judged +a Job\n/);
});

test('of one workload each condition is told with its numbers, and its events', async (t) => {
  const text = await growth(t, growthOf({ verdicts, events: [event] }), '-w', 'web');
  assert.match(text, /^shop deployment\/web \(app\): 3 processes\n {2}heap: nothing: rise: 0\.9 MiB of 32 MiB\n/);
  assert.match(text, /\n {4}✓ age {3}7h of 5h30m\n {4}✗ rise {2}0\.9 MiB of 32 MiB\n/);
  const leak = await growth(
    t,
    growthOf({ verdicts, events: [event] }),
    '-n',
    'shop',
    '-w',
    'checkout',
    '--tier',
    'likely',
  );
  assert.match(
    leak,
    /heap: likely: \+30 MiB\/h \(\+27 MiB\/h to \+33 MiB\/h\) since 2026-02-28T10:00Z; above the plateau/,
  );
  assert.match(leak, /\n {4}\+30 MiB\/h +800 MiB +main\.\(\*auditTrail\)\.record\n/);
  assert.match(leak, /\n2026-02-28T16:00Z +2026-03-01T10:00Z +open +shop deployment\/checkout/);
});

test('at another moment the verdicts of then are asked for', async (t) => {
  const asked: number[] = [];
  const verdictsAt = async (_: unknown, atMs: number) => {
    asked.push(atMs);
    return [verdictOf(checkout, [leaking()], { atMs })];
  };
  const text = await growth(t, growthOf({ verdicts: [] }, { verdictsAt }), '--at', 'now-2d');
  assert.deepEqual(asked, [nowMs - 48 * hour]);
  assert.match(text, /likely +2026-02-28T16:00Z/);
  assert.match(text, /\nas of 2026-02-27T12:00Z: 0 workloads without a finding/);
});

test('where nothing is judged it says so, and what to do', async (t) => {
  assert.match(
    await growth(t, growthOf({})),
    /^judged .*\nhint: no workload is scraped: \/api\/v1\/targets says what is found;.*\n$/,
  );
  assert.match(await growth(t, growthOf({ verdicts: [verdictOf(checkout, [still()])] })), /^Nothing grows\.\n/);
});

test('an event is shown with what go tool pprof is given', async (t) => {
  const profiles = { [event.id]: { base: gzipSync('a'), compare: gzipSync('b') } };
  const text = await growth(t, growthOf({ events: [event], profiles }), 'show', event.id);
  assert.match(
    text,
    /^shop deployment\/checkout \(app\): found 2026-02-28T16:00Z, likely 2026-03-01T10:00Z, open, revision r2\n/,
  );
  const [, base = '', compare = ''] = /go tool pprof -diff_base '(.*?)' '(.*?)'/.exec(text) ?? [];
  assert.deepEqual(
    [base, compare],
    ['base', 'compare'].map((side) => `http://HOST/api/v1/growth/${event.id}/profile?side=${side}`),
  );
});

test('a back-test says what would have been found and when, and of one workload why not', async (t) => {
  const windows: unknown[] = [];
  const backtest: GrowthQueries['backtest'] = async (filter, window) => {
    windows.push([filter.workload, window.fromMs - nowMs, window.toMs - nowMs]);
    const meant = verdicts.filter(
      ({ workload }) => filter.workload === undefined || workload.workload === filter.workload,
    );
    const events = filter.workload === 'web' ? [] : [event];
    return { window, bucketMs: 10 * minute, events, verdicts: meant, evaluations: 1008 };
  };
  const queries = growthOf({}, { backtest });
  const text = await growth(t, queries, 'backtest');
  assert.match(
    text,
    /^FOUND .*\n2026-02-28T16:00Z +2026-03-01T10:00Z +open +shop deployment\/checkout \(app\) +heap +main\.\(\*auditTrail\)\.record/,
  );
  assert.match(
    text,
    /from 2026-02-22T12:00Z to 2026-03-01T12:00Z, by 1008 evaluations of 10m: 3 workloads, 1 event\n$/,
  );
  const web = await growth(t, queries, 'backtest', '-w', 'web', '--from', 'now-3h', '--to', 'now-1h');
  assert.match(web, /^Nothing would have been found\.\n\nshop deployment\/web \(app\)\n {2}heap: nothing: rise/);
  const all = JSON.parse(await growth(t, queries, 'backtest', '--last', '1h', '--json')) as { verdicts: unknown[] };
  assert.equal(all.verdicts.length, 3);
  assert.deepEqual(windows, [
    [undefined, -7 * 24 * hour, 0],
    ['web', -3 * hour, -hour],
    [undefined, -hour, 0],
  ]);
});

test('options before the name of a command below are its own, or are refused', async (t) => {
  const asked: unknown[] = [];
  const backtest: GrowthQueries['backtest'] = async (filter, window) => {
    asked.push([filter.namespace, filter.workload]);
    return { window, bucketMs: 10 * minute, events: [], verdicts, evaluations: 1 };
  };
  const { server } = await started(t, { growth: growthOf({ events: [event] }, { backtest }) });
  const run = async (...args: readonly string[]): Promise<{ code: number; text: string }> => {
    const written: string[] = [];
    const output = { write: (text: string) => void written.push(text), colours: false };
    const code = await runCli(['node', 'flameherd', 'growth', ...args], output);
    return { code, text: written.join('') };
  };
  const first = ['--server', server.url, '-n', 'shop'];
  assert.equal((await run(...first, '--json', 'backtest', '-w', 'web')).code, 0);
  assert.equal((await run(...first, 'backtest', '-n', 'other')).code, 0);
  assert.deepEqual(asked, [
    ['shop', 'web'],
    ['other', undefined],
  ]);
  const shown = await run('--server', server.url, 'show', event.id);
  assert.equal(shown.code, 0);
  assert.match(shown.text, /checkout/);
  t.mock.method(process.stderr, 'write', () => true);
  assert.equal((await run('--server', server.url, '--tier', 'likely', 'show', event.id)).code, 2);
});

test('names of pods and functions cannot speak to the terminal', async (t) => {
  const evil = 'a\u001b[2Jb\nx!\u202e';
  const [first] = leaking().functions;
  const signal = leaking('heap', {
    functions: first ? [{ ...first, name: evil }] : [],
    pods: [evil],
    gates: [{ name: evil, passed: false, text: evil }],
    baseline: { kind: 'revision', revision: evil },
  });
  const workload = workloadNamed(evil, { namespace: evil, container: evil });
  const odd = eventOf('00000000000000e1', workload, { verdict: signal, revision: evil });
  const queries = growthOf({
    verdicts: [verdictOf(workload, [signal]), verdictOf(checkout, [], { skipped: evil })],
    events: [odd],
  });
  for (const args of [[], ['--all'], ['-w', evil], ['show', odd.id]]) {
    const text = await growth(t, queries, ...args);
    for (const bad of ['\u001b', '\u202e', '\nx!']) assert.ok(!text.includes(bad), JSON.stringify(text));
  }
});
