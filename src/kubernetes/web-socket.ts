import type { IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';
import { type ClientOptions, WebSocket } from 'ws';
import { cleanMessage } from '../model/clean-text.ts';
import { type Bytes, type DurationMs, second } from '../model/units.ts';
import { ChannelSocket, type Heartbeat } from './channel-socket.ts';
import type { KubernetesClient } from './client.ts';
import type { Access, TlsMaterial } from './credentials.ts';
import { errorFromStatus, KubernetesError, toKubernetesError } from './errors.ts';
import { IdleDeadline } from './idle-deadline.ts';
import { openTunnel } from './proxy-tunnel.ts';

export interface ChannelSocketOptions {
  /** Path and query. */
  readonly path: string;
  /** The subprotocols that we speak, best first. */
  readonly protocols: readonly string[];
  /** What a Role must grant: `pods/portforward`. */
  readonly resource: string;
  /** Calls the handshake off, with its reason; an open socket no longer listens to it. */
  readonly signal: AbortSignal;
  /** For the whole handshake: default 10 s. */
  readonly handshakeMs?: DurationMs | undefined;
  readonly heartbeat?: Heartbeat | undefined;
}

const defaultHandshakeMs: DurationMs = 10 * second;
const maxRefusalBytes: Bytes = 64 << 10;
const maxRefusalText: Bytes = 300;
/** The kubelet sends frames of 32 KiB. */
const maxFrameBytes: Bytes = 4 << 20;
/** How long a server that said goodbye may keep the connection. */
const closeTimeoutMs: DurationMs = second;

/**
 * Opens a websocket to the API server with the client's credentials, certificates and proxy; a 401 makes it try once more.
 * Whatever keeps it from opening is a `KubernetesError` by its HTTP status, `silent` after the handshake's time, `protocol`
 * for another subprotocol. Closing the client ends the socket.
 */
export async function openChannelSocket(
  client: KubernetesClient,
  options: ChannelSocketOptions,
): Promise<ChannelSocket> {
  const handshakeMs = options.handshakeMs ?? defaultHandshakeMs;
  options.signal.throwIfAborted();
  using deadline = new IdleDeadline(options.signal, handshakeMs);
  try {
    const socket = await client.withAccess((access) => openSocket(client, access, options, deadline.signal));
    return new ChannelSocket(socket, options.heartbeat);
  } catch (error) {
    if (options.signal.aborted) throw options.signal.reason;
    if (!deadline.expired || (error instanceof KubernetesError && error.status > 0)) throw toKubernetesError(error);
    throw new KubernetesError({
      kind: 'silent',
      message: `no answer to the upgrade of ${plainPath(options)} within ${handshakeMs / second} s`,
    });
  }
}

async function openSocket(
  client: KubernetesClient,
  access: Access,
  options: ChannelSocketOptions,
  signal: AbortSignal,
): Promise<WebSocket> {
  const url = new URL(`${access.server.replace(/^http/, 'ws').replace(/\/$/, '')}${options.path}`);
  signal.throwIfAborted();
  const tunnel = access.proxyUrl && (await openTunnel(access.proxyUrl, url, AbortSignal.any([signal, client.closing])));
  // The types do not know closeTimeout yet.
  const settings: ClientOptions & { closeTimeout: DurationMs } = {
    ...tlsOptions(access),
    ...(tunnel ? { createConnection: () => throughTunnel(tunnel, url, access) } : {}),
    headers: { ...access.headers, 'user-agent': 'flameherd' },
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
    closeTimeout: closeTimeoutMs,
  };
  const socket = new WebSocket(url, [...options.protocols], settings);
  const stop = (): void => socket.terminate();
  client.closing.addEventListener('abort', stop, { once: true });
  socket.once('close', () => client.closing.removeEventListener('abort', stop));
  signal.addEventListener('abort', stop, { once: true });
  try {
    await opened(socket, options);
    return socket;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Resolves with the socket paused, so that no frame is lost before somebody listens. */
function opened(socket: WebSocket, options: ChannelSocketOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('open', () => {
    socket.pause();
    resolve();
  });
  // Stays for the life of the socket: an error without a listener would end the process, and 'close' follows it anyway.
  let answered = false;
  socket.on('error', (error) => {
    if (!answered) reject(handshakeError(error, options));
  });
  socket.once('unexpected-response', (_request, response) => {
    answered = true;
    void refusalOf(response, options).then((error) => {
      reject(error);
      socket.terminate();
    });
  });
  return promise;
}

function throughTunnel(tunnel: Socket, url: URL, access: Access): Socket {
  if (url.protocol === 'ws:') return tunnel;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return connectTls({
    host,
    servername: isIP(host) ? '' : host,
    ...tlsOptions(access),
    socket: tunnel,
    ALPNProtocols: ['http/1.1'],
  });
}

/** Parsing certificates is a third of the cost of a handshake, so it is done once for as long as they are the same. */
const contexts = new WeakMap<TlsMaterial, SecureContext>();

function tlsOptions({ server, tls }: Access): TlsMaterial & { secureContext?: SecureContext } {
  if (!server.startsWith('https:')) return tls;
  let secureContext = contexts.get(tls);
  if (secureContext === undefined) {
    const { ca, cert, key } = tls;
    const material = Object.entries({ ca, cert, key }).filter(([, value]) => value !== undefined);
    secureContext = createSecureContext(Object.fromEntries(material));
    contexts.set(tls, secureContext);
  }
  return { ...tls, secureContext };
}

function handshakeError(error: Error, { protocols }: ChannelSocketOptions): KubernetesError {
  if (!/^(Server sent|Invalid Sec-WebSocket|Invalid Upgrade)/.test(error.message)) return toKubernetesError(error);
  return new KubernetesError({
    kind: 'protocol',
    message: `the API server does not speak ${protocols.join(' or ')}: ${error.message}`,
    cause: error,
  });
}

/** A Status, or the plain text of the kubelet and of proxies in between. */
async function refusalOf(response: IncomingMessage, options: ChannelSocketOptions): Promise<KubernetesError> {
  const status = response.statusCode ?? 0;
  const text = await readText(response);
  if (status < 400) {
    return new KubernetesError({
      kind: 'protocol',
      status,
      message: `the upgrade of ${plainPath(options)} was answered with ${status}: what stands before the API server may not pass websockets`,
    });
  }
  const { kind, reason, message, retryAfterMs } = errorFromStatus(parsed(text), status);
  const said = cleanMessage(message, maxRefusalText);
  if (status !== 403) return new KubernetesError({ kind, status, reason, message: said, retryAfterMs });
  // Also what an unknown subprotocol is answered with, and a missing `create` from Kubernetes 1.35 on: no word why.
  const needed = `a Role must grant both get and create on ${options.resource}`;
  return new KubernetesError({
    kind,
    status,
    reason,
    message: text === '' ? `403 without a reason; ${needed}` : `${said.replace(/[\s:]+$/, '')}; ${needed}`,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.trim() };
  }
}

/** What can be read of it: a body that breaks off still tells something. */
async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= maxRefusalBytes) break;
    }
  } catch {
    return Buffer.concat(chunks).toString('utf8');
  }
  return Buffer.concat(chunks).subarray(0, maxRefusalBytes).toString('utf8');
}

function plainPath({ path }: ChannelSocketOptions): string {
  return path.split('?')[0] ?? path;
}
