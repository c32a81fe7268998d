import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { flameherd } from '../support/app-command.ts';
import { bindsOf, readCompose } from '../support/compose.ts';
import { prometheusTools } from '../support/promtool.ts';

const repository = resolve(import.meta.dirname, '../..');
const demo = join(repository, 'deploy/demo');
const config = join(demo, 'flameherd.yml');
const compose = readCompose('docker-compose.yml');
const baseUrl = 'http://127.0.0.1:4280';
const tools = await prometheusTools();

/** What a container finds at a path of its own. */
function mounted(service: string, path: string): string {
  const settings = compose.services[service];
  assert.ok(settings, service);
  const bind = bindsOf(compose, settings).find(({ target }) => path === target || path.startsWith(`${target}/`));
  assert.ok(bind, `${service} has no file of ours at ${path}`);
  return join(bind.source, path.slice(bind.target.length));
}

const yamlOf = (file: string): unknown => parse(readFileSync(file, 'utf8'));
/** `http://SERVICE:PORT` of a service that listens there by its environment. */
const addressOf = (service: string, variable: string): string =>
  `${service}:${compose.services[service]?.environment?.[variable]?.split(':')[1]}`;

test('the daemon of the demo takes its configuration whole, and profiles what the shop serves', async () => {
  const { environment = {} } = compose.services['flameherd'] ?? {};
  assert.equal(mounted('flameherd', environment['FLAMEHERD_CONFIG'] ?? ''), config);
  const given = Object.entries(environment).filter(([, value]) => value !== null) as [string, string][];
  const { config: loaded, warnings } = await loadConfig(config, Object.fromEntries(given));
  assert.deepEqual(warnings, []);
  const profiled = loaded.targets.map(({ name, url, profiles }) => [name, url, profiles.join()]);
  const expected = ['checkout', 'search'].flatMap((name) => {
    const url = `http://${addressOf(name, 'SHOP_LISTEN')}`;
    return [
      [name, url, 'heap'],
      [name, `${url}/debug/pprof`, 'cpu'],
    ];
  });
  assert.deepEqual(profiled, expected);
});

test('each part of the shop is the service that it is named after', () => {
  for (const name of ['checkout', 'search']) {
    const { entrypoint = [], environment = {} } = compose.services[name] ?? {};
    assert.equal(environment['SHOP_SERVICE'], name);
    assert.equal(mounted(name, entrypoint.at(-1) ?? ''), join(demo, 'shop/main.ts'));
  }
});

test('the rules of the demo are what flameherd rules print gives for its configuration', async () => {
  const { code, stdout, stderr } = await flameherd(['rules', 'print', '--config', config, '--base-url', baseUrl]);
  assert.equal(code, 0, stderr);
  const file = join(demo, 'prometheus/rules.yml');
  if (process.env['UPDATE_GOLDEN']) writeFileSync(file, stdout);
  else assert.ok(stdout === readFileSync(file, 'utf8'), `${file}: run npm run test:update and read the difference`);
});

test('Prometheus scrapes the daemon under the job of the rules, and keeps our labels', () => {
  interface Settings {
    readonly scrape_configs: readonly object[];
  }
  const { scrape_configs } = yamlOf(mounted('prometheus', '/etc/prometheus/prometheus.yml')) as Settings;
  const targets = [addressOf('flameherd', 'FLAMEHERD_HTTP_OPS_LISTEN')];
  assert.deepEqual(scrape_configs, [{ job_name: 'flameherd', honor_labels: true, static_configs: [{ targets }] }]);
});

test('promtool takes the configuration of Prometheus with its rules', { skip: tools.skip }, () => {
  assert.ok(tools.kind === 'found');
  const file = mounted('prometheus', '/etc/prometheus/prometheus.yml');
  const { status, stdout, stderr } = spawnSync(tools.promtool, ['check', 'config', file], { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /SUCCESS: \d+ rules found/);
});

test('Grafana opens with our dashboard over the Prometheus of the demo, and everybody may look', async () => {
  interface Sources {
    readonly datasources: readonly { type: string; url: string; isDefault: boolean; editable: boolean }[];
  }
  interface Providers {
    readonly providers: readonly { options: { path: string } }[];
  }
  interface Dashboard {
    readonly templating: { readonly list: readonly { name: string; type: string; query: string }[] };
  }
  const provisioning = '/etc/grafana/provisioning';
  const [source] = (yamlOf(mounted('grafana', `${provisioning}/datasources/prometheus.yml`)) as Sources).datasources;
  const [port] = compose.services['prometheus']?.ports ?? [];
  assert.equal(source?.url, `http://prometheus:${port?.split(':')[2]}`);
  const [provider] = (yamlOf(mounted('grafana', `${provisioning}/dashboards/flameherd.yml`)) as Providers).providers;
  const environment = compose.services['grafana']?.environment ?? {};
  const home = environment['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'] ?? '';
  assert.ok(home.startsWith(`${provider?.options.path}/`));
  assert.equal(environment['GF_AUTH_ANONYMOUS_ORG_ROLE'], 'Viewer');

  const text = readFileSync(mounted('grafana', home), 'utf8');
  const { templating } = JSON.parse(text) as Dashboard;
  const chosen = templating.list.find(({ name }) => name === 'datasource');
  // Without a value of its own the variable is the default source of its type.
  assert.deepEqual([chosen?.type, chosen?.query], ['datasource', source?.type]);
  assert.equal(source?.isDefault, true);
  const printed = await flameherd(['rules', 'dashboard', '--config', config, '--base-url', baseUrl]);
  assert.equal(printed.stdout, text);
});
