import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { test } from 'node:test';
import { type DirectOptions, DirectTransport } from '../../../src/scrape/transports/direct.ts';
import { originOf } from '../../../src/scrape/transports/exchange.ts';
import { FetchError, type FetchReply } from '../../../src/scrape/transports/transport.ts';
import { byPath, goBusy, type ScriptedReply, startPprofServer } from '../../support/pprof-server.ts';
import { gzipMagic, localTarget, targetOf } from '../../support/scrape-targets.ts';

const path = '/debug/pprof/heap';
const open = new DirectTransport({ refuse: () => undefined });

/** Asks a server that gives one answer; what was thrown becomes `failure: message`. */
async function ask(
  reply: ScriptedReply,
  limits: { timeoutMs?: number; maxBytes?: number } = {},
): Promise<FetchReply | string> {
  await using server = await startPprofServer(byPath({ [path]: reply }));
  return await askAt(server.port, limits);
}

async function askAt(
  port: number,
  { timeoutMs = 5000, maxBytes = 1_000_000, signal = new AbortController().signal, transport = open } = {},
): Promise<FetchReply | string> {
  const endpoint = { scheme: 'http', host: '127.0.0.1', port } as const;
  try {
    return await transport.fetch(localTarget(port, ['heap']), { endpoint, path, timeoutMs, maxBytes }, signal);
  } catch (error) {
    if (error instanceof FetchError) return `${error.failure}: ${error.message}`;
    throw error;
  }
}

/** The failure of an answer that was none. */
function failureOf(reply: FetchReply | string): string {
  assert.ok(typeof reply === 'string', 'there was an answer');
  return reply;
}

test('the bytes of a profile come whole, in a buffer of their own that can be handed over', async () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
  const reply = await ask({ kind: 'profile', bytes });
  assert.ok(typeof reply !== 'string' && reply.kind === 'body');
  assert.deepEqual(reply.bytes, bytes);
  assert.equal(reply.bytes.byteOffset, 0);
  assert.equal(reply.bytes.buffer.byteLength, bytes.length);
});

test("an error of Go's server carries its sentence and its mark", async () => {
  assert.deepEqual(await ask(goBusy), {
    kind: 'status',
    status: 500,
    snippet: 'Could not enable CPU profiling: cpu profiling already in use',
    location: '',
    goPprof: true,
  });
});

test('of an error only plain text is shown, cleaned and cut to 300 bytes', async () => {
  const html = await ask({
    kind: 'status',
    status: 500,
    text: '<b>secret</b>',
    headers: { 'content-type': 'text/html' },
  });
  assert.ok(typeof html !== 'string' && html.kind === 'status');
  assert.equal(html.snippet, '');
  const text = `a\u001b[31m\r\nb\u202ec\u0000 ${'é'.repeat(400)}`;
  const plain = await ask({ kind: 'status', status: 503, text });
  assert.ok(typeof plain !== 'string' && plain.kind === 'status');
  assert.match(plain.snippet, /^a \[31m b c é+$/);
  assert.ok(Buffer.byteLength(plain.snippet) <= 300 && Buffer.byteLength(plain.snippet) > 290);
  const fine = await ask({ kind: 'status', status: 202, text: 'accepted' });
  assert.ok(typeof fine !== 'string' && fine.kind === 'status' && fine.snippet === '');
});

test('a redirect is told and never followed', async () => {
  await using elsewhere = await startPprofServer(() => ({ kind: 'profile', bytes: Uint8Array.of(1) }));
  const location = `${elsewhere.url}${path}`;
  const reply = await ask({ kind: 'status', status: 302, headers: { location } });
  assert.ok(typeof reply !== 'string' && reply.kind === 'status');
  assert.deepEqual([reply.status, reply.location, elsewhere.requests.length], [302, location, 0]);
});

test('a body over the cap is left, whether it is announced or pours without end', async () => {
  assert.equal(
    await ask({ kind: 'profile', bytes: new Uint8Array(2000) }, { maxBytes: 1000 }),
    'too_large: the answer is 2000 bytes long, at most 1000 are read (scrape.maxBody)',
  );
  assert.equal(
    await ask({ kind: 'flood' }, { maxBytes: 300_000 }),
    'too_large: the answer is more than 300000 bytes long, at most 300000 are read (scrape.maxBody)',
  );
});

test('a body is given up when all answers together have become too much', async () => {
  await using server = await startPprofServer(() => ({ kind: 'flood' }));
  const endpoint = { scheme: 'http', host: '127.0.0.1', port: server.port } as const;
  const request = { endpoint, path, timeoutMs: 5000, maxBytes: 1e9, mayGrow: (bytes: number) => bytes < 200_000 };
  const asked = open.fetch(localTarget(server.port, ['heap']), request, new AbortController().signal);
  await assert.rejects(asked, {
    failure: 'too_large',
    message: /^given up at \d+ bytes: all answers under way together/,
  });
});

test('one deadline ends a silent target, a hanging body and a drip alike', async () => {
  const slow: ScriptedReply[] = [{ kind: 'hang' }, { kind: 'hang', afterHeaders: true }, { kind: 'drip', everyMs: 20 }];
  for (const reply of slow) assert.equal(await ask(reply, { timeoutMs: 200 }), 'timeout: no whole answer within 0.2 s');
});

test('a connection that breaks is a reset, before the answer and in the middle of it', async () => {
  const broken: ScriptedReply[] = [
    { kind: 'reset' },
    { kind: 'reset', afterBytes: 1000 },
    { kind: 'lie', announced: 5000, sent: 100 },
  ];
  for (const reply of broken) assert.match(failureOf(await ask(reply)), /^reset: http:\/\/127\.0\.0\.1:\d+: /);
});

test('a port where nobody listens is refused, and a name that does not exist is dns', async () => {
  const server = await startPprofServer(() => goBusy);
  await server.close();
  assert.match(failureOf(await askAt(server.port)), /^refused: http:\/\/127\.0\.0\.1:\d+: connect ECONNREFUSED/);
  const endpoint = { scheme: 'http', host: 'no-such-host.invalid', port: 1 } as const;
  const request = { endpoint, path, timeoutMs: 5000, maxBytes: 1 };
  await assert.rejects(open.fetch(localTarget(1, ['heap']), request, new AbortController().signal), { failure: 'dns' });
});

test('an IPv6 address is asked in brackets, and named so in errors', async () => {
  const server = await startPprofServer(byPath({ [path]: { kind: 'profile', bytes: gzipMagic } }), '::1');
  const endpoint = { scheme: 'http', host: '::1', port: server.port } as const;
  const request = { endpoint, path, timeoutMs: 5000, maxBytes: 1_000_000 };
  const target = localTarget(server.port, ['heap']);
  const signal = new AbortController().signal;
  const reply = await open.fetch(target, request, signal);
  assert.equal(reply.kind, 'body');
  assert.equal(server.requests[0]?.headers.host, `[::1]:${server.port}`);
  await server.close();
  await assert.rejects(open.fetch(target, request, signal), {
    failure: 'refused',
    message: new RegExp(`^http://\\[::1\\]:${server.port}: `),
  });
});

test('what does not speak HTTP is told as such', async (t) => {
  const server = createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'));
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  assert.match(
    failureOf(await askAt(port)),
    /^other: http:\/\/127\.0\.0\.1:\d+: Response does not match the HTTP\/1\.1 protocol/,
  );
});

test("a pod's certificate is not verified unless configured, a static target's always is", async (t) => {
  const key = readFileSync(new URL('../../fixtures/kubernetes-tls/server.key', import.meta.url));
  const cert = readFileSync(new URL('../../fixtures/kubernetes-tls/server.crt', import.meta.url));
  const server = createTlsServer({ key, cert }, (_, response) => response.end(gzipMagic));
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const endpoint = { scheme: 'https', host: '127.0.0.1', port } as const;
  const request = { endpoint, path, timeoutMs: 5000, maxBytes: 1000 };
  const { signal } = new AbortController();
  assert.equal((await open.fetch(targetOf('a', []), request, signal)).kind, 'body');
  const strict = new DirectTransport({ refuse: () => undefined, verifyPods: true });
  await assert.rejects(strict.fetch(targetOf('a', []), request, signal), { failure: 'tls' });
  await assert.rejects(open.fetch(localTarget(port, []), request, signal), { failure: 'tls' });
});

test('an abort calls the request off', async () => {
  await using server = await startPprofServer(() => ({ kind: 'hang' }));
  const stop = new AbortController();
  const reply = askAt(server.port, { signal: stop.signal });
  while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  assert.equal(await reply, 'aborted: the scrape was called off');
});

test('no connection is used twice, and no credential is sent', async () => {
  await using server = await startPprofServer(() => ({ kind: 'profile', bytes: Uint8Array.of(1) }));
  for (let i = 0; i < 3; i++) await askAt(server.port);
  assert.equal(server.connections, 3);
  const names = Object.keys(server.requests[0]?.headers ?? {}).sort();
  assert.deepEqual(names, ['accept', 'connection', 'host', 'user-agent']);
});

test('what the safety rules refuse is never asked', async () => {
  await using server = await startPprofServer(() => goBusy);
  const options: DirectOptions = { refuse: (target) => (target.discoverer === 'static' ? 'not this one' : undefined) };
  assert.equal(await askAt(server.port, { transport: new DirectTransport(options) }), 'forbidden: not this one');
  assert.equal(server.requests.length, 0);
});

test('a path cannot reach the host', async () => {
  const request = { endpoint: { scheme: 'http', host: '10.1.0.7', port: 1 }, timeoutMs: 100, maxBytes: 1 } as const;
  for (const bad of ['//evil/x', 'http://evil/', '@evil']) {
    const asked = open.fetch(targetOf('a', []), { ...request, path: bad }, new AbortController().signal);
    await assert.rejects(asked, { failure: 'forbidden' });
  }
  assert.equal(originOf({ scheme: 'https', host: 'fd00::7', port: 6060 }), 'https://[fd00::7]:6060');
});
