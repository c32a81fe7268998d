import type { WebSocket } from 'ws';
import { type DurationMs, second } from '../model/units.ts';

/** How a socket ended: by a close frame, by a broken connection, or by our own doing after too long a silence. */
export type SocketEnd = 'closed' | 'broken' | 'silent';

export interface ChannelListener {
  message(channel: number, payload: Buffer): void;
  /** Called once, last, however the socket ends, also by `destroy`. */
  end(how: SocketEnd): void;
}

export interface Heartbeat {
  readonly everyMs: DurationMs;
  /** So many pings in a row without a word from the server, and the socket is taken for dead. */
  readonly unanswered: number;
}

const defaultHeartbeat: Heartbeat = { everyMs: 10 * second, unanswered: 3 };

/**
 * A websocket of the `channel.k8s.io` protocols: the first byte of each binary frame names the channel. Nothing is read
 * before `start`. Pings find connections that died without a word; they travel to the kubelet and back.
 */
export class ChannelSocket {
  readonly #socket: WebSocket;
  readonly #heartbeat: Heartbeat;
  #timer: NodeJS.Timeout | undefined;
  #unanswered = 0;
  #how: SocketEnd = 'broken';

  /** Takes a socket that is open and paused. */
  constructor(socket: WebSocket, heartbeat: Heartbeat = defaultHeartbeat) {
    this.#socket = socket;
    this.#heartbeat = heartbeat;
  }

  /** The subprotocol that the server chose. */
  get protocol(): string {
    return this.#socket.protocol;
  }

  start(listener: ChannelListener): void {
    const socket = this.#socket;
    socket.on('pong', () => this.#heard());
    socket.on('message', (data, isBinary) => {
      this.#heard();
      const frame = data as Buffer;
      // The protocols have binary frames only; an empty one names no channel.
      if (isBinary && frame.length > 0) listener.message(frame[0] ?? 0, frame.subarray(1));
    });
    socket.on('close', (code) => {
      clearInterval(this.#timer);
      if (code !== 1006 && this.#how === 'broken') this.#how = 'closed';
      listener.end(this.#how);
    });
    this.#timer = setInterval(() => this.#beat(), this.#heartbeat.everyMs).unref();
    socket.resume();
  }

  /** Calls `done` when the operating system has taken the bytes, or with what prevented it. */
  send(channel: number, bytes: Uint8Array, done: (error?: Error | null) => void): void {
    const frame = Buffer.allocUnsafe(bytes.length + 1);
    frame[0] = channel;
    frame.set(bytes, 1);
    this.#socket.send(frame, { binary: true }, done);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#socket.isPaused) return;
    this.#heard();
    this.#socket.resume();
  }

  destroy(): void {
    clearInterval(this.#timer);
    this.#socket.terminate();
  }

  #heard(): void {
    this.#unanswered = 0;
  }

  /** Counts pings instead of reading a clock: a machine that slept, or a thread that was busy, did not listen. */
  #beat(): void {
    // While we are the one who does not read, pongs wait in line behind the data.
    if (this.#socket.isPaused) return;
    if (this.#unanswered >= this.#heartbeat.unanswered) {
      this.#how = 'silent';
      this.destroy();
      return;
    }
    this.#unanswered++;
    this.#socket.ping();
  }
}
