import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server.ts';

async function daemonOf(t: TestContext, env: NodeJS.ProcessEnv) {
  const removals: (() => Promise<void>)[] = [];
  const folder = await temporaryFolder({ after: (remove) => removals.push(remove) });
  const daemon = await startDaemon(`${folder}/data`, ['--no-self'], env);
  t.after(async () => {
    await daemon.kill();
    for (const remove of removals) await remove();
  });
  const ask = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(new URL(path, daemon.url), { headers });
    return { status: response.status, text: await response.text() };
  };
  return { daemon, ask };
}

async function fakeApi(t: TestContext): Promise<FakeApiServer> {
  const api = await startFakeApiServer();
  t.after(() => api.close());
  return api;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test('outside of a cluster, where none is watched, the API server of the kubeconfig says who calls', async (t) => {
  const api = await fakeApi(t);
  api.authorize = ({ plural }) => plural !== 'tokenreviews';
  const admin = api.reviews.tokenFor('admin');
  api.reviews.grants = [
    { to: 'admin', verb: 'get', resource: 'status' },
    { to: 'admin', verb: 'get', resource: 'profiles' },
  ];
  const { ask, daemon } = await daemonOf(t, { KUBECONFIG: api.kubeconfig(), FLAMEHERD_AUTH_MODE: 'kubernetes' });
  assert.equal((await ask('/api/v1/targets')).status, 401);
  const refused = await ask('/api/v1/targets', bearer(admin));
  assert.equal(refused.status, 503);
  assert.match(refused.text, /deploy\/rbac\/auth\.yaml/);

  api.authorize = () => true;
  assert.equal((await ask('/api/v1/targets', bearer(admin))).status, 200);
  const problems = async () =>
    (JSON.parse((await ask('/api/v1/status', bearer(admin))).text) as { problems: readonly { what: string }[] })
      .problems;
  await eventually(async () => (await problems()).length === 0, 60_000, 'status without the right that was missing');
  assert.equal((await fetch(`${daemon.opsUrl}/metrics`)).status, 401);
  assert.equal((await fetch(`${daemon.opsUrl}/-/healthy`)).status, 200);
  const page = await (await fetch(`${daemon.opsUrl}/metrics`, { headers: bearer(admin) })).text();
  assert.match(page, /^flameherd_auth_reviews_total\{kind="token",result="failed"\} 1$/m);
  assert.deepEqual(
    api.requests.map(({ plural }) => plural).filter((plural) => !plural.endsWith('reviews')),
    [],
    'nothing is watched',
  );
});

test('behind a proxy with /metrics open, functions are left out and the log says so', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(`${folder}/secret`, 'proxy-0123456789abcdef');
  const { ask, daemon } = await daemonOf(t, {
    FLAMEHERD_AUTH_MODE: 'header',
    FLAMEHERD_AUTH_METRICS: 'off',
    FLAMEHERD_AUTH_HEADER_SECRET_FILE: `${folder}/secret`,
    FLAMEHERD_AUTH_HEADER_AUTHORIZE: 'read',
  });
  assert.equal((await fetch(`${daemon.opsUrl}/metrics`)).status, 200);
  assert.ok(daemon.log.some((line) => /functions are left out/.test(JSON.stringify(line))));
  assert.equal((await ask('/api/v1/targets', { 'x-forwarded-user': 'ann' })).status, 401);
  const secret = { 'x-flameherd-proxy-secret': 'proxy-0123456789abcdef' };
  assert.equal((await ask('/api/v1/targets', { ...secret, 'x-forwarded-user': 'ann' })).status, 200);
  assert.equal((await ask('/api/v1/targets', secret)).status, 401);
});

test('without a cluster to ask, the start says which keys ask for one', async (t) => {
  const env = { FLAMEHERD_AUTH_MODE: 'kubernetes', KUBECONFIG: '/nowhere/kubeconfig' };
  await assert.rejects(daemonOf(t, env), /auth\.mode: kubernetes asks an API server who calls.*discovery\.kubeconfig/);
});
