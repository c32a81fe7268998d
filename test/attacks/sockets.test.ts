import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bounds } from '../../src/http/bounds.ts';
import { fakeOptions, started } from '../support/http-fakes.ts';
import { RawSocket, sendRaw, statusesIn } from '../support/raw-socket.ts';

const kib = 1024;
const timeout = 60_000;
const get = (headers = ''): string => `GET /api/v1/targets HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`;
const upload = (headers: string): string =>
  `POST /api/v1/profiles?workload=a&as=delta HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n${headers}\r\n`;
const small = { limits: { ...fakeOptions().limits, bodyBytes: 64 * kib } };

test('oversized headers: one long, many short, a long path, and one that never ends are refused', {
  timeout,
}, async (t) => {
  const { server } = await started(t);
  const long = 'x'.repeat(20 * kib);
  const many = Array.from({ length: 3000 }, (_, at) => `X-${at}: ${at}\r\n`).join('');
  for (const request of [
    get(`X-Long: ${long}\r\n`),
    get(`Cookie: flameherd=${long}\r\n`),
    get(`Authorization: Bearer ${long}\r\n`),
    get(many),
    `GET /${long} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: localhost\r\nX-Endless: ${long}`,
  ]) {
    assert.deepEqual(statusesIn(await sendRaw(server.url, request)), [431], request.slice(0, 60));
  }
});

test('oversized bodies: what is declared too large is refused unread, and what is sent in chunks when it is too large', {
  timeout,
}, async (t) => {
  const { server, asked } = await started(t, {}, small);
  const declared = await RawSocket.open(server.url);
  declared.send(upload('Content-Length: 9999999999\r\n'));
  assert.deepEqual(statusesIn(await declared.untilClosed()), [413]);

  const chunked = await RawSocket.open(server.url);
  chunked.send(upload('Transfer-Encoding: chunked\r\n'));
  const chunk = `4000\r\n${'x'.repeat(16 * kib)}\r\n`;
  for (let sent = 0; sent < 8; sent++) chunked.send(chunk);
  assert.deepEqual(statusesIn(await chunked.untilClosed()), [413]);

  for (const route of ['POST /api/v1/pause', 'POST /api/v1/snap?namespace=a&pod=b', 'GET /api/v1/targets']) {
    const head = `${route} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9999999\r\nConnection: close\r\n\r\n`;
    const [status = 0] = statusesIn(await sendRaw(server.url, head));
    assert.ok([200, 400, 413, 415].includes(status), `${route}: ${status}`);
  }
  assert.deepEqual(asked.jobs, []);
  assert.deepEqual(asked.pauses, []);
});

test('chunks that lie: a size beyond all numbers, one that is none, and an endless extension end the connection', {
  timeout,
}, async (t) => {
  const { server, asked } = await started(t, {}, small);
  for (const body of [
    `ffffffffffffffff\r\n${'x'.repeat(80 * kib)}`,
    'fffffffffffffffffff\r\nx',
    '-1\r\nx\r\n',
    '0x10\r\nx\r\n',
    `1;${'e'.repeat(64 * kib)}\r\nx\r\n0\r\n\r\n`,
    `0\r\nTrailer: ${'e'.repeat(64 * kib)}\r\n\r\n`,
  ]) {
    const [status = 0] = statusesIn(await sendRaw(server.url, upload('Transfer-Encoding: chunked\r\n') + body));
    assert.ok([0, 400, 413, 431].includes(status), `${body.slice(0, 30)}: ${status}`);
  }
  assert.deepEqual(asked.jobs, []);
});

test('slowloris: headers that drip, and connections that say nothing, are closed', { timeout }, async (t) => {
  const { server } = await started(t);
  const silent = await RawSocket.open(server.url);
  const dripping = await RawSocket.open(server.url);
  dripping.send('GET / HTTP/1.1\r\nHost: localhost\r\n');
  const drip = setInterval(() => dripping.send('X-A: b\r\n'), 500);
  t.after(() => clearInterval(drip));
  const [drippedText, silentText] = await Promise.all([dripping.untilClosed(), silent.untilClosed()]);
  assert.deepEqual(statusesIn(drippedText), [408]);
  assert.deepEqual(statusesIn(silentText), [408]);
});

test('slowloris: a body that drips has a bound in time, and holds a place for an upload no longer than its connection', {
  timeout,
}, async (t) => {
  assert.ok(bounds.requestTimeoutMs <= 120_000);
  const { server } = await started(t, {}, small);
  const holders = [];
  for (let held = 0; held < bounds.uploadBodies; held++) {
    const dripping = await RawSocket.open(server.url);
    dripping.send(`${upload('Transfer-Encoding: chunked\r\n')}1\r\nx\r\n`);
    holders.push(dripping);
  }
  const send = async (): Promise<number> =>
    (await fetch(`${server.url}/api/v1/profiles?workload=a&as=delta`, { method: 'POST', body: 'x' })).status;
  while ((await send()) !== 429) await new Promise((resume) => setImmediate(resume));
  assert.equal((await fetch(`${server.url}/api/v1/targets`)).status, 200, 'all else is answered meanwhile');
  for (const holder of holders) holder.end();
  while ((await send()) !== 200) await new Promise((resume) => setImmediate(resume));
});

test('too many connections: those beyond the bound are closed at once, and room is made by those that end', {
  timeout,
}, async (t) => {
  const { server } = await started(t);
  const open = async (): Promise<RawSocket> => await RawSocket.open(server.url);
  const first = await Promise.all(Array.from({ length: bounds.connections }, open));
  t.after(() => first.forEach((socket) => socket.end()));
  const beyond = await open();
  assert.equal(await beyond.untilClosed(), '');
  first.pop()?.end();
  for (;;) {
    const socket = await open();
    socket.send('GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    const answer = await socket.untilClosed();
    if (answer !== '') return assert.deepEqual(statusesIn(answer), [200]);
  }
});

test('request smuggling: two lengths, two ways of telling a length, and lines that only some read are refused', {
  timeout,
}, async (t) => {
  const { server, asked } = await started(t);
  const smuggled = 'POST /api/v1/pause?namespace=smuggled HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n';
  const post = (headers: string, body: string): string =>
    `POST /api/v1/pause?namespace=first HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n${body}`;
  for (const request of [
    post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${smuggled}`),
    post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', `0\r\n\r\n${smuggled}`),
    post(`Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n`, smuggled),
    post(`Content-Length: 0, ${smuggled.length}\r\n`, smuggled),
    post('Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${smuggled}`),
    post('Transfer-Encoding: xchunked\r\n', `0\r\n\r\n${smuggled}`),
    post('Transfer-Encoding : chunked\r\n', `0\r\n\r\n${smuggled}`),
    post('Transfer-Encoding:\x0bchunked\r\nContent-Length: 0\r\n', smuggled),
    post('X: y\rTransfer-Encoding: chunked\r\n', `0\r\n\r\n${smuggled}`),
    post('X: y\nContent-Length: 0\r\n', smuggled),
    post('Content-Length: +0\r\n', smuggled),
    post('Content-Length: 0x0\r\n', smuggled),
    post(' Content-Length: 0\r\n', smuggled),
  ]) {
    const answer = await sendRaw(server.url, request);
    assert.deepEqual(statusesIn(answer), [400], JSON.stringify(request.slice(60, 140)));
  }
  assert.deepEqual(asked.pauses, []);
});

test('DNS rebinding: a name that is not ours is refused, however it is given', { timeout }, async (t) => {
  const { server } = await started(t);
  const { port } = new URL(server.url);
  const ask = async (target: string, hosts: readonly string[]): Promise<number[]> => {
    const lines = hosts.map((host) => `Host: ${host}\r\n`).join('');
    return statusesIn(await sendRaw(server.url, `GET ${target} HTTP/1.1\r\n${lines}Connection: close\r\n\r\n`));
  };
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    `localhost@evil.example:${port}`,
    'evil.example#localhost',
    '127.0.0.1, evil.example',
    '0x7f000001',
    '2130706433',
    '127.1',
    '',
  ]) {
    assert.deepEqual(await ask('/api/v1/targets', [host]), [421], host);
  }
  assert.deepEqual(await ask('/api/v1/targets', []), [400]);
  assert.ok([400, 421].includes((await ask('/api/v1/targets', ['evil.example', 'localhost']))[0] ?? 0));
  // The host of a whole URL as the target counts for nobody here.
  assert.deepEqual(await ask('http://localhost/api/v1/targets', ['evil.example']), [421]);
});
