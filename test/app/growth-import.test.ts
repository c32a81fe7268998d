import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upload } from '../support/app-uploads.ts';
import { corpusFile, corpusJson, noCorpus } from '../support/corpus.ts';
import { readExposition } from '../support/counter-watch.ts';
import { type Daemon, eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';
import type { EventAnswer, GrowthAnswer } from '../support/growth-answers.ts';
import { serveSynthetic, syntheticPrograms } from '../support/growth-targets.ts';

/** Recorded every 10 s; one second apart here, and judged on a grid of seconds. */
const intervalMs = 1000;
const scenario = 'leak-linear';

interface Line {
  readonly pod: string;
  readonly files: Readonly<Record<string, string>>;
}

interface Truth {
  readonly scenarios: readonly {
    readonly scenario: string;
    readonly leak: { readonly functions: readonly string[] };
  }[];
}

interface Backtest {
  readonly events: readonly EventAnswer[];
  readonly meta: { readonly evaluations: number };
}

test('a leak of yesterday that is uploaded moves no metric and opens no event, and a back-test finds it', {
  skip: noCorpus,
}, async (t) => {
  await using live = await serveSynthetic(syntheticPrograms(1));
  const daemon = await startDaemon(
    await temporaryFolder(t),
    ['--no-self', '--interval', '1s', '--target', `live=${live.url}/steady-0/debug/pprof`],
    { FLAMEHERD_GROWTH_BUCKET: '1s', FLAMEHERD_SCRAPE_PROFILES: 'heap' },
  );
  t.after(() => daemon.kill());
  const fromMs = Math.floor(Date.now() / 1000 - 86_400) * 1000;
  const toMs = await importScenario(daemon, fromMs);

  // A bucket that ended after the last upload has been judged.
  const judgedMs = Date.now() + 2000;
  await eventually(
    async () => ((await metrics(daemon)).get('flameherd_growth_evaluated_timestamp_seconds{}') ?? 0) * 1000 > judgedMs,
    20_000,
    'evaluation after the upload',
  );
  const series = [...(await metrics(daemon)).keys()];
  assert.deepEqual(
    series.filter((name) => name.includes('"imported"')),
    [],
  );
  assert.ok(series.some((name) => name.startsWith('flameherd_heap_inuse_bytes{') && name.includes('"live"')));
  const { events, verdicts } = await daemon.getJson<GrowthAnswer>('/api/v1/growth?from=now-7d');
  assert.deepEqual(events, []);
  assert.deepEqual(
    verdicts.map(({ workload }) => workload),
    ['live'],
  );

  const backtest = await daemon.getJson<Backtest>(
    `/api/v1/growth/backtest?namespace=imported&from=${fromMs}&to=${toMs + intervalMs}`,
  );
  const { scenarios } = corpusJson('growth', 'recorded', 'truth.json') as Truth;
  const leaking = scenarios.find((each) => each.scenario === scenario)?.leak.functions ?? [];
  t.diagnostic(JSON.stringify(backtest.events.map(({ tier, openedMs }) => ({ tier, after: openedMs - fromMs }))));
  assert.equal(backtest.events.length, 1);
  assert.ok(leaking.includes(backtest.events[0]?.verdict.functions[0]?.function ?? ''));
  assert.ok(backtest.meta.evaluations > 36);
});

/** Gives the stamp of the last profile. */
async function importScenario(daemon: Daemon, fromMs: number): Promise<number> {
  const lines = Buffer.from(corpusFile('growth', 'recorded', scenario, 'scrapes-pod-0.ndjson'))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  let timeMs = fromMs;
  for (const [index, { pod, files }] of lines.entries()) {
    timeMs = fromMs + index * intervalMs;
    const parameters = new URLSearchParams({
      namespace: 'imported',
      workload: 'app',
      workload_kind: 'Deployment',
      container: 'app',
      pod,
      revision: 'v1',
      process: pod,
      started: String(fromMs - intervalMs),
      interval: `${intervalMs}ms`,
      time: String(timeMs),
      kind: 'heap',
    });
    await upload(daemon.url, parameters, corpusFile('growth', 'recorded', scenario, files['heap'] ?? ''));
  }
  return timeMs;
}

async function metrics(daemon: Daemon): Promise<ReadonlyMap<string, number>> {
  return readExposition(await (await fetch(`${daemon.opsUrl}/metrics`)).text()).values;
}
