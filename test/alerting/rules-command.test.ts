import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { PrometheusRule, RulesFile } from '../../src/alerting/rules-file.ts';
import { flameherd } from '../support/app-command.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { prometheusTools, runPromtool } from '../support/promtool.ts';

const tools = await prometheusTools();

const committed: readonly [file: string, args: readonly string[]][] = [
  ['deploy/prometheus/rules.yaml', ['rules', 'print']],
  ['deploy/prometheus/prometheusrule.yaml', ['rules', 'print', '--format', 'prometheusrule']],
  ['deploy/grafana/flameherd.json', ['rules', 'dashboard']],
];

for (const [file, args] of committed) {
  test(`${file} is what flameherd ${args.join(' ')} prints`, async () => {
    const { code, stdout, stderr } = await flameherd(args);
    assert.equal(code, 0, stderr);
    const url = new URL(`../../${file}`, import.meta.url);
    if (process.env['UPDATE_GOLDEN']) writeFileSync(url, stdout);
    else assert.equal(stdout, readFileSync(url, 'utf8'), `${file}: run npm run test:update and read the difference`);
  });
}

test('rules follow the configuration file, and flags say how Prometheus sees it', { skip: tools.skip }, async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'flameherd.yml');
  await writeFile(
    file,
    'scrape: { interval: 3m }\ngrowth: { bucket: 10s, retention: 1d }\nhttp: { externalUrl: "https://flames.example.com/x/" }\n',
  );
  const flags = ['--job', 'team/flames', '--namespace-label', 'exported_namespace', '--config', file];
  const { code, stdout, stderr } = await flameherd(['rules', 'print', ...flags]);
  assert.equal(code, 0, stderr);
  const rules = parse(stdout) as RulesFile;
  const { status, text } = runPromtool(tools, ['check', 'rules'], { 'rules.yml': rules });
  assert.equal(status, 0, text);
  const [growth] = rules.groups;
  assert.equal(growth?.interval, '5s');
  const [suspected] = growth?.rules ?? [];
  assert.ok(suspected && 'alert' in suspected);
  assert.equal(suspected.for, '15s');
  assert.match(suspected.expr, /^max by \(exported_namespace, workload_kind, workload, exported_container\)/);
  assert.match(suspected.annotations['growth_url'] ?? '', /^https:\/\/flames\.example\.com\/x\/growth\?/);
  assert.equal(
    suspected.annotations['runbook_url'],
    'https://flames.example.com/x/runbooks/FlameherdHeapGrowthSuspected',
  );
  assert.match(stdout, /rate12m/);
  assert.match(stdout, /absent\(up\{job="team\/flames"\}\)/);
});

test('the object of the operator holds the rules of the file', async () => {
  const [file, object] = await Promise.all([
    flameherd(['rules', 'print']),
    flameherd(['rules', 'print', '--format', 'prometheusrule']),
  ]);
  const { kind, metadata, spec } = parse(object.stdout) as PrometheusRule;
  assert.deepEqual([kind, metadata.name], ['PrometheusRule', 'flameherd']);
  assert.deepEqual(spec, parse(file.stdout));
});

const refused: readonly [args: readonly string[], message: RegExp][] = [
  [['--format', 'json'], /--format: "json" is not one of rules, prometheusrule/],
  [['--base-url', 'flameherd.example.com'], /--base-url: "flameherd\.example\.com" is not the beginning of a URL/],
  [['--base-url', 'https://x/{{ $labels.job }}'], /is not the beginning of a URL/],
  [['--runbooks', 'ftp://x'], /--runbooks: "ftp:\/\/x" is not the beginning of a URL/],
  [['--namespace-label', 'a-b'], /--namespace-label: "a-b" is not the name of a label/],
  [['--container-label', ''], /--container-label: "" is not the name of a label/],
  [['--job', ''], /--job: "" is not the name of a scrape job/],
  [['--job', '{{ x }}'], /is not the name of a scrape job/],
];
for (const [args, message] of refused) {
  test(`flameherd rules print ${args.join(' ')} says what is allowed`, async () => {
    const { code, stdout, stderr } = await flameherd(['rules', 'print', ...args]);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, message);
  });
}
