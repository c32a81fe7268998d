import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { safetyCheck } from '../../../src/scrape/safety.ts';
import { targetCredentials } from '../../../src/scrape/target-credentials.ts';
import { FetchError } from '../../../src/scrape/transports/transport.ts';
import { temporaryFolder } from '../../support/daemon.ts';
import { byPath, startPprofServer } from '../../support/pprof-server.ts';
import { gzipMagic, targetOf } from '../../support/scrape-targets.ts';
import { budgetOf, forwardOver, never, requestTo, told } from '../../support/scrape-transports.ts';

const heap = byPath({ '/debug/pprof/heap': { kind: 'profile', bytes: gzipMagic } });
const tlsFolder = new URL('../../fixtures/kubernetes-tls/', import.meta.url);

async function listen(t: TestContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

// Not `once`, which takes the error of a stream that is cut for its own.
const closed = (socket: Socket): Promise<void> =>
  socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once('close', () => resolve()));

test('many questions to one process go over one stream', async () => {
  await using server = await startPprofServer(heap);
  const { transport, opened } = forwardOver();
  for (let i = 0; i < 5; i++) assert.equal(await told(transport, requestTo(server.port)), 'profile');
  assert.deepEqual([opened.length, server.connections, transport.kept.count], [1, 1, 1]);
  assert.deepEqual(Object.keys(server.requests[0]?.headers ?? {}).sort(), [
    'accept',
    'connection',
    'host',
    'user-agent',
  ]);
  assert.equal(server.requests[0]?.headers.host, `127.0.0.1:${server.port}`);
});

test('a pod of the same name with another UID, and a container that was started again, get streams of their own', async () => {
  await using server = await startPprofServer(heap);
  const { transport, opened } = forwardOver();
  const first = targetOf('db-0', ['heap']);
  const processOf = (id: string) => ({ ...first, process: { ...first.process, id } });
  const processes = [first, processOf('uid-2/containerd-1'), processOf('uid-2/containerd-2')];
  for (const target of processes) await told(transport, requestTo(server.port), target);
  assert.deepEqual([opened.length, transport.kept.count], [3, 3]);
  transport.forget(first);
  await closed(opened[0]?.socket ?? assert.fail());
  assert.equal(transport.kept.count, 2);
  await told(transport, requestTo(server.port), first);
  assert.equal(opened.length, 4);
});

test('two questions at once to one process do not wait for each other, and one stream of theirs is kept', async () => {
  await using server = await startPprofServer(heap);
  const { transport, opened } = forwardOver();
  const both = await Promise.all([told(transport, requestTo(server.port)), told(transport, requestTo(server.port))]);
  assert.deepEqual([both, opened.length, transport.kept.count], [['profile', 'profile'], 2, 1]);
});

test('a kept stream that the pod has closed costs one more try, over a fresh one', async (t) => {
  let answers = 0;
  const answerOnce: RequestListener = (_, response) => {
    // Closes after the answer without saying so, as a server does that is started again.
    if (++answers % 2 === 1) response.end(gzipMagic);
    else response.socket?.destroy();
  };
  const port = await listen(t, createHttpServer(answerOnce));
  const { transport, opened } = forwardOver();
  assert.equal(await told(transport, requestTo(port)), 'profile');
  assert.equal(await told(transport, requestTo(port)), 'profile');
  assert.deepEqual([answers, opened.length], [3, 2]);
});

test('a fresh stream that breaks is not tried again, nor is an answer that breaks off', async (t) => {
  let asked = 0;
  const breaks = await listen(
    t,
    createTcpServer((socket) =>
      socket.once('data', () => {
        asked++;
        socket.destroy();
      }),
    ),
  );
  const { transport, opened } = forwardOver();
  assert.match(await told(transport, requestTo(breaks)), /^reset: 127\.0\.0\.1:\d+ by port-forward: /);
  assert.deepEqual([asked, opened.length], [1, 1]);

  const halfway = await listen(
    t,
    createHttpServer((request, response) => {
      asked++;
      if (request.url === '/first') return void response.end(gzipMagic);
      response.writeHead(200, { 'content-length': 1000 });
      return void response.write('x', () => response.socket?.destroy());
    }),
  );
  await told(transport, requestTo(halfway, { path: '/first' }));
  assert.match(await told(transport, requestTo(halfway)), /^reset: /);
  assert.deepEqual([asked, opened.length], [3, 2]);
});

test('a server that closes each connection is asked over a new stream each time, and none is kept', async (t) => {
  const close: RequestListener = (_, response) => response.setHeader('connection', 'close').end(gzipMagic);
  const port = await listen(t, createHttpServer(close));
  const { transport, opened } = forwardOver();
  for (let i = 0; i < 3; i++) assert.equal(await told(transport, requestTo(port)), 'profile');
  assert.deepEqual([opened.length, transport.kept.count], [3, 0]);
  for (const { socket } of opened) await closed(socket);
});

test('the streams kept are bounded: the one idle longest makes room', async () => {
  await using server = await startPprofServer(heap);
  const { transport, opened } = forwardOver({ kept: 2 });
  for (const name of ['a', 'b', 'c']) await told(transport, requestTo(server.port), targetOf(name, ['heap']));
  await closed(opened[0]?.socket ?? assert.fail());
  assert.deepEqual([transport.kept.count, transport.kept.evicted], [2, 1]);
  await told(transport, requestTo(server.port), targetOf('b', ['heap']));
  assert.equal(opened.length, 3);
});

test('an idle stream is closed after its time, and all of them at the end', async () => {
  await using server = await startPprofServer(heap);
  const brief = forwardOver({ keptMs: 1 });
  await told(brief.transport, requestTo(server.port));
  await closed(brief.opened[0]?.socket ?? assert.fail());
  assert.equal(brief.transport.kept.count, 0);
  const { transport, opened } = forwardOver();
  await told(transport, requestTo(server.port));
  await transport[Symbol.asyncDispose]();
  await closed(opened[0]?.socket ?? assert.fail());
});

test('an abort ends the stream that is waited on', async () => {
  await using server = await startPprofServer(() => ({ kind: 'hang' }));
  const { transport, opened } = forwardOver();
  const stop = new AbortController();
  const asked = transport.fetch(targetOf('a', ['heap']), requestTo(server.port), stop.signal);
  while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  await assert.rejects(asked, { failure: 'aborted' });
  await closed(opened[0]?.socket ?? assert.fail());
  assert.equal(transport.kept.count, 0);
});

test('an opening that never ends is ended by the deadline of the scrape', async () => {
  const { transport } = forwardOver({
    open: (_, __, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  });
  assert.equal(await told(transport, requestTo(1, { timeoutMs: 30 })), 'timeout: no whole answer within 0.03 s');
});

test("the stream's own error is told in the words of who knows it", async (t) => {
  const port = await listen(t, createTcpServer());
  const { transport } = forwardOver({
    open: async () => {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      setImmediate(() => socket.destroy(new Error('failed to connect to localhost:6060: connection refused')));
      return socket;
    },
    explain: (error) => new FetchError('refused', `explained: ${String(error)}`),
  });
  assert.match(
    await told(transport, requestTo(port)),
    /^refused: explained: Error: failed to connect to localhost:6060/,
  );
});

test('https works over the stream; the certificate counts where scrape.tls says so', async (t) => {
  const read = (name: string): Buffer => readFileSync(new URL(name, tlsFolder));
  const answer: RequestListener = (_, response) => response.end(gzipMagic);
  const port = await listen(t, createTlsServer({ key: read('server.key'), cert: read('server.crt') }, answer));
  const request = requestTo(port, { endpoint: { scheme: 'https', host: '10.1.0.7', port } });
  const plain = forwardOver();
  for (let i = 0; i < 3; i++) assert.equal(await told(plain.transport, request), 'profile');
  assert.equal(plain.opened.length, 1);

  const rule = { namespace: 'shop', serviceAccount: 'web', certFile: '', keyFile: '', insecure: false };
  const ask = (caFile: string, serverName: string): Promise<string> => {
    const credentials = targetCredentials({ tls: [{ ...rule, caFile, serverName }], auth: [] }, Date.now);
    const target = targetOf('a', ['heap'], { serviceAccount: 'web' });
    return told(forwardOver({ credentials }).transport, request, target);
  };
  const ca = new URL('ca.crt', tlsFolder).pathname;
  assert.match(await ask('', 'localhost'), /^tls: 127\.0\.0\.1:\d+ by port-forward: /);
  assert.match(await ask(ca, 'other.example'), /^tls: .*does not match certificate's altnames/);
  assert.equal(await ask(ca, 'localhost'), 'profile');
});

test('when a certificate of scrape.tls changes, the stream that was opened with the old one is not used again', async (t) => {
  const read = (name: string): Buffer => readFileSync(new URL(name, tlsFolder));
  const answer: RequestListener = (_, response) => response.end(gzipMagic);
  const port = await listen(t, createTlsServer({ key: read('server.key'), cert: read('server.crt') }, answer));
  const caFile = `${await temporaryFolder(t)}/ca.crt`;
  await writeFile(caFile, read('ca.crt'));
  let nowMs = 0;
  const rule = { namespace: 'shop', serviceAccount: 'web', certFile: '', keyFile: '', insecure: false };
  const tls = [{ ...rule, caFile, serverName: 'localhost' }];
  const { transport, opened } = forwardOver({ credentials: targetCredentials({ tls, auth: [] }, () => nowMs) });
  const target = targetOf('a', ['heap'], { serviceAccount: 'web' });
  const request = requestTo(port, { endpoint: { scheme: 'https', host: '10.1.0.7', port } });
  for (let i = 0; i < 2; i++) assert.equal(await told(transport, request, target), 'profile');
  assert.equal(opened.length, 1);
  await writeFile(caFile, `${read('ca.crt').toString()}\n# again\n`);
  nowMs += 1000;
  assert.equal(await told(transport, request, target), 'profile');
  await closed(opened[0]?.socket ?? assert.fail());
  assert.equal(opened.length, 2);
});

test('what the safety rules refuse opens no stream: hostNetwork, ports of Kubernetes itself, bad paths', async () => {
  const rules = { apiServers: ['10.0.0.1'], serviceRanges: [], allowHostNetwork: false };
  const strict = forwardOver({ refuse: safetyCheck(rules) });
  const onHost = targetOf('a', ['heap'], { hostNetwork: true });
  const at = (host: string, port: number) => requestTo(port, { endpoint: { scheme: 'http', host, port } });
  assert.match(
    await told(strict.transport, at('10.9.0.1', 6060), onHost),
    /^forbidden: the pod is in the network of its node/,
  );
  assert.match(await told(strict.transport, at('10.0.0.1', 6060)), /^forbidden: address 10\.0\.0\.1 is the API server/);
  assert.match(await told(strict.transport, at('169.254.169.254', 80)), /^forbidden: address .* is link-local/);
  const open = forwardOver({ refuse: safetyCheck({ ...rules, apiPort: 8443, allowHostNetwork: true }) });
  for (const port of [6443, 8443, 10250, 2379]) {
    assert.match(
      await told(open.transport, at('10.9.0.1', port), onHost),
      /^forbidden: port \d+ of a node belongs to Kubernetes/,
    );
  }
  const { pod: _, ...rest } = targetOf('a', ['heap']);
  assert.match(
    await told(open.transport, at('10.9.0.1', 6060), { ...rest, pod: undefined }),
    /^forbidden: .* reaches pods only/,
  );
  assert.deepEqual([strict.opened.length, open.opened.length], [0, 0]);
});

test('over a bound of the budget a scrape waits a little and then says which one it was', async () => {
  await using server = await startPprofServer(() => ({ kind: 'hang' }));
  const budget = budgetOf({ streams: 2, streamsPerNode: 1 });
  const { transport } = forwardOver({ budget });
  const stop = new AbortController();
  const onNode = (node: string) => targetOf(node, ['heap'], { labels: { node } });
  const held = ['n1', 'n2'].map((node) =>
    transport.fetch(onNode(node), requestTo(server.port), stop.signal).catch(() => {}),
  );
  assert.equal(
    await told(transport, requestTo(server.port), onNode('n3')),
    'budget: no port-forward stream became free within 0.05 s: 2 streams at once are allowed (transports.portForward.streams)',
  );
  stop.abort();
  await Promise.all(held);
  const again = new AbortController();
  const one = transport.fetch(onNode('n1'), requestTo(server.port), again.signal).catch(() => {});
  assert.match(
    await told(transport, requestTo(server.port), onNode('n1')),
    /to pods on n1 \(transports\.portForward\.streamsPerNode\)$/,
  );
  again.abort();
  await one;
  assert.deepEqual(budget.numbers().refused, { streams: 1, streams_per_node: 1, per_second: 0 });
  assert.equal(budget.numbers().inUse, 0);
});

test('new streams to one node come no faster than allowed; kept ones cost nothing', async () => {
  await using server = await startPprofServer(heap);
  const budget = budgetOf({ perSecond: 1 }, 1);
  const { transport } = forwardOver({ budget });
  const ask = (name: string) => told(transport, requestTo(server.port), targetOf(name, ['heap']));
  assert.deepEqual([await ask('a'), await ask('b'), await ask('a'), await ask('b')], Array(4).fill('profile'));
  assert.match(
    await ask('c'),
    /^budget: .*1 new streams a second are allowed to pods on node-1 \(transports\.portForward\.perSecond\)$/,
  );
  const elsewhere = targetOf('d', ['heap'], { labels: { node: 'node-2' } });
  assert.equal(await told(transport, requestTo(server.port), elsewhere), 'profile');
});

test('`began` is told when the question is sent, after the stream is open', async () => {
  await using server = await startPprofServer(heap);
  const order: string[] = [];
  const { transport } = forwardOver({
    open: async (_, port) => {
      order.push('open');
      return connect(port, '127.0.0.1');
    },
  });
  await transport.fetch(targetOf('a', ['heap']), requestTo(server.port, { began: () => order.push('began') }), never);
  assert.deepEqual(order, ['open', 'began']);
});
