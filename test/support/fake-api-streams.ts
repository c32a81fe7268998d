import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type FakeStatus, statusBody } from './fake-api-answers.ts';
import { exitStatus, linger, pump, refuseUpgrade, send, sendPieces } from './fake-api-frames.ts';
import type { AskedProxy, AskedStream } from './fake-api-paths.ts';
import { proxyToPod } from './fake-api-pod-proxy.ts';
import type { Request, Response } from './fake-api-responses.ts';
import type { ObjectStore } from './kubernetes-object-store.ts';

export type StreamKind = 'port-forward' | 'exec' | 'pod-proxy';

/** What goes wrong with a stream. */
export type StreamFault =
  /** The upgrade, or the proxied request, is refused with a Status. */
  | ({ readonly kind: 'status' } & FakeStatus)
  /** The upgrade is refused with plain text, or with nothing. */
  | { readonly kind: 'text'; readonly code: number; readonly text: string }
  /** The connection is taken and nothing is ever answered. */
  | { readonly kind: 'hang' }
  /** This subprotocol is answered, or none. */
  | { readonly kind: 'subprotocol'; readonly answer: string | undefined }
  /** Port-forward: this text on the error channel, then a clean close. */
  | { readonly kind: 'error-text'; readonly text: string; readonly closes?: boolean }
  /** A clean close at once. */
  | { readonly kind: 'close' }
  /** The connection breaks when so many bytes have gone to the client. */
  | { readonly kind: 'drop'; readonly afterBytes: number }
  /** Open, and then not a word, no pong either: a connection that died on the way. */
  | { readonly kind: 'frozen' }
  /** Port-forward: one byte per frame for the ports, or the ports joined with what follows. */
  | { readonly kind: 'headers'; readonly as: 'split' | 'joined' }
  /** Port-forward: data in frames of this size instead of as it comes. */
  | { readonly kind: 'frames'; readonly bytes: number }
  /** Port-forward: error text and a close frame, but the connection stays until `release`; `answered` when the client's close frame is back. */
  | { readonly kind: 'linger'; readonly text: string; readonly answered: () => void; readonly release: Promise<void> };

export interface FaultyStream {
  readonly on: StreamKind;
  /** How many fail: default 1. */
  readonly times?: number;
  readonly fault: StreamFault;
}

/** A server in a pod: the real listener that plays it. */
export interface PodListener {
  readonly port: number;
  /** Where the listener really is: default 127.0.0.1. */
  readonly host?: '127.0.0.1' | '::1';
  /** Listens on the pod's loopback only, so that pods/proxy is refused. */
  readonly onLoopback?: boolean;
}

export interface ExecCall {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly argv: readonly string[];
  readonly protocol: string;
}

export interface ExecAnswer {
  readonly stdout?: Uint8Array | string;
  readonly stderr?: string;
  readonly exitCode?: number;
  /** Another status than that of an exit code, as when there is no such program. */
  readonly status?: FakeStatus;
  /** What is sent as the status, good or bad. */
  readonly rawStatus?: string;
  /** Instead of a status: a clean close, a broken connection, or nothing at all; or a status without the close after it. */
  readonly ends?: 'without-status' | 'broken' | 'never' | 'without-close';
}

export interface SeenStream {
  readonly kind: StreamKind;
  readonly pod: string;
  /** `ports=6060`, the query of an exec, or the path behind pods/proxy. */
  readonly what: string;
}

/**
 * The streams of the fake API server, as Kubernetes 1.36 and containerd serve them: port-forward over websocket to real
 * listeners, exec to a function, pods/proxy. A pod must be in the store; its servers are told by `listen`.
 */
export class FakeStreams {
  /** All that were asked for, oldest first. */
  readonly seen: SeenStream[] = [];
  /** Websockets that are open now. */
  open = 0;
  /** Pings that came, of all websockets. */
  pings = 0;
  exec: (call: ExecCall) => ExecAnswer | Promise<ExecAnswer> = () => ({ exitCode: 0 });
  readonly #store: ObjectStore;
  readonly #listeners = new Map<string, PodListener>();
  #faults: { on: StreamKind; fault: StreamFault; left: number }[] = [];

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** What the pod serves on `port`; undefined: nothing any more. */
  listen(namespace: string, pod: string, port: number, listener: PodListener | undefined): void {
    const key = `${namespace}/${pod}:${port}`;
    if (listener === undefined) this.#listeners.delete(key);
    else this.#listeners.set(key, listener);
  }

  /** The next streams of this kind fail like this; several are used in the order in which they were given. */
  fail({ on, times = 1, fault }: FaultyStream): void {
    this.#faults.push({ on, fault, left: times });
  }

  /** Serves an upgrade that was authorized. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, asked: AskedStream): void {
    const kind: StreamKind = asked.subresource === 'exec' ? 'exec' : 'port-forward';
    this.#see({ kind, pod: `${asked.namespace}/${asked.pod}`, what: asked.query.toString() });
    const fault = this.#nextFault(kind);
    if (fault?.kind === 'hang') return void socket.resume().on('end', () => socket.end());
    if (fault?.kind === 'status') return refuseUpgrade(socket, fault.code, statusBody(fault));
    if (fault?.kind === 'text') return refuseUpgrade(socket, fault.code, fault.text);
    const problem = this.#podProblem(asked);
    if (problem !== undefined) return refuseUpgrade(socket, problem.code, statusBody(problem));
    const spoken = kind === 'exec' ? ['v5.channel.k8s.io', 'v4.channel.k8s.io'] : ['v4.channel.k8s.io'];
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(/ *, */);
    const protocol = spoken.find((each) => offered.includes(each));
    if (protocol === undefined) return refuseUpgrade(socket, 403, '');
    if (fault?.kind === 'linger') return linger(request, socket, fault);
    const answered = fault?.kind === 'subprotocol' ? fault.answer : protocol;
    const server = new WebSocketServer({
      noServer: true,
      autoPong: fault?.kind !== 'frozen',
      handleProtocols: () => answered ?? false,
    });
    server.handleUpgrade(request, socket, head, (websocket) => {
      this.open++;
      websocket.on('close', () => this.open--);
      websocket.on('error', () => {});
      websocket.on('ping', () => this.pings++);
      if (kind === 'exec') void this.#runExec(websocket, asked, fault);
      else this.#forward(websocket, asked, fault);
    });
  }

  /** Serves a pods/proxy request that was authorized. */
  proxy(request: Request, response: Response, asked: AskedProxy): void {
    this.#see({ kind: 'pod-proxy', pod: `${asked.namespace}/${asked.pod}`, what: asked.path });
    const listener = this.#listeners.get(`${asked.namespace}/${asked.pod}:${asked.port}`);
    const pod = this.#store.get('Pod', asked.namespace, asked.pod);
    proxyToPod({ request, response, asked, listener, pod, fault: this.#nextFault('pod-proxy') });
  }

  #see(stream: SeenStream): void {
    this.seen.push(stream);
    if (this.seen.length > 10_000) this.seen.shift();
  }

  #nextFault(kind: StreamKind): StreamFault | undefined {
    const found = this.#faults.find(({ on }) => on === kind);
    if (found === undefined) return undefined;
    found.left--;
    if (found.left <= 0) this.#faults = this.#faults.filter((fault) => fault !== found);
    return found.fault;
  }

  #podProblem({ namespace, pod, subresource, query }: AskedStream): FakeStatus | undefined {
    const object = this.#store.get('Pod', namespace, pod);
    if (object === undefined) return { code: 404, reason: 'NotFound', message: `pods "${pod}" not found` };
    const { containers = [] } = object['spec'] as { containers?: { name: string }[] };
    const container = query.get('container') ?? '';
    if (subresource !== 'exec' || containers.some(({ name }) => name === container)) return undefined;
    const { ephemeralContainers = [] } = object['spec'] as { ephemeralContainers?: { name: string }[] };
    if (ephemeralContainers.some(({ name }) => name === container)) return undefined;
    return { code: 400, reason: 'BadRequest', message: `container ${container} is not valid for pod ${pod}` };
  }

  #forward(websocket: WebSocket, asked: AskedStream, fault: StreamFault | undefined): void {
    const port = Number(asked.query.get('ports'));
    const ports = [port & 255, port >> 8];
    const headers = fault?.kind === 'headers' ? fault.as : 'whole';
    if (headers === 'whole') for (const channel of [0, 1]) send(websocket, channel, Buffer.from(ports));
    if (headers === 'split')
      for (const byte of ports) for (const channel of [0, 1]) send(websocket, channel, Buffer.from([byte]));
    if (fault?.kind === 'frozen') return;
    if (fault?.kind === 'close') return websocket.close(1000);
    if (fault?.kind === 'error-text') {
      send(websocket, 1, Buffer.from(fault.text));
      if (fault.closes !== false) websocket.close(1000);
      return;
    }
    const listener = this.#listeners.get(`${asked.namespace}/${asked.pod}:${port}`);
    const before = headers === 'joined' ? Buffer.from(ports) : Buffer.alloc(0);
    pump(websocket, { port, listener, before, fault });
  }

  async #runExec(
    websocket: WebSocket,
    { namespace, pod, query }: AskedStream,
    fault: StreamFault | undefined,
  ): Promise<void> {
    // The kubelet opens each channel with an empty frame.
    for (const channel of [1, 2, 3]) send(websocket, channel, Buffer.alloc(0));
    if (fault?.kind === 'frozen') return;
    if (fault?.kind === 'close') return websocket.close(1000);
    const { protocol } = websocket;
    const call = { namespace, pod, container: query.get('container') ?? '', argv: query.getAll('command'), protocol };
    const { stdout = '', stderr = '', exitCode = 0, status, rawStatus, ends } = await this.exec(call);
    if (fault?.kind === 'drop') {
      sendPieces(websocket, 1, Buffer.from(stdout).subarray(0, fault.afterBytes));
      return websocket.terminate();
    }
    sendPieces(websocket, 1, Buffer.from(stdout));
    sendPieces(websocket, 2, Buffer.from(stderr));
    if (ends === 'never') return;
    if (ends === 'broken') return websocket.terminate();
    const said = rawStatus ?? JSON.stringify(status ? statusBody(status) : exitStatus(exitCode));
    if (ends !== 'without-status') send(websocket, 3, Buffer.from(said));
    if (ends !== 'without-close') websocket.close(1000);
  }
}
