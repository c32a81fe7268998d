import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { chartFolder, goldenFolder, plainPaths, root, valueSets } from '../support/chart.ts';
import { goldenOf } from '../support/chart-golden.ts';
import { plainFiles } from '../support/chart-plain.ts';
import { helmProgram, noHelm, type RenderOptions, rendered } from '../support/helm.ts';

/** What only Helm itself can show; where there is none, hashes tell whether what it made is current. */
const skip = noHelm;
const helm = helmProgram ?? '';
const release = { release: 'flameherd', namespace: 'flameherd' };
const set = (...values: string[]): RenderOptions => ({ args: values.flatMap((value) => ['--set', value]) });

for (const each of valueSets) {
  test(`helm template gives what is kept for ${each.name}`, { skip }, async () => {
    const golden = readFileSync(join(goldenFolder, `${each.name}.yaml`), 'utf8');
    assert.equal(goldenOf(await rendered(helm, each)), golden, 'run npm run deploy:render and read the difference');
  });
}

test('plain YAML is what the chart gives', { skip }, async () => {
  const files = await plainFiles(helm);
  assert.deepEqual(Object.keys(files).sort(), plainPaths());
  for (const [path, text] of Object.entries(files))
    assert.equal(readFileSync(join(root, 'deploy', path), 'utf8'), text, path);
});

test('helm lint finds nothing, and a package holds the rules, the dashboard and the schema', { skip }, () => {
  execFileSync(helm, ['lint', '--strict', '--kube-version', '1.34.0', chartFolder]);
  const folder = mkdtempSync(join(tmpdir(), 'flameherd-package-'));
  try {
    execFileSync(helm, ['package', chartFolder, '--destination', folder]);
    const [archive = ''] = readdirSync(folder);
    const listed = execFileSync('tar', ['tzf', join(folder, archive)], { encoding: 'utf8' });
    for (const file of ['files/rules.yaml', 'files/dashboard.json', 'files/live-keys.txt', 'values.schema.json'])
      assert.match(listed, new RegExp(`^flameherd/${file}$`, 'm'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const sidecar = 'config.transports.ephemeral.image=registry.example.com/x:1';
const refused: readonly [what: string, options: RenderOptions, message: RegExp][] = [
  ['scope namespaces without any', set('rbac.scope=namespaces'), /rbac\.namespaces is empty/],
  ['namespaces with scope cluster', set('rbac.namespaces={shop}'), /of no use with rbac\.scope: cluster/],
  ['port-forward without its right', set('config.transports.portForward.enabled=true'), /set rbac\.portForward=true/],
  ['Events without their right', set('config.growth.kubernetesEvents=true'), /set rbac\.events=true/],
  ['ephemeral without an image', set('rbac.ephemeral=true'), /config\.transports\.ephemeral\.image/],
  ['tokens without their Secret', set('config.auth.mode=token'), /auth\.token\.existingSecret/],
  [
    'a Secret of tokens without the mode',
    set('auth.token.existingSecret=x'),
    /of no use without config\.auth\.mode=token/,
  ],
  ['a proxy without its Secret', set('config.auth.mode=header'), /auth\.header\.existingSecret/],
  ['an open API without authentication', set('config.http.listen=0.0.0.0:4280'), /set config\.auth\.mode/],
  ['an Ingress to 127.0.0.1', set('ingress.enabled=true', 'ingress.host=x.example.com'), /listens on 127\.0\.0\.1/],
  ['an Ingress without a host', set('config.auth.mode=kubernetes', 'ingress.enabled=true'), /ingress\.host is missing/],
  ['another folder of data', set('config.data=/var/lib/x'), /config\.data is \/data/],
  ['a claim without persistence', set('persistence.enabled=false', 'persistence.existingClaim=x'), /of no use/],
  ['a proxy in the pod that is not asked', set('service.apiTarget=login', sidecar), /config\.auth\.mode=header/],
  [
    'reviews by a Role',
    set('rbac.scope=namespaces', 'rbac.namespaces={shop}', 'config.auth.mode=kubernetes'),
    /let an administrator bind system:auth-delegator/,
  ],
  ['a second pod', set('replicas=2'), /replicas/],
  ['a misspelt key of the configuration', set('config.scrape.intervall=30s'), /intervall/],
  ...['serviceMonitor', 'prometheusRule', 'httpRoute'].map((value): [string, RenderOptions, RegExp] => [
    `${value} on a cluster that has none`,
    {
      apis: [],
      ...set(
        `${value}.enabled=true`,
        'config.auth.mode=kubernetes',
        'httpRoute.host=x',
        'httpRoute.parentRefs[0].name=x',
      ),
    },
    new RegExp(`${value}\\.enabled: this cluster has no \\w+ \\([a-z0-9.]+/v1\\): install .* first, or leave it off`),
  ]),
];
for (const [what, options, message] of refused) {
  test(`the chart refuses ${what}, and says what to do`, { skip }, async () => {
    await assert.rejects(rendered(helm, release, options), message);
  });
}

test('a change of live keys leaves the pod alone, one of any other key replaces it', { skip }, async () => {
  const checksum = async (...values: string[]) =>
    /checksum\/config: (\w+)/.exec(await rendered(helm, release, set(...values)))?.[1] ?? assert.fail();
  const before = await checksum();
  assert.equal(await checksum('config.log.level=debug', 'config.growth.webhook.url=http://a:9093'), before);
  assert.notEqual(await checksum('config.log.format=json'), before);
  assert.notEqual(await checksum('rbac.portForward=true'), before);
});

test('two releases of one name in two namespaces share no object', { skip }, async () => {
  const namesIn = async (namespace: string) =>
    [
      ...(await rendered(helm, { ...release, namespace }, set('rbac.userRoles=true'))).matchAll(
        /^kind: (ClusterRole\w*)\nmetadata:\n {2}name: (.*)$/gm,
      ),
    ].map(([, kind, name]) => `${kind}/${name}`);
  const [first, second] = [new Set(await namesIn('one')), new Set(await namesIn('two'))];
  assert.ok(first.size > 4);
  assert.deepEqual(
    [...first].filter((name) => second.has(name)),
    [],
  );
});

test('links in rules and dashboard lead to where people reach the API', { skip }, async () => {
  const text = await rendered(
    helm,
    release,
    set(
      'prometheusRule.enabled=true',
      'dashboards.enabled=true',
      'config.http.externalUrl=https://flames.example.com/',
    ),
  );
  assert.match(text, /runbook_url: https:\/\/flames\.example\.com\/runbooks\//);
  assert.match(text, /"query": "https:\/\/flames\.example\.com"/);
  assert.doesNotMatch(text, /http:\/\/127\.0\.0\.1:4280/);
});
