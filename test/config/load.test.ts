import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEnvironment } from '../../src/config/environment.ts';
import { parseConfigText } from '../../src/config/file.ts';
import { configOf, loadConfig } from '../../src/config/load.ts';
import { FlameherdError } from '../../src/model/errors.ts';

const faultOf = (yaml: string): string => {
  try {
    configOf([parseConfigText(yaml, 'bad.yml')]);
  } catch (error) {
    assert.ok(error instanceof FlameherdError);
    assert.equal(error.code, 'bad_config');
    return error.message;
  }
  throw new assert.AssertionError({ message: `accepted: ${yaml}` });
};

test('without file, environment and flags the defaults are in force, parsed', () => {
  const { config } = configOf([]);
  assert.deepEqual(config.http.listen, { host: '127.0.0.1', port: 4280 });
  assert.equal(config.http.opsListen, null);
  assert.equal(config.scrape.interval, 60_000);
  assert.equal(config.storage.maxBytes, 20 * 2 ** 30);
  assert.ok(config.discovery.pathPattern.test('/debug/pprof'));
});

test('flags win over the environment, the environment over the file, the file over defaults', async (t) => {
  const { mkdtemp, rm, writeFile } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const folder = await mkdtemp(`${tmpdir()}/flameherd-config-`);
  t.after(() => rm(folder, { recursive: true }));
  const file = `${folder}/config.yml`;
  await writeFile(file, 'scrape: { interval: 10s, cpuSeconds: 5, concurrency: 7 }\n');
  const environment = { FLAMEHERD_SCRAPE_INTERVAL: '20s', FLAMEHERD_SCRAPE_CPU_SECONDS: '6' };
  const { config, warnings } = await loadConfig(file, environment, { 'scrape.interval': '30s' });
  assert.equal(config.scrape.interval, 30_000);
  assert.equal(config.scrape.cpuSeconds, 6);
  assert.equal(config.scrape.concurrency, 7);
  assert.equal(config.scrape.firstPerSecond, 20);
  assert.deepEqual(warnings, [
    'scrape.interval: FLAMEHERD_SCRAPE_INTERVAL of the environment wins over the file',
    'scrape.cpuSeconds: FLAMEHERD_SCRAPE_CPU_SECONDS of the environment wins over the file',
  ]);
});

const bad: [yaml: string, message: RegExp][] = [
  ['scrap: {}', /^scrap: unknown key, did you mean scrape\? Allowed: data, http, auth/],
  [
    'scrape: { intervall: 5s }',
    /^scrape\.intervall: unknown key, did you mean interval\? Allowed in scrape: interval, cpuSeconds/,
  ],
  ['scrape: { interval: 5 }', /^scrape\.interval: 5 is not a duration such as 500ms, 90s/],
  ['scrape: { interval: soon }', /^scrape\.interval: "soon" is not a duration/],
  ['scrape: { cpuSeconds: 61 }', /^scrape\.cpuSeconds: 61 is not a whole number from 1 to 60$/],
  ['scrape: { self: maybe }', /^scrape\.self: "maybe" is not true or false$/],
  ['scrape: fast', /^scrape: "fast" is not a section with interval, /],
  ['http: { listen: "4280" }', /^http\.listen: "4280" is not HOST:PORT such as/],
  ['http: { listen: "127.0.0.1:70000" }', /is not HOST:PORT/],
  ['auth: { mode: oidc }', /^auth\.mode: "oidc" is not one of none, token, kubernetes, header$/],
  ['storage: { maxBytes: lots }', /^storage\.maxBytes: "lots" is not a size such as 512MiB/],
  [
    'storage: { rollup1h: 6d }',
    /^storage\.rollup1h: 6d is shorter than 7d, storage\.retention: sums outlive what they are made of$/,
  ],
  ['storage: { retention: 40d, rollup1h: 60d, rollup1d: 50d }', /^storage\.rollup1d: 50d is shorter than 60d, storage/],
  ['transports: { ephemeral: { enabled: true } }', /^transports\.ephemeral\.image: is missing: build it/],
  [
    'transports: { ephemeral: { enabled: true, image: BAD//x } }',
    /^transports\.ephemeral\.image: image "BAD\/\/x" does not begin with a registry/,
  ],
  [
    'transports: { ephemeral: { enabled: true, image: "localhost/flameherd-sidecar:lab" } }',
    /^transports\.ephemeral\.image: "localhost\/flameherd-sidecar:lab" has no digest, .*allowUnpinned/,
  ],
  [
    'transports: { ephemeral: { enabled: true, allowUnpinned: true, image: localhost/x, namespaceLabel: "a b" } }',
    /^transports\.ephemeral\.namespaceLabel: "a b" is not KEY=VALUE of a label$/,
  ],
  [
    'transports: { ephemeral: { enabled: true, allowUnpinned: true, image: localhost/x, idleTtl: 1m } }',
    /^transports\.ephemeral\.idleTtl: 1m is shorter than 3m/,
  ],
  [
    'scrape: { tls: [{ namespace: shop }] }',
    /^scrape\.tls\.0\.serviceAccount: is missing: an entry is for the pods of one namespace and ServiceAccount$/,
  ],
  [
    'scrape: { tls: [{ namespace: shop, serviceAccount: a, certFile: c.pem }] }',
    /^scrape\.tls\.0: certFile and keyFile go together$/,
  ],
  [
    'scrape: { auth: [{ namespace: shop, serviceAccount: a, bearerFile: t, username: u, passwordFile: p }] }',
    /^scrape\.auth\.0: takes either bearerFile, or username and passwordFile$/,
  ],
  ['scrape: { auth: [{ namespace: shop, serviceAccount: a, username: u }] }', /^scrape\.auth\.0: takes either/],
  ['scrape: { auth: [{ namespace: shop, serviceAccount: a, token: t }] }', /^scrape\.auth\.0\.token: unknown key/],
  ['storage: { retention: 1h }', /^storage\.retention: 1h is shorter than 3h, the least/],
  ['growth: { bucket: 500ms }', /^growth\.bucket: 500ms is shorter than 1s, the least: profiles come no faster/],
  ['growth: { bucket: 2h, retention: 365d }', /^growth\.bucket: 2h is longer than 1h, the most/],
  [
    'growth: { retention: 7d }',
    /^growth\.retention: 7d is shorter than 8d, the least: .*1152 buckets \(growth\.bucket\)$/,
  ],
  ['growth: { minAge: 40d }', /^growth\.minAge: 40d is longer than 35d, growth\.retention/],
  [
    'growth: { webhook: { url: "alertmanager:9093" } }',
    /^growth\.webhook\.url: "alertmanager:9093" is no URL: such as http:/,
  ],
  [
    'growth: { webhook: { url: "https://ops:hunter2@alertmanager:9093" } }',
    /^growth\.webhook\.url: may hold no user or password: put the Authorization header into growth\.webhook\.authorizationFile$/,
  ],
  [
    'growth: { webhook: { url: "https://alertmanager:9093/?token=hunter2" } }',
    /^growth\.webhook\.url: may hold no \? and no #: \/api\/v2\/alerts is put behind it$/,
  ],
  ['growth: { webhook: { authorizationFile: /token } }', /^growth\.webhook\.authorizationFile: is of no use without/],
  [`growth: { deny: ['{workload=~"("}'] }`, /^growth\.deny: ".*": query: "\(" is no RE2 expression: .*: such as \{/],
  ["growth: { deny: ['{}'] }", /^growth\.deny: "\{\}": .*it would deny everything/],
  ['discovery: { deny: [bank] }', /^discovery\.deny: "bank": .*opening \{/],
  ['discovery: { pathPattern: "(" }', /^discovery\.pathPattern: "\(" is not a regular expression$/],
  ['discovery: { deny: all }', /^discovery\.deny: "all" is not a list of texts$/],
  ['targets: [{ adress: x }]', /^targets\.0\.adress: unknown key/],
  ['externalLabels: { cluster: 7 }', /^externalLabels\.cluster: 7 is not a text$/],
  ['- a\n- b', /is not a configuration of KEY: VALUE lines/],
  ['a: [', /^bad\.yml: .* at line 1/s],
  ['scrape:\n  interval: 5s\n  interval: 6s', /^bad\.yml: .*unique/s],
];

for (const [yaml, message] of bad) {
  test(`refused by name: ${yaml.replaceAll('\n', ' ')}`, () => assert.match(faultOf(yaml), message));
}

test('every fault is told at once, one a line', () => {
  const lines = faultOf('scrape: { interval: soon, cpuSeconds: 0 }\nlog: { level: loud }').split('\n');
  assert.deepEqual(
    lines.map((line) => line.split(':')[0]),
    ['scrape.interval', 'scrape.cpuSeconds', 'log.level'],
  );
});

test('the environment reads lists, labels and targets, and leaves the variables of a Service alone', () => {
  const { values, warnings } = readEnvironment({
    FLAMEHERD_SCRAPE_PROFILES: 'cpu, heap',
    FLAMEHERD_EXTERNAL_LABELS: 'cluster=eu,tier=1',
    FLAMEHERD_TARGETS: 'shop=http://127.0.0.1:6060,http://10.0.0.1:6060/x=y',
    FLAMEHERD_PORT_4280_TCP_ADDR: '10.0.0.1',
    FLAMEHERD_SERVICE_HOST: '10.0.0.1',
    FLAMEHERD_SCRAPE_INTERVALL: '5s',
    HOME: '/root',
  });
  assert.deepEqual(values, {
    'scrape.profiles': ['cpu', 'heap'],
    externalLabels: { cluster: 'eu', tier: '1' },
    targets: [{ name: 'shop', url: 'http://127.0.0.1:6060' }, { url: 'http://10.0.0.1:6060/x=y' }],
  });
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0] ?? '',
    /FLAMEHERD_SCRAPE_INTERVALL names no key .* did you mean FLAMEHERD_SCRAPE_INTERVAL\?/,
  );
});
