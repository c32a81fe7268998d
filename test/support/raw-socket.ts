import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection on which a test says what no client would. */
export class RawSocket {
  readonly #socket: Socket;
  #text = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#text += text;
    });
    // A reset is an end like any other.
    socket.on('error', () => {});
  }

  static async open(url: string): Promise<RawSocket> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const raw = new RawSocket(socket);
    await once(socket, 'connect');
    return raw;
  }

  send(text: string | Uint8Array): void {
    if (!this.#socket.destroyed) this.#socket.write(text);
  }

  /** All that came until the server closed the connection. */
  async untilClosed(): Promise<string> {
    if (!this.#socket.closed) await new Promise((closed) => this.#socket.once('close', closed));
    return this.#text;
  }

  get isClosed(): boolean {
    return this.#socket.closed;
  }

  end(): void {
    this.#socket.destroy();
  }
}

/** Sends one text, and answers all that comes until the server closes. */
export async function sendRaw(url: string, text: string | Uint8Array): Promise<string> {
  const socket = await RawSocket.open(url);
  socket.send(text);
  return await socket.untilClosed();
}

/** The status codes of the answers in a text. */
export function statusesIn(text: string): number[] {
  return [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, code]) => Number(code));
}
