import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { Client } from 'undici';
import type { Endpoint } from '../../model/target.ts';
import type { DurationMs } from '../../model/units.ts';
import type { TlsSettings } from '../target-credentials.ts';
import { clientOptions, type Exchange, exchange, originOf } from './exchange.ts';
import { FetchError, type FetchReply, type FetchRequest } from './transport.ts';

export interface PodStreamOptions {
  readonly endpoint: Endpoint;
  readonly tls: TlsSettings | undefined;
  /** The stream is closed when nobody has asked for so long, or sooner if the server says that it closes sooner. */
  readonly idleMs: DurationMs;
  readonly onClose: () => void;
}

/**
 * HTTP over one stream that is open already: any number of questions, one after another, until the stream ends. It never
 * makes itself a new one.
 */
export class PodStream {
  /** What it was opened with. */
  readonly tls: TlsSettings | undefined;
  readonly #stream: Duplex;
  readonly #client: Client;
  #error: Error | undefined;
  #asked = 0;

  constructor(stream: Duplex, { endpoint, tls, idleMs, onClose }: PodStreamOptions) {
    this.tls = tls;
    this.#stream = stream;
    stream.on('error', (error) => {
      this.#error ??= error;
    });
    let given = false;
    this.#client = new Client(originOf(endpoint), {
      ...clientOptions,
      pipelining: 1,
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: idleMs,
      connect: (_, callback) => {
        const error = given ? new StreamUsedUp() : this.#error;
        given = true;
        // The client counts on an answer that comes later.
        setImmediate(() => (error ? callback(error, null) : callback(null, stream as TLSSocket)));
      },
    });
    stream.once('close', () => {
      onClose();
      void this.#client.destroy();
    });
  }

  get closed(): boolean {
    return this.#stream.destroyed;
  }

  /** Questions so far. */
  get asked(): number {
    return this.#asked;
  }

  /** Rejects with the stream's own error where there is one: it says more than that the stream broke. */
  async ask(request: FetchRequest, how: Exchange): Promise<FetchReply> {
    this.#asked++;
    try {
      return await exchange(this.#client, request, how);
    } catch (error) {
      throw error instanceof FetchError ? error : (this.#error ?? error);
    }
  }

  close(): void {
    this.#stream.destroy();
  }
}

/** A client asks for a second stream only when its first has ended. */
class StreamUsedUp extends Error {
  readonly code = 'ECONNRESET';

  constructor() {
    super('the stream has ended');
  }
}

/** TLS to the process inside the stream. Rejects, and ends the stream, when there is none or its certificate is refused. */
export function overTls(
  stream: Duplex,
  { host }: Endpoint,
  tls: TlsSettings | undefined,
  signal: AbortSignal,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ socket: stream, host, rejectUnauthorized: false, ...tls });
    const fail = (error: Error): void => {
      socket.destroy();
      stream.destroy();
      reject(error);
    };
    const onAbort = (): void => fail(new Error('called off'));
    // Its words say more than those of the TLS over it.
    stream.on('error', (error) => {
      socket.destroy(error);
      reject(error);
    });
    socket.once('error', fail);
    socket.once('close', () => stream.destroy());
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', onAbort);
      socket.removeListener('error', fail);
      resolve(socket);
    });
  });
}
