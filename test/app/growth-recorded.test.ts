import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flameherd } from '../support/app-command.ts';
import { upload } from '../support/app-uploads.ts';
import { corpusFile, corpusJson, noCorpus } from '../support/corpus.ts';
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts';

const minute = 60_000;
const hour = 60 * minute;
const bucketMs = 10 * minute;
/** Recorded every 10 s, played back every 10 min. */
const playbackScale = 60;
const namespace = 'imported';

interface Scenario {
  readonly scenario: string;
  readonly expect: {
    readonly signal: 'inuse' | 'goroutines' | 'alloc-rate';
    readonly verdict: 'leak' | 'none' | 'optional' | 'regression';
    readonly fire_by_hours?: number;
    readonly quiet_until_hours?: number;
    readonly tolerated_until_hours?: number;
  };
  readonly leak: { readonly functions: readonly string[]; readonly pods: readonly string[] } | null;
  readonly processes: readonly { readonly pod: string }[];
}

interface Scrape {
  readonly pod: string;
  readonly incarnation: number;
  readonly unix_ms: number;
  readonly started_unix_ms: number;
  readonly files: Readonly<Record<string, string>>;
}

interface Verdict {
  readonly workload: string;
  readonly tier: string | null;
  readonly signals: readonly {
    readonly signal: string;
    readonly tier: string | null;
    readonly whyNot: string | null;
    readonly functions: readonly { readonly function: string }[];
  }[];
}

interface Answer {
  readonly verdicts: readonly Verdict[];
  readonly events: readonly {
    readonly workload: string;
    readonly signal: string;
    readonly tier: string;
    readonly openedMs: number;
    readonly verdict: {
      readonly functions: readonly { readonly function: string }[];
      readonly pods: readonly string[];
    };
    readonly links: { readonly diff: string };
  }[];
  readonly meta: { readonly evaluations: number; readonly hint?: string };
}

test('recordings of half a day that are imported are judged as if they had been live, and what is live is left alone', {
  skip: noCorpus,
}, async (t) => {
  const { scenarios } = corpusJson('growth', 'recorded', 'truth.json') as { scenarios: readonly Scenario[] };
  const daemon = await startDaemon(await temporaryFolder(t), ['--no-self']);
  t.after(() => daemon.kill());
  // In the middle of a bucket, for scrapes come some milliseconds early or late.
  const fromMs = Math.floor((Date.now() - 14 * hour) / bucketMs) * bucketMs + bucketMs / 2;
  const ends = await Promise.all(scenarios.map((scenario) => importRecording(daemon, scenario, fromMs)));
  const toMs = Math.max(...ends) + bucketMs;

  const { events, verdicts, meta } = await daemon.getJson<Answer>(
    `/api/v1/growth/backtest?namespace=${namespace}&from=${fromMs - bucketMs}&to=${toMs}`,
  );
  assert.ok(meta.evaluations >= 78);
  assert.deepEqual(
    verdicts.map(({ workload }) => workload).toSorted(),
    scenarios.map(({ scenario }) => scenario).toSorted(),
  );
  for (const { scenario, expect, leak } of scenarios) {
    const signal = expect.signal === 'inuse' ? 'heap' : expect.signal;
    const found = events.filter((event) => event.workload === scenario && event.signal === signal);
    const hours = found.map(({ openedMs }) => (openedMs - fromMs) / hour);
    t.diagnostic(
      `${scenario}: ${found.map(({ tier }, i) => `${tier} after ${hours[i]?.toFixed(1)} h`).join(', ') || 'nothing'}`,
    );
    if (expect.verdict === 'none') {
      assert.ok(
        hours.every((after) => after <= (expect.tolerated_until_hours ?? 0)),
        scenario,
      );
      assert.ok(
        found.every(({ tier }) => tier !== 'likely'),
        scenario,
      );
    }
    if (expect.verdict !== 'leak') continue;
    const [first] = found;
    assert.ok(first && (hours[0] ?? 0) >= (expect.quiet_until_hours ?? 0), scenario);
    assert.ok((hours[0] ?? Infinity) <= (expect.fire_by_hours ?? 0), scenario);
    if (signal === 'heap') assert.equal(first.verdict.functions[0]?.function, leak?.functions[0], scenario);
    assert.deepEqual(
      first.verdict.pods,
      leak?.pods.map((pod) => `${scenario}-${pod}`),
      scenario,
    );
  }

  const linear = events.find(({ workload }) => workload === 'leak-linear') ?? assert.fail();
  await judgedAt(daemon, linear.openedMs, fromMs);
  await diffNames(daemon, linear.links.diff);
  await liveIsUntouched(daemon, linear.openedMs);

  const { code, stdout, stderr } = await flameherd([
    'growth',
    'backtest',
    '-n',
    namespace,
    '-w',
    'leak-linear',
    '--last',
    '15h',
    '--server',
    daemon.url,
  ]);
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /imported deployment\/leak-linear \(app\) +heap +main\.\(\*auditTrail\)\.record +\+1\d(\.\d)? MiB\/h/,
  );
});

/** `at=T` says nothing too early, and names the function from the moment on at which it is found. */
async function judgedAt(daemon: Daemon, openedMs: number, fromMs: number): Promise<void> {
  const at = async (ms: number) => {
    const path = `/api/v1/growth?namespace=${namespace}&workload=leak-linear&at=${ms}`;
    const { verdicts } = await daemon.getJson<Answer>(path);
    return verdicts[0]?.signals.find(({ signal }) => signal === 'heap');
  };
  const found = await at(openedMs);
  assert.deepEqual([found?.tier, found?.functions[0]?.function], ['suspected', 'main.(*auditTrail).record']);
  const early = await at(openedMs - bucketMs);
  assert.equal(early?.tier, null);
  assert.ok(early.whyNot, 'why not yet');
  const before = await daemon.getJson<Answer>(`/api/v1/growth?namespace=${namespace}&at=${fromMs - 3 * hour}`);
  assert.ok(before.verdicts.every(({ tier }) => tier === null));
  assert.match(before.meta.hint ?? '', /nothing is stored of what was asked for at that time/);
}

/** The diff that the event links to says which function it is. */
async function diffNames(daemon: Daemon, link: string): Promise<void> {
  const response = await fetch(new URL(link, daemon.url));
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.match(text, /main\.\(\*auditTrail\)\.record/);
}

/** Nothing that was imported is judged as live, opens an event or is in the metrics. */
async function liveIsUntouched(daemon: Daemon, openedMs: number): Promise<void> {
  const { verdicts, events } = await daemon.getJson<Answer>(`/api/v1/growth?from=${openedMs - hour}`);
  assert.deepEqual([verdicts.filter(({ tier }) => tier !== null), events], [[], []]);
  const metrics = await (await fetch(`${daemon.opsUrl}/metrics`)).text();
  assert.deepEqual(
    metrics.split('\n').filter((line) => line.includes(namespace)),
    [],
  );
}

/** Gives the stamp of the last profile. */
async function importRecording(daemon: Daemon, { scenario, processes }: Scenario, fromMs: number): Promise<number> {
  const pods = new Set(processes.map(({ pod }) => pod));
  let lastMs = 0;
  for (const name of pods) {
    const scrapes = Buffer.from(corpusFile('growth', 'recorded', scenario, `scrapes-${name}.ndjson`))
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Scrape);
    const firstMs = scrapes[0]?.unix_ms ?? 0;
    for (const { pod, incarnation, unix_ms: ms, started_unix_ms: startedMs, files } of scrapes) {
      lastMs = fromMs + (ms - firstMs) * playbackScale;
      for (const [kind, file] of Object.entries(files)) {
        const parameters = new URLSearchParams({
          namespace,
          workload: scenario,
          workload_kind: 'Deployment',
          container: 'app',
          pod: `${scenario}-${pod}`,
          revision: 'r1',
          process: `${scenario}/${pod}/${incarnation}`,
          started: String(fromMs + (startedMs - firstMs) * playbackScale),
          interval: '10m',
          time: String(lastMs),
          kind,
        });
        await upload(daemon.url, parameters, corpusFile('growth', 'recorded', scenario, file));
      }
    }
  }
  return lastMs;
}
