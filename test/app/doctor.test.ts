import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { flameherd } from '../support/app-command.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server.ts';

async function doctor(t: TestContext, api: FakeApiServer, config = '') {
  const folder = await temporaryFolder(t);
  await writeFile(`${folder}/config.yml`, `data: ${folder}/data\nhttp: { listen: 127.0.0.1:1 }\n${config}`);
  return flameherd(['doctor', '--kubernetes', '--config', `${folder}/config.yml`], { KUBECONFIG: api.kubeconfig() });
}

test('with all rights the doctor finds nothing wrong, and tells who holds the Lease', async (t) => {
  await using api = await startFakeApiServer();
  const renewTime = new Date(Date.now() - 4_000).toISOString().replace('Z', '000Z');
  const spec = { holderIdentity: 'flameherd-0_abc', leaseDurationSeconds: 15, renewTime };
  const metadata = { namespace: 'flameherd', name: 'flameherd' };
  api.put({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
  const { code, stdout } = await doctor(t, api, "lease: { mode: 'on' }");
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^✓ API server +http\S+, Kubernetes v1\.34\.4$/m);
  assert.match(stdout, /^✓ right +pods: list, watch$/m);
  for (const name of ['services', 'port-forward', 'leases in flameherd']) {
    assert.ok(stdout.includes(`${name}: all that it needs\n`), `${name}: ${stdout}`);
  }
  assert.match(stdout, /^✓ lease +flameherd\/flameherd is held by flameherd-0, renewed \d+ s ago by its own clock$/m);
  assert.match(stdout, /^✓ port-forward +the API server answers when it is asked for one$/m);
  assert.doesNotMatch(stdout, /pod-proxy|ephemeral|sidecar/);
  assert.match(stdout, /Nothing is wrong\.\n$/);
});

test('outside the cluster it tells of a Lease in any namespace, and of none', async (t) => {
  await using api = await startFakeApiServer();
  const before = await doctor(t, api);
  assert.match(before.stdout, /^✓ lease +no collector holds a Lease$/m);
  const labels = { 'app.kubernetes.io/name': 'flameherd' };
  const metadata = { namespace: 'observability', name: 'profiles', labels };
  const spec = { holderIdentity: 'profiles-0_abc', leaseDurationSeconds: 15 };
  api.put({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
  const { stdout } = await doctor(t, api);
  assert.match(stdout, /^✓ lease +observability\/profiles is held by profiles-0$/m);
});

test('what the cluster says moves no cursor and colours nothing', async (t) => {
  await using api = await startFakeApiServer();
  const metadata = { namespace: 'shop', name: 'fake', labels: { 'app.kubernetes.io/name': 'flameherd' } };
  api.put({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata,
    spec: { holderIdentity: '\u001b[2Jnobody' },
  });
  const { stdout } = await doctor(t, api);
  assert.match(stdout, /^✓ lease +shop\/fake is held by +\[2Jnobody$/m);
});

test('rights are asked of what the configuration switches on, and a missing one is told with its rule, once', async (t) => {
  await using api = await startFakeApiServer();
  const missing = ['pods/portforward', 'pods/proxy', 'pods/ephemeralcontainers', 'leases', 'services'];
  api.authorize = ({ plural }) => !missing.includes(plural);
  const { code, stdout } = await doctor(
    t,
    api,
    `
transports:
  podProxy: { enabled: true }
  ephemeral: { enabled: true, allowUnpinned: true, image: localhost/flameherd-sidecar:lab }
lease: { mode: 'on' }
discovery: { namespaces: { only: [shop] } }
`,
  );
  assert.equal(code, 0, stdout);
  for (const name of ['services', 'port-forward', 'pod-proxy', 'ephemeral']) {
    assert.match(stdout, new RegExp(`^· right +${name} is off in namespace shop: the right to `, 'm'));
    assert.equal(stdout.split(`or apply deploy/rbac/${name}.yaml`).length, 2, `${name}: ${stdout}`);
  }
  assert.match(stdout, /^· right +leases is off in namespace flameherd: /m);
  assert.match(stdout, /^✓ right +events in shop: all that it needs$/m);
  assert.match(stdout, /^· lease +flameherd\/flameherd-[0-9a-f]{8} cannot be read: /m);
  assert.match(stdout, /^· sidecar image +localhost\/flameherd-sidecar:lab has no digest$/m);
});

test('something before the API server that passes no websockets is found', async (t) => {
  await using api = await startFakeApiServer();
  api.streams.fail({ on: 'port-forward', fault: { kind: 'text', code: 200, text: '<html>sign in</html>' } });
  const { stdout } = await doctor(t, api);
  assert.match(stdout, /^· port-forward +the upgrade of .* may not pass websockets$/m);
  assert.match(stdout, /does a proxy before the API server pass websockets\?$/m);
});

test('without the right to list pods something is wrong, and so it is when the server is not there', async (t) => {
  await using api = await startFakeApiServer();
  api.authorize = ({ plural }) => plural !== 'pods';
  const refused = await doctor(t, api);
  assert.equal(refused.code, 1);
  assert.match(refused.stdout, /^✗ right +pods: list, watch is missing$/m);
  await api.down();
  const away = await doctor(t, api);
  assert.equal(away.code, 1);
  assert.match(away.stdout, /^✗ API server +the API server cannot be reached/m);
});

test('an image of a sidecar that is none is refused with the configuration', async (t) => {
  await using api = await startFakeApiServer();
  const { code, stdout } = await doctor(t, api, 'transports: { ephemeral: { enabled: true, image: BAD//x } }');
  assert.equal(code, 1);
  assert.match(stdout, /^✗ configuration +/m);
  assert.match(stdout, /BAD\/\/x/);
});
