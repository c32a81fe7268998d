import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openKubernetes } from '../../src/kubernetes/client.ts';
import { execInPod } from '../../src/kubernetes/exec.ts';
import { apiHosts, inCluster } from '../../src/kubernetes/in-cluster.ts';
import { openPodProxy } from '../../src/kubernetes/pod-proxy.ts';
import { openPortForward } from '../../src/kubernetes/port-forward.ts';
import { startFakeApiServer } from '../support/fake-api-server.ts';
import { podsOn, watchPods } from '../support/kubernetes-harness.ts';
import { podObject } from '../support/kubernetes-objects.ts';
import { agentOver, ask } from '../support/kubernetes-streams.ts';
import { startPprofServer } from '../support/pprof-server.ts';

const certificates = new URL('../fixtures/kubernetes-tls/', import.meta.url);

function serviceAccount(token: string): { folder: string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'flameherd-account-'));
  copyFileSync(new URL('ca.crt', certificates), join(folder, 'ca.crt'));
  writeFileSync(join(folder, 'token'), `${token}\n`);
  writeFileSync(join(folder, 'namespace'), 'flameherd\n');
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

function environmentOf(url: string): Record<string, string> {
  return { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: new URL(url).port };
}

test('in a pod it uses the ServiceAccount, checks the certificate, and reads a rotated token after a 401', async () => {
  await using server = await startFakeApiServer({ tls: true });
  using account = serviceAccount('token-1');
  server.requireToken('token-1');
  const environment = environmentOf(server.url);
  const client = await openKubernetes({ inCluster: true, serviceAccountFolder: account.folder, environment });
  assert.equal(client.namespace, 'flameherd');
  await client.get('/version');
  server.requireToken('token-2');
  writeFileSync(join(account.folder, 'token'), 'token-2\n');
  await client.get('/version');
  rmSync(join(account.folder, 'token'));
  await client.get('/version');
  await client.close();
});

test('an API server that has an IPv6 address only is watched, and its pods are reached through it', async () => {
  await using server = await startFakeApiServer({ host: '::1' });
  await using pprof = await startPprofServer(() => ({ kind: 'status', status: 200, text: 'here' }));
  server.put(podObject('shop', 'cart', { ip: 'fd00:10:244::7' }));
  server.streams.listen('shop', 'cart', 6060, { port: pprof.port });
  await using pods = await watchPods(server);
  await pods.reflector.synced;
  assert.deepEqual(pods.known(), podsOn(server));
  const { client } = pods;
  assert.equal(new URL(client.server).hostname, '[::1]');
  const to = { scheme: 'http', port: 6060, path: '/' } as const;
  const cart = { namespace: 'shop', name: 'cart' };
  const proxied = await openPodProxy(client, cart, to, { signal: AbortSignal.timeout(10_000) });
  assert.equal(String(await proxied.body.toArray()), 'here');
  const stream = await openPortForward(client, cart, 6060, { signal: AbortSignal.timeout(10_000) });
  assert.equal(String((await ask(agentOver(stream), '/')).body), 'here');
  const { exitCode } = await execInPod(client, cart, 'app', ['true'], {
    signal: AbortSignal.timeout(10_000),
    timeoutMs: 10_000,
    maxBytes: 10,
  });
  assert.equal(exitCode, 0);
});

test('in a pod of an IPv6 cluster the address of the Service is put in brackets', async () => {
  using account = serviceAccount('token-1');
  const environment = { KUBERNETES_SERVICE_HOST: 'fd00:10:96::1', KUBERNETES_SERVICE_PORT: '443' };
  const client = await openKubernetes({ inCluster: true, serviceAccountFolder: account.folder, environment });
  assert.equal(client.server, 'https://[fd00:10:96::1]:443');
  assert.ok(client.apiHosts.includes('fd00:10:96::1'));
  await client.close();
});

test('a server with another certificate is not talked to', async () => {
  await using server = await startFakeApiServer({ tls: true });
  using account = serviceAccount('token-1');
  writeFileSync(join(account.folder, 'ca.crt'), '');
  const environment = environmentOf(server.url);
  const client = await openKubernetes({ inCluster: true, serviceAccountFolder: account.folder, environment });
  await assert.rejects(client.get('/version'), {
    kind: 'unavailable',
    message: /the API server cannot be reached: .*certificate/,
  });
  await client.close();
});

test('what fails says its kind', async () => {
  await using server = await startFakeApiServer();
  const client = await openKubernetes({ kubeconfig: server.kubeconfig() });
  await assert.rejects(client.get('/api/v1/namespaces/x'), { kind: 'not-found', status: 404 });
  server.fail({ on: 'get', fault: { kind: 'hang' } });
  await assert.rejects(client.get('/api/v1/namespaces/x', { idleMs: 30 }), {
    kind: 'silent',
    message: 'no answer to /api/v1/namespaces/x within 0.03 s',
  });
  server.fail({ on: 'get', fault: { kind: 'text', text: 'busy' } });
  await assert.rejects(client.get('/api/v1/namespaces/x'), { kind: 'protocol' });
  server.fail({ on: 'get', fault: { kind: 'text', text: 'x'.repeat(100) } });
  await assert.rejects(client.get('/api/v1/namespaces/x', { maxBytes: 10 }), {
    message: 'the answer has more than 10 bytes',
  });
  server.fail({ on: 'get', fault: { kind: 'status', code: 429, retryAfterSeconds: 7 } });
  await assert.rejects(client.get('/api/v1/namespaces/x'), { kind: 'throttled', retryAfterMs: 7000 });
  server.requireToken('another');
  await assert.rejects(client.get('/version'), { kind: 'unauthorized' });
  await server.down();
  await assert.rejects(client.get('/version'), { kind: 'unavailable', message: /^the API server cannot be reached: / });
  await client.close();
  await assert.rejects(client.get('/version'), { message: 'the client is closed' });
});

test('a bad kubeconfig or context is named before anything is asked', async () => {
  await using server = await startFakeApiServer();
  await assert.rejects(openKubernetes({ kubeconfig: '/does/not/exist' }), {
    code: 'bad_config',
    message: /\/does\/not\/exist/,
  });
  await assert.rejects(openKubernetes({ kubeconfig: server.kubeconfig(), context: 'prod' }), {
    message: 'kubernetes context "prod" is not in the kubeconfig',
    hint: 'it has fake',
  });
  await assert.rejects(openKubernetes({ inCluster: true, environment: {} }), {
    message: 'this process does not run in a pod with a ServiceAccount: KUBERNETES_SERVICE_HOST is not set',
  });
});

test('a pod is known by the Service variable and the token', () => {
  using account = serviceAccount('token-1');
  assert.equal(inCluster({ KUBERNETES_SERVICE_HOST: '10.96.0.1' }, account.folder), true);
  assert.equal(inCluster({}, account.folder), false);
  assert.equal(inCluster({ KUBERNETES_SERVICE_HOST: '10.96.0.1' }, join(account.folder, 'none')), false);
});

test('where the API server listens is known, for the rules on what may be scraped', () => {
  assert.deepEqual(apiHosts('https://api.example.com:6443', { KUBERNETES_SERVICE_HOST: '10.96.0.1' }), [
    'api.example.com',
    '10.96.0.1',
  ]);
  assert.deepEqual(apiHosts('https://[fd00::1]:443', { KUBERNETES_SERVICE_HOST: 'fd00::1' }), ['fd00::1']);
});
