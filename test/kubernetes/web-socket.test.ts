import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { KubernetesClient } from '../../src/kubernetes/client.ts';
import { openPortForward } from '../../src/kubernetes/port-forward.ts';
import type { StreamFault } from '../support/fake-api-streams.ts';
import { until } from '../support/kubernetes-harness.ts';
import { agentOver, ask, never, pod, startStreams } from '../support/kubernetes-streams.ts';

interface Refusal {
  readonly fault: StreamFault;
  readonly kind: string;
  readonly status: number;
  readonly message: string;
}

const needed = 'a Role must grant both get and create on pods/portforward';
const refusals: Readonly<Record<string, Refusal>> = {
  'a right that is missing': {
    fault: { kind: 'status', code: 403, reason: 'Forbidden', message: 'pods "cart" is forbidden: User "a" cannot get' },
    kind: 'forbidden',
    status: 403,
    message: `pods "cart" is forbidden: User "a" cannot get; ${needed}`,
  },
  'a missing create, refused without a word why': {
    fault: { kind: 'status', code: 403, reason: 'Forbidden', message: 'pods "cart" is forbidden: ' },
    kind: 'forbidden',
    status: 403,
    message: `pods "cart" is forbidden; ${needed}`,
  },
  'an empty 403, as for a subprotocol that is not known': {
    fault: { kind: 'text', code: 403, text: '' },
    kind: 'forbidden',
    status: 403,
    message: `403 without a reason; ${needed}`,
  },
  'a pod that was deleted': {
    fault: { kind: 'status', code: 404, reason: 'NotFound', message: 'pods "cart" not found' },
    kind: 'not-found',
    status: 404,
    message: 'pods "cart" not found',
  },
  'a pod without a node': {
    fault: { kind: 'status', code: 400, reason: 'BadRequest', message: 'pod cart does not have a host assigned' },
    kind: 'invalid',
    status: 400,
    message: 'pod cart does not have a host assigned',
  },
  'a pod that has ended': {
    fault: { kind: 'text', code: 500, text: 'pod not found ("cart_shop")\n' },
    kind: 'server',
    status: 500,
    message: 'pod not found ("cart_shop")',
  },
  'a node whose kubelet is down': {
    fault: {
      kind: 'text',
      code: 500,
      text: 'error dialing backend: dial tcp 10.0.0.1:10250: connect: connection refused',
    },
    kind: 'server',
    status: 500,
    message: 'error dialing backend: dial tcp 10.0.0.1:10250: connect: connection refused',
  },
  'a server that asks for patience': {
    fault: { kind: 'status', code: 429, message: 'too many requests', retryAfterSeconds: 7 },
    kind: 'throttled',
    status: 429,
    message: 'too many requests',
  },
  'text that is no good on a terminal, and too long': {
    fault: { kind: 'text', code: 500, text: `\u001b[31mred\r\nline\u202e ${'x'.repeat(200_000)}` },
    kind: 'server',
    status: 500,
    message: `[31mred line ${'x'.repeat(287)}`,
  },
  'a login page in between': {
    fault: { kind: 'text', code: 200, text: '<html>sign in</html>' },
    kind: 'protocol',
    status: 200,
    message:
      'the upgrade of /api/v1/namespaces/shop/pods/cart/portforward was answered with 200: what stands before the API server may not pass websockets',
  },
};

for (const [name, { fault, ...expected }] of Object.entries(refusals)) {
  test(`an upgrade that is refused: ${name}`, async (t) => {
    const { server, forward } = await startStreams(t);
    server.streams.fail({ on: 'port-forward', fault });
    await assert.rejects(forward(), { name: 'KubernetesError', ...expected });
    await until('the connection is gone', () => server.openSockets === 0);
  });
}

test('the right to create alone, or to get alone, does not open a port-forward', async (t) => {
  const { server, serve, forward } = await startStreams(t);
  await serve((_request, response) => response.end('ok'));
  for (const verb of ['get', 'create']) {
    server.authorize = (right) => right.verb === verb;
    await assert.rejects(forward(), {
      kind: 'forbidden',
      message: /must grant both get and create on pods\/portforward$/,
    });
  }
  server.authorize = (right) => right.plural === 'pods/portforward';
  assert.equal(String((await ask(agentOver(await forward()), '/')).body), 'ok');
});

test('a pod that does not exist is not found', async (t) => {
  const { client } = await startStreams(t);
  const opening = openPortForward(client, { namespace: 'shop', name: 'gone' }, 6060, { signal: never });
  await assert.rejects(opening, { kind: 'not-found', message: 'pods "gone" not found' });
});

test('a handshake that hangs, as with a frozen kubelet, ends after its time', async (t) => {
  const { server, forward } = await startStreams(t);
  server.streams.fail({ on: 'port-forward', fault: { kind: 'hang' } });
  await assert.rejects(forward({ handshakeMs: 20 }), {
    kind: 'silent',
    message: 'no answer to the upgrade of /api/v1/namespaces/shop/pods/cart/portforward within 0.02 s',
  });
  await until('the connection is gone', () => server.openSockets === 0);
});

test('a handshake that is called off ends with the reason', async (t) => {
  const { server, forward } = await startStreams(t);
  server.streams.fail({ on: 'port-forward', fault: { kind: 'hang' } });
  const stop = new AbortController();
  const opening = forward({ signal: stop.signal });
  const refused = assert.rejects(opening, { message: 'the scrape is over' });
  await until('it is asked', () => server.streams.seen.length === 1);
  stop.abort(new Error('the scrape is over'));
  await refused;
  await assert.rejects(forward({ signal: stop.signal }), { message: 'the scrape is over' });
});

test('what calls the handshake off leaves an open connection alone', async (t) => {
  const { serve, forward } = await startStreams(t);
  await serve((_request, response) => response.end('ok'));
  const stop = new AbortController();
  const agent = agentOver(await forward({ signal: stop.signal }));
  stop.abort();
  assert.equal(String((await ask(agent, '/')).body), 'ok');
});

for (const [name, answer, said] of [
  ['another', 'v9.channel.k8s.io', 'Server sent an invalid subprotocol'],
  ['no', undefined, 'Server sent no subprotocol'],
] as const) {
  test(`a server that answers with ${name} subprotocol is not talked to`, async (t) => {
    const { server, forward } = await startStreams(t);
    server.streams.fail({ on: 'port-forward', fault: { kind: 'subprotocol', answer } });
    await assert.rejects(forward(), {
      kind: 'protocol',
      message: `the API server does not speak v4.channel.k8s.io: ${said}`,
    });
  });
}

test('a token that expired is read again, once', async (t) => {
  const { server, serve, forward } = await startStreams(t);
  await serve((_request, response) => response.end('ok'));
  server.requireToken('token-1');
  await forward();
  server.writeToken('token-2');
  server.requireToken('token-2');
  assert.equal(String((await ask(agentOver(await forward()), '/')).body), 'ok');
  server.requireToken('token-3');
  await assert.rejects(forward(), { kind: 'unauthorized', status: 401 });
});

test('a server that is down is unavailable', async (t) => {
  const { server, forward } = await startStreams(t);
  await server.down();
  await assert.rejects(forward(), {
    kind: 'unavailable',
    message: /^the API server cannot be reached: connect ECONNREFUSED/,
  });
});

for (const [name, bytes, message] of [
  ['drips', 1, 'the API server answered 500'],
  ['floods', 1 << 20, 'x'.repeat(300)],
] as const) {
  test(`a refusal that ${name} without end is not read to its end, and leaves nothing behind`, async (t) => {
    const { server, client } = await startStreams(t);
    await server.down();
    const gone = Promise.withResolvers<void>();
    const flood = createServer((socket) => {
      const more = (error?: Error | null): void => {
        if (!error && bytes > 1) socket.write('x'.repeat(bytes), more);
      };
      socket
        .on('error', () => {})
        .on('close', gone.resolve)
        .resume();
      socket.write('HTTP/1.1 500 Internal Server Error\r\n\r\n', more);
    });
    flood.listen(Number(new URL(server.url).port), '127.0.0.1');
    await once(flood, 'listening');
    t.after(() => flood.close());
    const handshakeMs = bytes > 1 ? 600_000 : 500;
    await assert.rejects(openPortForward(client, pod, 6060, { signal: never, handshakeMs }), { status: 500, message });
    await gone.promise;
    await until('nothing waits for the client to close', () => getEventListeners(client.closing, 'abort').length === 0);
  });
}

for (const name of ['..', 'a/b', 'Upper', 'a?b', '', 'a%2fb', 'a\r\nb']) {
  test(`${JSON.stringify(name)} is no pod, and nothing is asked`, async (t) => {
    const { server, client } = await startStreams(t);
    const opening = openPortForward(client, { namespace: 'shop', name }, 6060, { signal: never });
    await assert.rejects(opening, {
      kind: 'invalid',
      message: `${JSON.stringify(name)} cannot be a name in Kubernetes`,
    });
    assert.equal(server.openSockets, 0);
  });
}

test('0, 65536, 1.5 and NaN are no ports, and nothing is asked', async (t) => {
  const { server, forward } = await startStreams(t);
  for (const port of [0, 65_536, 1.5, Number.NaN]) {
    await assert.rejects(forward({}, port), { kind: 'invalid', message: `port ${port} is not between 1 and 65535` });
  }
  assert.equal(server.openSockets, 0);
});

for (const tls of [false, true]) {
  test(`the proxy of the kubeconfig is used, with its password, to a server over ${tls ? 'TLS' : 'plain HTTP'}`, async (t) => {
    const { server, serve } = await startStreams(t, { tls });
    await serve((_request, response) => response.end('ok'));
    await using proxy = await startConnectProxy('user:p%40ss');
    const client = clientThrough(proxy.url, server.url);
    const connection = await openPortForward(client, pod, 6060, { signal: never });
    assert.equal(String((await ask(agentOver(connection), '/')).body), 'ok');
    assert.deepEqual(proxy.asked, [new URL(server.url).host]);
    await client.close();
  });
}

test('a server with another certificate is not talked to, with a proxy or without', async (t) => {
  const { server } = await startStreams(t, { tls: true });
  await using proxy = await startConnectProxy('user:word');
  for (const proxyUrl of [undefined, proxy.url]) {
    const client = clientThrough(proxyUrl, server.url, '');
    const opening = openPortForward(client, pod, 6060, { signal: never });
    await assert.rejects(opening, { kind: 'unavailable', message: /^the API server cannot be reached: .*certificate/ });
    await client.close();
  }
  assert.deepEqual(server.streams.seen, []);
});

test('a proxy that refuses is named, without its password', async (t) => {
  const { server } = await startStreams(t, { tls: true });
  await using proxy = await startConnectProxy('other:word');
  const client = clientThrough(proxy.url.replace('other:word', 'user:wrong'), server.url);
  const opening = openPortForward(client, pod, 6060, { signal: never });
  const { host } = new URL(proxy.url);
  await assert.rejects(opening, {
    kind: 'unavailable',
    message: `the proxy ${host} answered 407 to CONNECT ${new URL(server.url).host}`,
  });
  await client.close();
});

test('a proxy of another kind is refused, without its password, wherever it is used', async (t) => {
  const client = clientThrough('socks5://user:wrong@proxy:1080', 'http://127.0.0.1:9');
  t.after(() => client.close());
  const refused = (error: Error): boolean => {
    assert.match(error.message, /socks5:\/\/proxy:1080/);
    assert.doesNotMatch(`${error.message}${inspect(error)}`, /wrong/);
    return true;
  };
  await assert.rejects(client.get('/version'), refused);
  await assert.rejects(openPortForward(client, pod, 6060, { signal: never }), refused);
});

test('a proxy that hangs is given up after the time of the handshake, or when the client is closed', async (t) => {
  const { server } = await startStreams(t);
  const silent = createServer((socket) => void socket.on('error', () => {}).resume());
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.close());
  const client = clientThrough(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`, server.url);
  await assert.rejects(openPortForward(client, pod, 6060, { signal: never, handshakeMs: 20 }), { kind: 'silent' });
  const asked = once(silent, 'connection');
  const opening = openPortForward(client, pod, 6060, { signal: never });
  opening.catch(() => {});
  await asked;
  await client.close();
  await assert.rejects(opening, { kind: 'unavailable' }, 'closing the client does not wait for it');
});

const ownCa = readFileSync(new URL('../fixtures/kubernetes-tls/ca.crt', import.meta.url), 'utf8');

function clientThrough(proxyUrl: string | undefined, server: string, ca = ownCa): KubernetesClient {
  const access = { server, proxyUrl, headers: {}, tls: { ca } };
  return new KubernetesClient({ server, namespace: undefined, current: async () => access, renew: () => {} }, Date.now);
}

/** An HTTP proxy that only knows CONNECT. */
async function startConnectProxy(user: string): Promise<{ url: string; asked: string[] } & AsyncDisposable> {
  const asked: string[] = [];
  const sockets = new Set<Duplex>();
  const server = createHttpServer();
  const expected = `Basic ${Buffer.from(decodeURIComponent(user)).toString('base64')}`;
  server.on('connect', (request: IncomingMessage, socket: Socket, rest: Buffer) => {
    sockets.add(socket);
    socket.on('error', () => {});
    if (request.headers['proxy-authorization'] !== expected) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    asked.push(request.url ?? '');
    const { hostname, port } = new URL(`tcp://${request.url}`);
    const target = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.write(rest);
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
    socket.on('close', () => target.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://${user}@127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
