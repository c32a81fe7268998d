import { Duplex } from 'node:stream';
import type { Bytes, DurationMs } from '../model/units.ts';
import type { ChannelSocket, Heartbeat, SocketEnd } from './channel-socket.ts';
import type { KubernetesClient } from './client.ts';
import { checkedPort, type PodName, podPath } from './pod-path.ts';
import { forwardErrorFromText, PortForwardError } from './port-forward-error.ts';
import { openChannelSocket } from './web-socket.ts';

export type { PodName } from './pod-path.ts';
export { PortForwardError, type PortForwardFailure } from './port-forward-error.ts';

export interface PortForwardOptions {
  /** Calls the opening off. An open connection is ended by destroying it, so that one may outlive its first request. */
  readonly signal: AbortSignal;
  /** Default 10 s. */
  readonly handshakeMs?: DurationMs;
  /** Default: a ping every 10 s, three without an answer are silence. */
  readonly heartbeat?: Heartbeat;
}

/**
 * A TCP connection to 127.0.0.1:port, then ::1, inside the pod's network namespace; in a pod with hostNetwork, the node's own
 * loopback. Rejects with a `KubernetesError`, or the signal's reason. The stream obeys back-pressure both ways and may be
 * given to an `http.Agent`. There is no half-close: `end` does not reach the pod. What goes wrong later destroys the stream
 * with a `PortForwardError`; a connection that the pod closed ends it.
 */
export async function openPortForward(
  client: KubernetesClient,
  pod: PodName,
  port: number,
  options: PortForwardOptions,
): Promise<Duplex> {
  const socket = await openChannelSocket(client, {
    path: `${podPath(pod)}/portforward?ports=${checkedPort(port)}`,
    protocols: ['v4.channel.k8s.io'],
    resource: 'pods/portforward',
    ...options,
  });
  return new ForwardedConnection(socket);
}

const dataChannel = 0;
const errorChannel = 1;
/** Each channel begins with the port, in two bytes that may come apart, or together with what follows. */
const headerBytes: Bytes = 2;
const maxErrorText: Bytes = 4096;
const closedWhileSending = 'the connection was closed while the request was being sent';
/** After its error text the server closes; one that does not is not waited for. */
const errorGraceMs: DurationMs = 1000;

class ForwardedConnection extends Duplex {
  /** What `http.Agent` asks of a socket. */
  readonly connecting = false;
  timeout: DurationMs = 0;
  readonly #socket: ChannelSocket;
  readonly #headersLeft = [headerBytes, headerBytes];
  #errorText = '';
  #errorGrace: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  /** A write that failed waits here: the reason comes on the error channel, and the close after it. */
  #failedWrite: ((error: Error) => void) | undefined;
  #ended = false;

  constructor(socket: ChannelSocket) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    // An error that nobody listens for would end the process.
    this.on('error', () => {});
    socket.start({
      message: (channel, payload) => this.#receive(channel, payload),
      end: (how) => this.#end(how),
    });
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#refreshIdle();
    this.#socket.send(dataChannel, chunk, (error) => {
      if (!error) done();
      else if (this.#ended) done(new PortForwardError('reset', closedWhileSending));
      else this.#failedWrite = done;
    });
  }

  override _final(done: () => void): void {
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#errorGrace);
    this.#socket.destroy();
    done(error);
  }

  /** As of a `net.Socket`: emits `timeout` when so long nothing was sent or received; 0 turns it off. */
  setTimeout(timeoutMs: DurationMs, listener?: () => void): this {
    clearTimeout(this.#idle);
    this.timeout = timeoutMs;
    if (listener) this.once('timeout', listener);
    this.#idle = timeoutMs > 0 ? setTimeout(() => this.emit('timeout'), timeoutMs).unref() : undefined;
    return this;
  }

  destroySoon(): void {
    this.destroy();
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  #receive(channel: number, payload: Buffer): void {
    this.#refreshIdle();
    const headerLeft = this.#headersLeft[channel];
    if (headerLeft === undefined) return;
    const skipped = Math.min(headerLeft, payload.length);
    this.#headersLeft[channel] = headerLeft - skipped;
    const bytes = payload.subarray(skipped);
    if (bytes.length === 0) return;
    if (channel === dataChannel && !this.push(bytes)) this.#socket.pause();
    if (channel !== errorChannel) return;
    this.#errorText = (this.#errorText + bytes.toString('utf8')).slice(0, maxErrorText);
    this.#errorGrace ??= setTimeout(() => this.#socket.destroy(), errorGraceMs);
  }

  #end(how: SocketEnd): void {
    this.#ended = true;
    if (this.destroyed) return;
    const error = this.#failure(how);
    if (error === undefined) this.push(null);
    else if (this.#failedWrite) this.#failedWrite(error);
    else this.destroy(error);
  }

  #failure(how: SocketEnd): PortForwardError | undefined {
    if (this.#errorText !== '') return forwardErrorFromText(this.#errorText);
    if (how === 'silent') return new PortForwardError('silent', 'the connection through the API server fell silent');
    if (how === 'broken') return new PortForwardError('reset', 'the connection through the API server broke');
    return this.#failedWrite && new PortForwardError('reset', closedWhileSending);
  }

  #refreshIdle(): void {
    this.#idle?.refresh();
  }
}
