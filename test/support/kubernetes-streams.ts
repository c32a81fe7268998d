import { once } from 'node:events';
import {
  Agent,
  createServer,
  get,
  type Server as HttpServer,
  type IncomingMessage,
  type RequestListener,
} from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TestContext } from 'node:test';
import { type KubernetesClient, openKubernetes } from '../../src/kubernetes/client.ts';
import { openPortForward, type PortForwardOptions } from '../../src/kubernetes/port-forward.ts';
import { type FakeApiOptions, type FakeApiServer, startFakeApiServer } from './fake-api-server.ts';
import type { PodListener } from './fake-api-streams.ts';
import { podObject } from './kubernetes-objects.ts';

export const pod = { namespace: 'shop', name: 'cart' };
export const never = new AbortController().signal;

export interface StreamsBench {
  readonly server: FakeApiServer;
  readonly client: KubernetesClient;
  /** Serves HTTP in the pod. */
  readonly serve: (
    handler: RequestListener,
    where?: Partial<PodListener> & { readonly podPort?: number },
  ) => Promise<HttpServer>;
  /** Serves plain TCP in the pod, on port 6060. */
  readonly serveTcp: (handler: (socket: Socket) => void) => Promise<Server>;
  readonly forward: (options?: Partial<PortForwardOptions>, port?: number) => Promise<Duplex>;
}

/** A fake API server with the pod `shop/cart`, and a client; all of it ends with the test. */
export async function startStreams(t: TestContext, options: FakeApiOptions = {}): Promise<StreamsBench> {
  const server = await startFakeApiServer(options);
  const client = await openKubernetes({ kubeconfig: server.kubeconfig() });
  const listeners: Server[] = [];
  const sockets = new Set<Socket>();
  server.put(podObject(pod.namespace, pod.name));
  const listen = async (
    listener: Server,
    { podPort = 6060, ...where }: Partial<PodListener> & { podPort?: number },
  ) => {
    listeners.push(listener);
    listener.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
    });
    listener.listen(0, where.host ?? '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    server.streams.listen(pod.namespace, pod.name, podPort, { ...where, port });
  };
  t.after(async () => {
    await client.close();
    await server.close();
    for (const socket of sockets) socket.destroy();
    for (const listener of listeners) listener.close();
  });
  return {
    server,
    client,
    async serve(handler, where = {}) {
      const listener = createServer(handler);
      await listen(listener, where);
      return listener;
    },
    async serveTcp(handler) {
      const listener = createTcpServer(handler);
      await listen(listener, {});
      return listener;
    },
    forward: (more = {}, port = 6060) => openPortForward(client, pod, port, { signal: never, ...more }),
  };
}

/** When a stream is closed, with or without an error. */
export function closed(stream: Duplex): Promise<void> {
  return new Promise((resolve) => stream.once('close', resolve));
}

/** An agent whose only connection is this one. */
export function agentOver(connection: Duplex): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = () => connection;
  return agent;
}

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** One GET over an agent; rejects with the error of the request or of its body. */
export async function ask(agent: Agent, path: string): Promise<Answer> {
  const response = await head(agent, path);
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks) };
}

/** The head of an answer; its body is not read. */
export async function head(agent: Agent, path: string): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  get({ host: 'pod', path, agent }, resolve).on('error', reject);
  return promise;
}
