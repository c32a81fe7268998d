import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { flameherd } from '../../support/app-command.ts';
import { eventually, temporaryFolder } from '../../support/daemon.ts';
import { isUp, startCollector } from '../../support/e2e-collector.ts';
import { goPprof } from '../../support/go-pprof.ts';
import {
  asJson,
  type EventAnswer,
  type GrowthAnswer,
  growthOf,
  printedRules,
  signalOf,
} from '../../support/growth-answers.ts';
import { deployment, kubectl, kubectlApply, rolledOut, temporaryNamespace } from '../../support/kubectl.ts';
import { type Alert, startPrometheus } from '../../support/prometheus.ts';

/**
 * What the detector takes days for, in minutes: its spans are multiples of `growth.bucket`. At 3 s a finding takes 36 buckets,
 * 1 min 48 s, and one that is likely 144, 7 min 12 s. Samples of 16 KiB make the least growth that counts 1 MiB.
 */
const demonstration = { FLAMEHERD_GROWTH_BUCKET: '3s', FLAMEHERD_SCRAPE_INTERVAL: '1s' };
const image = process.env['E2E_HEAP_IMAGE'] ?? 'localhost/flameherd-heap:lab';
const kept = 256 << 10;
const leakingFunction = 'main.(*service).keepSessions';
const minute = 60_000;
/** Of what waits for an alert. */
const patient = { timeout: 11 * minute };

/** By name: what the alerts about each must be. */
const workloads = {
  leaky: ['-mode=leak', `-keep=${kept}`],
  steady: ['-mode=steady'],
  // So few that what the runtime keeps of each of them stays below what counts as growth of the heap.
  waiting: ['-mode=goroutines', '-goroutines=3'],
  busier: ['-mode=allocs', '-after=150s', '-factor=2'],
  released: ['-mode=steady'],
};
/** What is known of a process after the detector's 18 h: 108 buckets, and some that are late. */
const knownAfterMs = 115 * 3000;

test('a real Prometheus with the shipped rules', { timeout: 14 * minute }, async (t) => {
  const namespace = await temporaryNamespace(t, 'growth');
  const apply = async (name: string, args: readonly string[]): Promise<void> => {
    await kubectlApply(
      deployment({
        namespace,
        name,
        image,
        args: [...args, '-mem-profile-rate=16384'],
        ports: [{ name: 'pprof', containerPort: 6060 }],
        annotations: { 'flameherd.dev/scrape': 'true' },
        // Two, so that its roll-out replaces one pod after the other.
        replicas: name === 'steady' ? 2 : 1,
      }),
    );
    await rolledOut(namespace, name);
  };
  for (const [name, args] of Object.entries(workloads)) await apply(name, args);
  const collector = await startCollector(t, {
    namespaces: [namespace],
    flags: ['--interval', demonstration.FLAMEHERD_SCRAPE_INTERVAL],
    env: { ...demonstration, FLAMEHERD_SCRAPE_PROFILES: 'heap,goroutine' },
  });
  const { daemon } = collector;
  const startedMs = Date.now();
  await eventually(
    async () => {
      const targets = await collector.targets({ namespace });
      return targets.length === 6 && targets.every(isUp);
    },
    30_000,
    'six targets that are up',
  );
  const rules = await printedRules(daemon.url, demonstration);
  await using prometheus = await startPrometheus({ targets: [new URL(daemon.opsUrl).host], rules: [rules] });

  const firing = (name: string, workload: string): Promise<Alert> =>
    eventually(
      async () => {
        const alerts = await prometheus.alerts();
        return alerts.find(
          (alert) => alert.name === name && alert.state === 'firing' && alert.labels['workload'] === workload,
        );
      },
      startedMs + 10 * minute - Date.now(),
      `${name} that fires for ${workload}`,
    ).then((alert) => {
      t.diagnostic(`${name} fires for ${workload} after ${Math.round((Date.now() - startedMs) / 1000)} s`);
      return alert;
    });

  await t.test('the leak fires, and the link in the alert names the function that leaks', patient, async () => {
    const alert = await firing('FlameherdHeapGrowthSuspected', 'leaky');
    assert.deepEqual(
      ['namespace', 'workload_kind', 'workload', 'container', 'severity'].map((label) => alert.labels[label]),
      [namespace, 'Deployment', 'leaky', 'app', 'info'],
    );
    const url = alert.annotations['growth_url'] ?? '';
    t.diagnostic(`${alert.annotations['description']} ${url}`);
    assert.match(alert.annotations['description'] ?? '', /no baseline yet/);
    const { verdicts } = await asJson<GrowthAnswer>(url);
    assert.deepEqual(
      verdicts.map(({ workload }) => workload),
      ['leaky'],
    );
    const [first] = verdicts[0]?.signals.find(({ signal }) => signal === 'heap')?.functions ?? [];
    assert.equal(first?.function, leakingFunction);
    assert.ok(Math.abs((first?.perSecond ?? 0) / kept - 1) < 0.4, `${first?.perSecond} of ${kept} bytes a second`);
    const page = await (await fetch(url, { headers: { accept: 'text/html' } })).text();
    assert.ok(page.includes(leakingFunction), page);
  });

  await kubectl('-n', namespace, 'rollout', 'restart', 'deployment/steady');
  await rolledOut(namespace, 'steady');

  await t.test('its event has a page, and profiles whose difference is the leak', async () => {
    const [event] = (await growthOf(daemon, namespace)).events.filter(({ workload }) => workload === 'leaky');
    const { profiles, links } = await eventually(
      async () => {
        const found = await asJson<EventAnswer>(`${daemon.url}/a/${event?.id}`);
        return found.profiles?.base ? found : undefined;
      },
      minute,
      'event with both profiles',
    );
    t.diagnostic(JSON.stringify(profiles));
    const folder = await temporaryFolder(t);
    const files = [links.baseProfile, links.compareProfile].map(async (link, index) => {
      const bytes = await (await fetch(`${daemon.url}${link}`)).arrayBuffer();
      await writeFile(`${folder}/${index}.pb.gz`, Buffer.from(bytes));
      return `${folder}/${index}.pb.gz`;
    });
    const [base = '', compare = ''] = await Promise.all(files);
    const top = await goPprof(['-top', '-sample_index=inuse_space', '-diff_base', base, compare]);
    assert.equal(top.exitCode, 0, top.stderr);
    const [row = ''] = top.stdout
      .toString()
      .split('\n')
      .filter((line) => /^\s*-?[\d.]+(B|kB|MB) /.test(line));
    assert.ok(row.includes(leakingFunction), top.stdout.toString());
  });

  await t.test('flameherd growth says so in a terminal', async () => {
    const { code, stdout, stderr } = await flameherd(['growth', '--server', daemon.url]);
    t.diagnostic(stdout);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /leaky/);
    assert.ok(stdout.includes(leakingFunction), stdout);
  });

  await t.test('goroutines that never end fire', patient, async () => {
    await firing('FlameherdGoroutineGrowth', 'waiting');
  });

  await t.test('a service that allocates twice as much as before fires', patient, async () => {
    await firing('FlameherdAllocationRateRegression', 'busier');
  });

  await t.test('a release that leaks is compared with the one before, and named', patient, async () => {
    await delay(Math.max(0, startedMs + knownAfterMs - Date.now()));
    await apply('released', workloads.leaky);
    const alert = await firing('FlameherdHeapGrowthSuspected', 'released');
    t.diagnostic(alert.annotations['description'] ?? '');
    assert.doesNotMatch(alert.annotations['description'] ?? '', /no baseline/);
    const { events } = await asJson<GrowthAnswer>(alert.annotations['growth_url'] ?? '');
    const pods = await kubectl('-n', namespace, 'get', 'pods', '-l', 'app.kubernetes.io/name=released', '-o', 'name');
    const [event] = events;
    assert.equal(event?.verdict.functions[0]?.function, leakingFunction);
    assert.match(event?.verdict.baseline?.kind ?? '', /^(plateau|yesterday)$/);
    assert.ok(pods.includes(`released-${event?.revision}-`), `${event?.revision}: ${pods}`);
  });

  await t.test('the leak is likely within ten minutes', patient, async () => {
    const alert = await firing('FlameherdMemoryLeakLikely', 'leaky');
    assert.equal(alert.labels['severity'], 'warning');
    const { verdicts } = await asJson<GrowthAnswer>(alert.annotations['growth_url'] ?? '');
    assert.equal(verdicts[0]?.tier, 'likely');
  });

  await t.test('a release that mends the leak ends its event and its alerts', patient, async () => {
    await apply('leaky', workloads.steady);
    await eventually(
      async () => (await prometheus.alerts()).every(({ labels }) => labels['workload'] !== 'leaky'),
      3 * minute,
      'end of the alerts',
    );
    const { events } = await growthOf(daemon, namespace);
    assert.deepEqual(
      events.filter(({ workload }) => workload === 'leaky').map(({ tier, state }) => `${tier} ${state}`),
      ['likely resolved'],
    );
  });

  await t.test(
    'the steady service, rolled out meanwhile, never fired; the others not for what they do not',
    async () => {
      const fired = await prometheus.query('count_over_time(ALERTS{alertstate="firing"}[15m])');
      // Goroutines are information until there is a baseline, and a warning from then on: two series of one alert.
      const names = new Set(fired.map(({ labels }) => `${labels['alertname']} ${labels['workload'] ?? ''}`.trim()));
      assert.deepEqual([...names].sort(), [
        'FlameherdAllocationRateRegression busier',
        'FlameherdGoroutineGrowth waiting',
        'FlameherdHeapGrowthSuspected leaky',
        'FlameherdHeapGrowthSuspected released',
        'FlameherdMemoryLeakLikely leaky',
      ]);
      assert.deepEqual(await prometheus.ruleErrors(), {});
      const steady = signalOf(await growthOf(daemon, namespace), 'steady', 'heap');
      t.diagnostic(`steady: ${steady?.whyNot}`);
      assert.equal(steady?.tier, null);
    },
  );
});
