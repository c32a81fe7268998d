import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { tokenCallers } from '../../src/auth/token-callers.ts';
import { TokenFile } from '../../src/auth/token-file.ts';
import { startHttp } from '../../src/http/server.ts';
import type { Answer } from '../../src/query/engine.ts';
import { fakeDeps, fakeOptions, gate, jsonAnswer, pprofBytes, started } from '../support/http-fakes.ts';

const anyPort = { host: '127.0.0.1', port: 0 };

/** A GET with headers that `fetch` would not let through. */
async function get(url: string, options: RequestOptions = {}): Promise<{ status: number; body: string }> {
  const asking = request(url, options).end();
  const [reply] = (await once(asking, 'response')) as [IncomingMessage];
  return { status: reply.statusCode ?? 0, body: await text(reply) };
}

/** An engine that waits to be told what to answer. */
function waitingEngine() {
  const asked = gate<AbortSignal | undefined>();
  const answer = gate<Answer>();
  const script = {
    answer: (_: unknown, signal?: AbortSignal) => {
      asked.open(signal);
      return answer.opened;
    },
  };
  return { script, asked: asked.opened, answer: answer.open };
}

test('both listeners take any free port and say which', async (t) => {
  const { server } = await started(t, {}, { opsListen: anyPort });
  assert.match(server.url, /^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
  assert.notEqual(server.url, server.opsUrl);
  assert.equal((await get(`${server.url}/api/v1/status`)).status, 200);
});

test('the operations listener has probes and metrics, and nothing else', async (t) => {
  const { server } = await started(t, {}, { opsListen: anyPort });
  for (const path of ['/metrics', '/-/healthy', '/-/ready']) {
    assert.equal((await get(`${server.opsUrl}${path}`)).status, 200, path);
    assert.equal((await get(`${server.url}${path}`)).status, 200, path);
  }
  for (const path of ['/', '/api/v1/status', '/api/v1/merge?query=cpu', '/debug/pprof/heap']) {
    assert.equal((await get(`${server.opsUrl}${path}`)).status, 404, path);
  }
});

test('without a second address there is one listener', async (t) => {
  const { server } = await started(t);
  assert.equal(server.opsUrl, undefined);
});

for (const [what, flag, options] of [
  ['listen', '--listen', (port: number) => ({ listen: { host: '127.0.0.1', port } })],
  ['opsListen', '--ops-listen', (port: number) => ({ opsListen: { host: '127.0.0.1', port } })],
] as const) {
  test(`a port of ${what} that is taken names ${flag}, and nothing stays open`, async (t) => {
    const { server } = await started(t);
    const port = Number(new URL(server.url).port);
    await assert.rejects(startHttp(fakeDeps().deps, fakeOptions(options(port))), {
      code: 'bad_config',
      message: `${flag} 127.0.0.1:${port} is taken by another process`,
      hint: `stop it, or choose another: ${flag} 127.0.0.1:0 takes any free port`,
    });
  });
}

test('an address that is not of this machine is refused by name', async () => {
  const options = fakeOptions({ listen: { host: '192.0.2.1', port: 0 }, allowUnauthenticated: true });
  await assert.rejects(startHttp(fakeDeps().deps, options), {
    code: 'bad_config',
    message: '--listen 192.0.2.1:0 is no address of this machine',
  });
});

test('without auth only loopback is listened on, unless allowed', async (t) => {
  for (const host of ['0.0.0.0', '::', '10.1.2.3', 'node-1']) {
    await assert.rejects(startHttp(fakeDeps().deps, fakeOptions({ listen: { host, port: 0 } })), {
      code: 'bad_config',
      message: `http.listen: ${host} can be reached by others, and auth.mode is none`,
      hint: /auth\.allowUnauthenticated/,
    });
  }
  const { server } = await started(t, {}, { listen: { host: '0.0.0.0', port: 0 }, allowUnauthenticated: true });
  assert.match(server.url, /^http:\/\/localhost:\d+$/);
});

test('an external URL that is none is refused', async () => {
  for (const externalUrl of ['profiles.example', 'ftp://x', 'https://', '']) {
    await assert.rejects(startHttp(fakeDeps().deps, fakeOptions({ externalUrl })), {
      code: 'bad_config',
      message: `http.externalUrl: ${JSON.stringify(externalUrl)} is no URL`,
    });
  }
});

test('metrics cannot ask for tokens where there are none', async () => {
  await assert.rejects(startHttp(fakeDeps().deps, fakeOptions({ metricsAuth: true })), { code: 'bad_config' });
});

test('a foreign Host is 421 on loopback; the address that was called is fine', async (t) => {
  const { server } = await started(t, {}, { opsListen: anyPort });
  const evil = { headers: { host: 'evil.example' } };
  assert.equal((await get(`${server.url}/api/v1/status`, evil)).status, 421);
  assert.equal((await get(`${server.opsUrl}/metrics`, evil)).status, 421);
  const port = new URL(server.url).port;
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, 'localhost:9999']) {
    assert.equal((await get(`${server.url}/api/v1/status`, { headers: { host } })).status, 200, host);
  }
});

test('an operations listener open to the network answers whatever it is called', async (t) => {
  const { server } = await started(t, {}, { opsListen: { host: '0.0.0.0', port: 0 } });
  assert.equal((await get(`${server.opsUrl}/metrics`, { headers: { host: 'flameherd.monitoring.svc' } })).status, 200);
});

test('when the client goes, the engine is told to stop', { timeout: 10_000 }, async (t) => {
  const { script, asked, answer } = waitingEngine();
  const { server } = await started(t, script);
  const asking = request(`${server.url}/api/v1/merge?query=cpu`).end();
  asking.on('error', () => {});
  const signal = await asked;
  assert.equal(signal?.aborted, false);
  asking.destroy();
  await once(signal, 'abort');
  answer(jsonAnswer({}));
});

test('busy says when to come back', async (t) => {
  const error = { code: 'busy', message: 'too many questions are waiting (64)', hint: 'ask again' } as const;
  const { server } = await started(t, { answer: () => ({ kind: 'error', error }) });
  const reply = await fetch(`${server.url}/api/v1/merge?query=cpu&format=top`);
  assert.equal(reply.headers.get('retry-after'), '1');
  assert.deepEqual(await reply.json(), {
    type: 'urn:flameherd:error:busy',
    title: 'Too Many Requests',
    status: 429,
    code: 'busy',
    detail: 'too many questions are waiting (64)',
    hint: 'ask again',
  });
});

test('a query that takes too long is 503, and the engine is told to stop', async (t) => {
  const { script, asked, answer } = waitingEngine();
  const limits = { bodyBytes: 1024, queryTimeoutMs: 20 };
  const { server } = await started(t, script, { limits });
  const reply = await get(`${server.url}/api/v1/merge?query=cpu&format=top`);
  assert.equal(reply.status, 503);
  const { code, detail } = JSON.parse(reply.body) as { code: string; detail: string };
  assert.deepEqual({ code, detail }, { code: 'query_timeout', detail: 'the query took longer than 20ms' });
  assert.equal((await asked)?.aborted, true);
  answer(jsonAnswer({}));
});

test('closing lets a request in flight end, and takes no new one', async (t) => {
  const { script, asked, answer } = waitingEngine();
  const { server } = await started(t, script);
  const inFlight = get(`${server.url}/api/v1/merge?query=cpu&format=top`);
  await asked;
  const closed = server.close(60_000);
  await assert.rejects(get(`${server.url}/-/healthy`), { code: 'ECONNREFUSED' });
  answer(jsonAnswer({ done: true }));
  assert.deepEqual(await inFlight, { status: 200, body: '{"done":true}' });
  await closed;
});

test('closing does not wait for idle connections', async (t) => {
  const { server } = await started(t);
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  t.after(() => socket.destroy());
  socket.write('GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'data');
  const ended = once(socket.resume(), 'end');
  await server.close(60_000);
  await ended;
});

test('closing waits for an upload that is being sent, and then not for its connection', async (t) => {
  const { server } = await started(t);
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const headers = { 'content-type': 'application/octet-stream', 'content-length': pprofBytes.length };
  const sending = request(`${server.url}/api/v1/profiles?workload=job&as=delta`, { method: 'POST', agent, headers });
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
  await new Promise((sent) => sending.write(pprofBytes.subarray(0, 1), sent));
  // An answer to a later request says that the server has read the first one.
  await get(`${server.url}/-/healthy`);
  const closed = server.close(60_000);
  sending.end(pprofBytes.subarray(1));
  const [reply] = await answered;
  assert.equal(reply.statusCode, 200, await text(reply));
  await closed;
});

test('closing calls off a CPU profile of the daemon itself: it is most often the daemon that asks', async (t) => {
  const asked = gate();
  const cpu = () => {
    asked.open();
    return new Promise<Uint8Array>(() => {});
  };
  const { server } = await started(t, { selfProfiler: { cpu, heap: async () => pprofBytes } });
  const profiling = get(`${server.url}/debug/pprof/profile?seconds=30`);
  await asked.opened;
  await server.close(60_000);
  assert.equal((await profiling).status, 503);
});

test('when the time to drain is over, what is left is aborted and closed', async (t) => {
  const { script, asked } = waitingEngine();
  const { server } = await started(t, script);
  const inFlight = get(`${server.url}/api/v1/merge?query=cpu&format=top`).catch(() => undefined);
  const signal = await asked;
  await server.close(1);
  assert.equal(signal?.aborted, true);
  const reply = await inFlight;
  if (reply) assert.equal(reply.status, 503);
});

test('the daemon scrapes itself without a token, and a proxy on this machine does not', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'flameherd-server-'));
  t.after(() => rm(directory, { recursive: true }));
  const tokenFile = join(directory, 'tokens');
  await writeFile(tokenFile, 'read:reader-0123456789abcdef');
  const authenticator = tokenCallers(await TokenFile.open(tokenFile, Date.now));
  const { server } = await started(t, {}, { authenticator });
  const url = `${server.url}/debug/pprof/heap`;
  assert.equal((await get(url)).status, 200);
  for (const header of [
    'X-Forwarded-For',
    'Forwarded',
    'X-Real-IP',
    'Via',
    'X-Forwarded-User',
    'X-Envoy-External-Address',
  ]) {
    assert.equal((await get(url, { headers: { [header]: '203.0.113.7' } })).status, 401, header);
  }
  assert.equal((await get(`${server.url}/api/v1/targets`)).status, 401);
});

test('headers beyond the limit are refused', async (t) => {
  const { server } = await started(t);
  assert.equal((await get(`${server.url}/`, { headers: { cookie: 'x'.repeat(20_000) } })).status, 431);
});

test('requests are told once each, by the pattern of their route, with the time they took', async (t: TestContext) => {
  const seen: string[] = [];
  const all = gate();
  const { server } = await started(t, {
    answered: ({ route, method, status, seconds }) => {
      seen.push(`${method} ${route} ${status}`);
      assert.ok(seconds > 0 && seconds < 60, `${seconds} s`);
      if (seen.length === 3) all.open();
    },
  });
  await get(`${server.url}/pprof/shop/checkout/cpu`);
  await get(`${server.url}/api/v1/profiles/abc`);
  await get(`${server.url}/nothing/of/the/kind`);
  await all.opened;
  assert.deepEqual(seen, [
    'GET /pprof/:namespace/:workload/:alias 200',
    'GET /api/v1/profiles/:id 200',
    'GET unknown 404',
  ]);
});

test('a HEAD of a profile has its length and no body', async (t) => {
  const { server } = await started(t);
  const reply = await fetch(`${server.url}/api/v1/merge?query=cpu`, { method: 'HEAD' });
  assert.equal(reply.headers.get('content-length'), String(pprofBytes.length));
});
