import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Command } from 'commander';
import * as fc from 'fast-check';
import { dashboard } from '../../src/alerting/dashboard.ts';
import { escapeRegex } from '../../src/alerting/expressions.ts';
import { prometheusRule, rulesFile } from '../../src/alerting/rules.ts';
import { alertsOf } from '../../src/alerting/rules-file.ts';
import { type AlertingSettings, spansOf } from '../../src/alerting/settings.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { gateWords } from '../../src/growth/detector/probe.ts';
import { isCi, prometheusTools, runPromtool } from '../support/promtool.ts';
import { storedLabels, variants } from '../support/rule-lab.ts';

const tools = await prometheusTools();
const root = new URL('../../', import.meta.url);
const [usual] = variants;
assert.ok(usual);
const { settings } = usual;
const rules = rulesFile(settings);

test('promtool has nothing against the rules of any variant, interval and bucket', { skip: tools.skip }, () => {
  const drawn = fc.sample(
    fc.record({ bucketMs: fc.integer({ min: 1, max: 3600 }), intervalMs: fc.integer({ min: 1, max: 7200 }) }),
    5,
  );
  const all = variants.flatMap((variant) =>
    drawn.map(({ bucketMs, intervalMs }) =>
      rulesFile({ ...variant.settings, bucketMs: bucketMs * 1000, intervalMs: intervalMs * 1000 }),
    ),
  );
  const files = Object.fromEntries(
    [...variants.map((variant) => rulesFile(variant.settings)), ...all].map((file, i) => [`${i}.yml`, file]),
  );
  const { status, text } = runPromtool(tools, ['check', 'rules'], files);
  assert.equal(status, 0, text);
});

test('promtool sees what is wrong with a rule', { skip: tools.skip }, () => {
  const groups = [{ name: 'g', rules: [{ record: 'a:b:c', expr: 'max by (x (y)' }] }];
  assert.notEqual(runPromtool(tools, ['check', 'rules'], { 'bad.yml': { groups } }).status, 0);
});

test('recording rules bring series of all collectors and pods down to one for each workload', {
  skip: tools.skip,
}, () => {
  const files = variants.flatMap((variant, i) => {
    const mine = rulesFile(variant.settings);
    return [
      [`rules-${i}.part`, mine],
      [`test-${i}.yml`, recordingTest(`rules-${i}.part`, variant)],
    ] as const;
  });
  const { status, text } = runPromtool(tools, ['test', 'rules'], Object.fromEntries(files));
  assert.equal(status, 0, text);
});

function recordingTest(file: string, variant: (typeof variants)[number]) {
  const workload = { namespace: 'shop', workload_kind: 'Deployment', workload: 'checkout', container: 'app' };
  const written = (labels: Readonly<Record<string, string>>) =>
    `{${Object.entries(labels)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(',')}}`;
  const series = (metric: string, values: string, more = {}, collector = 'a') => ({
    series: `flameherd_${metric}${written(storedLabels(variant, { labels: { ...workload, ...more }, collector }))}`,
    values,
  });
  const { job: _, instance: __, endpoint: ___, ...stored } = storedLabels(variant, { labels: workload });
  const names = Object.entries(stored).filter(([, value]) => Object.values<unknown>(workload).includes(value));
  const expected = (name: string, value: number, more = {}) => ({
    expr: `namespace_workload_container${name}`,
    eval_time: '30m',
    exp_samples: [
      { labels: `namespace_workload_container${name}${written({ ...Object.fromEntries(names), ...more })}`, value },
    ],
  });
  const hot = { function_id: '00ff', function: 'main.hot' };
  return {
    rule_files: [file],
    tests: [
      {
        interval: '1m',
        input_series: [
          series('heap_alloc_bytes_total', '0+6000x40'),
          series('heap_alloc_bytes_total', '0+60x40', {}, 'b'),
          series('function_cpu_seconds_total', '0+30x40', hot),
          series('heap_inuse_pod_max_bytes', '250x40'),
          series('container_memory_limit_bytes', '1000x40', {}, 'b'),
          series('heap_growth_bytes_per_second', '0.5x40'),
          series('scrapes_total', '0+4x40', { kind: 'heap' }),
          series('scrapes_total', '0+4x40', { kind: 'cpu' }),
          series('scrape_failures_total', '0+2x40', { kind: 'cpu', reason: 'timeout' }),
        ],
        promql_expr_test: [
          expected(':flameherd_heap_alloc_bytes:rate5m', 100),
          expected('_function:flameherd_function_cpu_seconds:rate5m', 0.5, hot),
          expected(':flameherd_heap_inuse_pod_max_bytes:limit_ratio', 0.25),
          expected(':flameherd_heap_growth_bytes:seconds_to_limit', 1500),
          expected(':flameherd_scrape_failures:ratio_rate5m', 0.25),
        ],
      },
    ],
  };
}

test('spans follow the configured intervals', () => {
  const demo: AlertingSettings = { ...settings, bucketMs: 10_000, intervalMs: 5_000 };
  assert.deepEqual(spansOf(demo), {
    rateMs: 300_000,
    suspectedMs: 15_000,
    suspectedKeepMs: 60_000,
    likelyMs: 30_000,
    likelyKeepMs: 60_000,
    targetsDownMs: 900_000,
    unjudgedMs: 300_000,
    evaluationMs: 5_000,
  });
  assert.equal(rulesFile(demo).groups[0]?.interval, '5s');
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 86_400 }), fc.integer({ min: 1, max: 3_600 }), (interval, bucket) => {
      const spans = spansOf({ ...settings, intervalMs: interval * 1000, bucketMs: bucket * 1000 });
      assert.ok(spans.rateMs >= 4 * interval * 1000);
      assert.ok(spans.likelyMs === 2 * spans.suspectedMs && spans.suspectedMs === 1500 * bucket);
      assert.ok(spans.suspectedKeepMs >= spans.suspectedMs && spans.likelyKeepMs >= spans.likelyMs);
      assert.ok(spans.evaluationMs === undefined || spans.evaluationMs <= bucket * 1000);
    }),
  );
});

test('a heap interval of 5 minutes makes windows in which a missed scrape leaves no hole', () => {
  const text = JSON.stringify(rulesFile({ ...settings, intervalMs: 300_000 }));
  assert.match(text, /rate\(flameherd_heap_alloc_bytes_total\{[^}]*\}\[20m\]\)/);
  assert.match(text, /flameherd_heap_alloc_bytes:rate20m/);
});

test('the name of a job is a plain text in regular expressions, whatever it is made of', () => {
  fc.assert(
    fc.property(fc.string(), (job) => {
      assert.ok(new RegExp(`^(?:${escapeRegex(job)})$`, 's').test(job));
    }),
  );
  assert.ok(!new RegExp(`^(?:${escapeRegex('a.b')})$`).test('a-b'));
});

test('the object of the operator is named after the job and holds the same rules', () => {
  const { metadata, spec } = prometheusRule({ ...settings, job: 'monitoring/Flame_herd' });
  assert.equal(metadata.name, 'monitoring-flame-herd');
  assert.deepEqual(spec, rulesFile({ ...settings, job: 'monitoring/Flame_herd' }));
});

test('every alert has a run-book page of its own that begins with its name, and every page an alert', () => {
  const pages = readdirSync(new URL('docs/runbooks/', root)).sort();
  const names = [...new Set(alertsOf(rules).map(({ alert }) => alert))];
  assert.deepEqual(pages, names.map((name) => `${name}.md`).sort());
  for (const name of names) {
    const page = readFileSync(new URL(`docs/runbooks/${name}.md`, root), 'utf8');
    assert.ok(page.startsWith(`# ${name}\n`), name);
    for (const part of ['What it means', 'How sure it is', 'First look', 'To silence it']) {
      assert.ok(page.includes(`\n## ${part}\n`), `${name} does not say: ${part}`);
    }
    // Commands that follow text without an empty line are part of it, and curl takes braces for its own.
    assert.doesNotMatch(page, /^\S.*\n {4}\S/m, name);
    assert.doesNotMatch(page, /^ +curl (?!.*-g\b).*\{/m, name);
  }
});

test('every alert has a severity, a static summary, a description and where to read on', () => {
  for (const { alert, labels, annotations, for: held } of alertsOf(rules)) {
    assert.ok(['critical', 'warning', 'info'].includes(labels.severity));
    assert.match(annotations['summary'] ?? '', /^[A-Z][^{}]+\.$/, alert);
    assert.match(annotations['description'] ?? '', /\{\{/, alert);
    assert.equal(annotations['runbook_url'], `${settings.runbooks}/${alert}`);
    assert.ok(held !== undefined, `${alert} does not wait`);
  }
});

test('docs/ALERTING.md names every alert with its severity, and no other', () => {
  const page = readFileSync(new URL('docs/ALERTING.md', root), 'utf8');
  const listed = [...page.matchAll(/^\| `(Flameherd\w+)` \| (\w+) \|/gm)].map(([, alert, severity]) => ({
    alert,
    severity,
  }));
  assert.deepEqual(
    listed,
    alertsOf(rules).map(({ alert, labels: { severity } }) => ({ alert, severity })),
  );
});

test('docs/ALERTING.md says of every gate of the detector when it passes', () => {
  const page = readFileSync(new URL('docs/ALERTING.md', root), 'utf8');
  const table = /\| gate \| passes when \|\n([\s\S]*?)\n\n/.exec(page)?.[1] ?? '';
  const listed = table
    .split('\n')
    .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([a-z-]+)`/g)].map(([, name]) => name));
  assert.equal(new Set(listed).size, listed.length);
  assert.deepEqual(new Set(listed), new Set(Object.keys(gateWords)));
});

test('every metric in rules, dashboard and run-books is in docs/METRICS.md', () => {
  const metrics = readFileSync(new URL('docs/METRICS.md', root), 'utf8');
  const pages = readdirSync(new URL('docs/runbooks/', root)).map((name) =>
    readFileSync(new URL(`docs/runbooks/${name}`, root), 'utf8'),
  );
  const queries = alertsOf(rules).flatMap(({ expr, annotations }) => [expr, ...Object.values(annotations)]);
  const recorded = rules.groups.flatMap((group) => group.rules.map(({ expr }) => expr));
  const text = [...queries, ...recorded, JSON.stringify(dashboard(settings)), ...pages].join('\n');
  const used = [...new Set(text.match(/(?<![\w:])flameherd_[a-z_]*[a-z](?![\w:])/g))];
  assert.ok(used.length > 15);
  assert.deepEqual(
    used.filter((name) => !metrics.includes(`| \`${name}\` |`)),
    [],
  );
});

test('CI is what CI systems say', () => {
  assert.deepEqual(['true', '1', 'True', 'false', '0', '', undefined].map(isCi), [
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

test('every flameherd command in run-books and docs/ALERTING.md exists, with its options', () => {
  const program = buildProgram({ write: () => {}, colours: false });
  const files = [
    'docs/ALERTING.md',
    ...readdirSync(new URL('docs/runbooks/', root)).map((name) => `docs/runbooks/${name}`),
  ];
  const lines = files.flatMap((file) =>
    [...readFileSync(new URL(file, root), 'utf8').matchAll(/(?:^ {4}|`)flameherd ([^`\n#|>&]+)/gm)].map(
      ([, line = '']) => line.trim(),
    ),
  );
  assert.ok(lines.length > 20);
  for (const line of lines) {
    let [command, rest]: [Command, string[]] = [program, line.split(/\s+/)];
    for (;;) {
      const found = command.commands.find((one) => one.name() === rest[0]);
      if (!found) break;
      [command, rest] = [found, rest.slice(1)];
    }
    assert.notEqual(command, program, `flameherd ${line}`);
    const known = command.options.flatMap(({ short, long }) => [short, long]);
    const unknown = rest.filter((word) => /^--?[a-z]/.test(word) && !known.includes(word));
    assert.deepEqual(unknown, [], `flameherd ${line}`);
  }
});
