import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { getEventListeners, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createTlsServer, get as getTls } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { PortForwardError } from '../../src/kubernetes/port-forward.ts';
import { until } from '../support/kubernetes-harness.ts';
import { agentOver, ask, closed, head, pod, startStreams } from '../support/kubernetes-streams.ts';

const profile = randomBytes(300_000);

test('a profile comes whole through a port-forward, and the next request uses the same connection', async (t) => {
  const { server, serve, forward } = await startStreams(t);
  await serve((request, response) => response.end(request.url === '/heap' ? profile : request.socket.remoteAddress));
  const agent = agentOver(await forward());
  const { status, body } = await ask(agent, '/heap');
  assert.equal(status, 200);
  assert.deepEqual(body, profile);
  assert.equal(String((await ask(agent, '/whoami')).body), '127.0.0.1');
  assert.deepEqual(server.streams.seen, [{ kind: 'port-forward', pod: 'shop/cart', what: 'ports=6060' }]);
});

test('a listener on ::1 only is reached', async (t) => {
  const { serve, forward } = await startStreams(t);
  await serve((request, response) => response.end(request.socket.remoteAddress), { host: '::1', onLoopback: true });
  assert.equal(String((await ask(agentOver(await forward()), '/')).body), '::1');
});

test('it works over TLS with HTTP/2 beside it', async (t) => {
  const { client, serve, forward } = await startStreams(t, { tls: true });
  await serve((_request, response) => response.end(profile));
  await client.get('/version');
  assert.deepEqual((await ask(agentOver(await forward()), '/heap')).body, profile);
});

for (const as of ['split', 'joined'] as const) {
  test(`port frames that come ${as} are no data`, async (t) => {
    const { server, serve, forward } = await startStreams(t);
    server.streams.fail({ on: 'port-forward', fault: { kind: 'headers', as } });
    await serve((_request, response) => response.end(profile));
    assert.deepEqual((await ask(agentOver(await forward()), '/heap')).body, profile);
  });
}

test('port frames joined with the error text are not part of it', async (t) => {
  const { server, forward } = await startStreams(t);
  server.streams.fail({ on: 'port-forward', fault: { kind: 'headers', as: 'joined' } });
  await assert.rejects(ask(agentOver(await forward()), '/'), {
    reason: 'refused',
    message: /^failed to connect to localhost:6060, IPv4/,
  });
});

for (const bytes of [4 << 10, 1 << 20]) {
  test(`frames of ${bytes >> 10} KB come whole`, async (t) => {
    const { server, serve, forward } = await startStreams(t);
    const body = randomBytes(5 << 20);
    server.streams.fail({ on: 'port-forward', fault: { kind: 'frames', bytes } });
    await serve((_request, response) => response.writeHead(200, { connection: 'close' }).end(body));
    assert.deepEqual((await ask(agentOver(await forward()), '/')).body, body);
  });
}

test('a port on which nothing listens is told as refused, without what the node says about itself', async (t) => {
  const { forward } = await startStreams(t);
  await assert.rejects(ask(agentOver(await forward({}, 6999)), '/'), {
    name: 'PortForwardError',
    reason: 'refused',
    message:
      'failed to connect to localhost:6999, IPv4: dial tcp4 127.0.0.1:6999: connect: connection refused ' +
      'IPv6 dial tcp6 [::1]:6999: connect: connection refused',
  });
});

const nodeTexts: readonly (readonly [text: string, reason: string, shown: string])[] = [
  [
    'error forwarding port 6060 to pod 5f5f, uid : read tcp4 127.0.0.1:1->127.0.0.1:6060: read: connection reset by peer',
    'reset',
    'the pod broke the connection',
  ],
  [
    'an error occurred forwarding: exit status 1: socat[71] E connect(5, AF=2 127.0.0.1:6060, 16): Connection refused',
    'refused',
    'nothing listens on this port in the pod',
  ],
  [
    'unable to do port forwarding: nsenter not found in /usr/local/node-secret',
    'other',
    'the node could not forward the port; the log of its kubelet says why',
  ],
  ['failed to connect to \u001b[31mlocalhost\r\n\u202e:6060', 'other', 'failed to connect to [31mlocalhost :6060'],
];

for (const [text, reason, shown] of nodeTexts) {
  test(`of what a node says, "${shown}" is shown`, async (t) => {
    const { server, forward } = await startStreams(t);
    server.streams.fail({ on: 'port-forward', fault: { kind: 'error-text', text } });
    await assert.rejects(ask(agentOver(await forward()), '/'), { reason, message: shown });
  });
}

test('a node that tells an error and does not close is not waited for', async (t) => {
  const { server, forward } = await startStreams(t);
  const text = 'failed to connect to localhost:6060: connection refused';
  server.streams.fail({ on: 'port-forward', fault: { kind: 'error-text', text, closes: false } });
  await assert.rejects(ask(agentOver(await forward()), '/'), { reason: 'refused', message: text });
});

test('when the server closes while the request is being written, its text wins over the failed write', async (t) => {
  const { server, forward } = await startStreams(t);
  const answered = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const text = 'failed to connect to localhost:6060: connection refused';
  const fault = { kind: 'linger', text, answered: answered.resolve, release: release.promise } as const;
  server.streams.fail({ on: 'port-forward', fault });
  const connection = await forward();
  await answered.promise;
  const written = Promise.withResolvers<Error | null | undefined>();
  connection.write('GET / HTTP/1.1\r\n\r\n', written.resolve);
  release.resolve();
  const [error] = (await once(connection, 'error')) as [Error];
  assert.equal(error.message, text);
  assert.equal(await written.promise, error);
});

test('a connection that is closed without data ends, and a request over it fails', async (t) => {
  const { server, forward } = await startStreams(t);
  server.streams.fail({ on: 'port-forward', fault: { kind: 'close' }, times: 2 });
  // Depending on whether the request was out by then, Node or we say so.
  await assert.rejects(ask(agentOver(await forward()), '/'), /socket hang up|closed while the request was being sent/);
  assert.deepEqual(await Array.fromAsync(await forward()), []);
});

test('what is written after the server has closed fails as a reset', async (t) => {
  const { server, forward } = await startStreams(t);
  server.streams.fail({ on: 'port-forward', fault: { kind: 'close' } });
  const connection = await forward();
  // Its end is there and not yet taken, as of a kept connection to which a request comes in the same moment.
  await once(connection, 'readable');
  connection.write('GET / HTTP/1.1\r\n\r\n');
  const [error] = (await once(connection, 'error')) as [PortForwardError];
  assert.equal(`${error.name} ${error.reason}`, 'PortForwardError reset', error.message);
});

test('a connection that breaks in the middle of a profile fails it, as when the kubelet restarts', async (t) => {
  const { server, serve, forward } = await startStreams(t);
  server.streams.fail({ on: 'port-forward', fault: { kind: 'drop', afterBytes: 1000 } });
  await serve((_request, response) => response.end(profile));
  const connection = await forward();
  const failed = closed(connection);
  await assert.rejects(ask(agentOver(connection), '/'), { code: 'ECONNRESET' });
  await failed;
  assert.deepEqual(
    [connection.errored?.name, connection.errored?.message],
    ['PortForwardError', 'the connection through the API server broke'],
  );
});

test('a half-open connection is found by its missing pongs', async (t) => {
  const { server, forward } = await startStreams(t);
  server.streams.fail({ on: 'port-forward', fault: { kind: 'frozen' } });
  const connection = await forward({ heartbeat: { everyMs: 5, unanswered: 3 } });
  await assert.rejects(ask(agentOver(connection), '/'), { reason: 'silent', message: /fell silent/ });
  assert.ok(server.streams.pings > 0);
});

test('a long CPU profile outlives many pings', async (t) => {
  const { server, serve, forward } = await startStreams(t);
  await serve(
    (_request, response) => void until('20 pings', () => server.streams.pings >= 20).then(() => response.end('done')),
  );
  const connection = await forward({ heartbeat: { everyMs: 2, unanswered: 5 } });
  assert.equal(String((await ask(agentOver(connection), '/')).body), 'done');
});

test('a reader that takes its time holds the pod back instead of filling memory', async (t) => {
  const { serve, forward } = await startStreams(t);
  const size = 64 << 20;
  await serve((_request, response) => void pipeline(zeros(size), response).catch(() => {}));
  const connection = await forward();
  const response = await head(agentOver(connection), '/');
  let read = 0;
  let most = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    read += chunk.length;
    // Enough turns for the connection to bring megabytes, if it were not held back.
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    most = Math.max(most, connection.readableLength + response.readableLength);
  }
  assert.equal(read, size);
  assert.ok(most <= 512 << 10, `${most} bytes were waiting`);
});

test('a pod that takes its time holds the writer back', async (t) => {
  const { serveTcp, forward } = await startStreams(t);
  const size = 96 << 20;
  let sent = 0;
  let received = 0;
  let most = 0;
  const done = Promise.withResolvers<void>();
  await serveTcp((socket) => {
    socket.on('data', (bytes) => {
      received += bytes.length;
      most = Math.max(most, sent - received);
      if (received === size) done.resolve();
      socket.pause();
      setImmediate(() => socket.resume());
    });
  });
  const connection = await forward();
  const source = Readable.from(counted(zeros(size), (bytes) => (sent += bytes)));
  source.pipe(connection);
  await done.promise;
  assert.ok(most <= 40 << 20, `${most} bytes were under way`);
});

test('TLS of the pod runs inside the port-forward', async (t) => {
  const { server, forward } = await startStreams(t);
  const app = createTlsServer({ key: fixture('server.key'), cert: fixture('server.crt') }, (_request, response) =>
    response.end(profile),
  );
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  t.after(() => app.close());
  server.streams.listen(pod.namespace, pod.name, 6443, { port: (app.address() as AddressInfo).port });
  const connection = await forward({}, 6443);
  const createConnection = () => connectTls({ socket: connection, ca: fixture('ca.crt'), servername: 'localhost' });
  const hash = createHash('sha256');
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  getTls({ createConnection, path: '/heap', headers: { connection: 'close' } }, (response) => {
    response.on('data', (chunk: Buffer) => hash.update(chunk)).on('end', resolve);
  }).on('error', reject);
  await promise;
  assert.equal(hash.digest('hex'), createHash('sha256').update(profile).digest('hex'));
});

test('a kept connection that the pod closes leaves its agent', async (t) => {
  const { serve, forward } = await startStreams(t);
  const app = await serve((_request, response) => response.end('ok'));
  const connection = await forward();
  const agent = agentOver(connection);
  await ask(agent, '/');
  await until('the connection is kept', () => Object.keys(agent.freeSockets).length === 1);
  const ended = closed(connection);
  app.closeAllConnections();
  await ended;
  assert.deepEqual(agent.freeSockets, Object.create(null));
  assert.equal(connection.errored, null);
});

test('a time-out set on it fires as on a socket', async (t) => {
  const { serveTcp, forward } = await startStreams(t);
  await serveTcp(() => {});
  const connection = (await forward()) as unknown as Socket;
  connection.setTimeout(5);
  await once(connection, 'timeout');
  assert.equal(connection.destroyed, false);
});

test('destroying it leaves nothing open, on either side', async (t) => {
  const { server, client, serveTcp, forward } = await startStreams(t);
  const app = await serveTcp((socket) => socket.resume());
  const connections = await Promise.all(Array.from({ length: 20 }, () => forward()));
  assert.equal(server.streams.open, 20);
  for (const connection of connections) connection.destroy();
  await until('all websockets are closed', () => server.streams.open === 0 && server.openSockets === 0);
  let left = 20;
  await until('the pod has no connections', () => {
    app.getConnections((_error, count) => (left = count));
    return left === 0;
  });
  await until('nothing waits for the client to close', () => getEventListeners(client.closing, 'abort').length === 0);
});

test('one that fails while nobody listens disturbs nobody', async (t) => {
  const { server, forward } = await startStreams(t);
  const connection = await forward({}, 6999);
  await until('it is destroyed', () => connection.destroyed);
  assert.equal(server.streams.open, 0);
});

test('closing the client ends it', async (t) => {
  const { client, serveTcp, forward } = await startStreams(t);
  await serveTcp(() => {});
  const connection = await forward();
  const ended = closed(connection);
  await client.close();
  await ended;
  await assert.rejects(forward(), { kind: 'unavailable', message: 'the client is closed' });
});

async function* zeros(size: number): AsyncGenerator<Buffer> {
  const chunk = Buffer.alloc(64 << 10);
  for (let made = 0; made < size; made += chunk.length) yield chunk;
}

async function* counted(source: AsyncIterable<Buffer>, count: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    count(chunk.length);
    yield chunk;
  }
}

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/kubernetes-tls/${name}`, import.meta.url));
}
