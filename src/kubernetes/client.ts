import { type Dispatcher, request } from 'undici';
import { type Bytes, type DurationMs, second, type UnixMs } from '../model/units.ts';
import { AccessDispatcher } from './access-dispatcher.ts';
import type { Access, Credentials } from './credentials.ts';
import { errorFromStatus, KubernetesError, retryAfterMs, toKubernetesError } from './errors.ts';
import { IdleDeadline } from './idle-deadline.ts';
import { apiHosts } from './in-cluster.ts';
import { KubeconfigCredentials, type KubeconfigOptions } from './kubeconfig.ts';
import { ServiceAccountCredentials } from './service-account.ts';

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly accept?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
  /** How long the server may say nothing: default 30 s. */
  readonly idleMs?: DurationMs;
  /** The largest answer: default 32 MB. */
  readonly maxBytes?: Bytes;
}

export interface OpenOptions extends KubeconfigOptions {
  /** Use the ServiceAccount of the pod that we run in, and no kubeconfig. */
  readonly inCluster?: boolean;
  readonly now?: () => UnixMs;
  /** Where the pod's ServiceAccount lies and what tells the server's address; for tests. */
  readonly serviceAccountFolder?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

const defaultIdleMs: DurationMs = 30 * second;
const defaultMaxBytes: Bytes = 32 << 20;
const maxErrorBytes: Bytes = 64 << 10;

/**
 * Opens the API server of this pod (`inCluster`), of a kubeconfig file, or of the default kubeconfig. Nothing is asked of
 * the server yet. Throws a `bad_config` when there is no such file or context. Reading a kubeconfig takes client-node, which
 * costs 50 MB: it is loaded only then.
 */
export async function openKubernetes(options: OpenOptions = {}): Promise<KubernetesClient> {
  const now = options.now ?? Date.now;
  if (options.inCluster) {
    const { environment, serviceAccountFolder } = options;
    return new KubernetesClient(new ServiceAccountCredentials(now, environment, serviceAccountFolder), now);
  }
  const { KubeConfig } = await import('@kubernetes/client-node');
  return new KubernetesClient(new KubeconfigCredentials(() => new KubeConfig(), options, now), now);
}

/**
 * Requests to one API server, as raw JSON. All of them, watches included, share one HTTP/2 connection where the server
 * speaks it. A 401 makes the credentials be read again and the request be sent once more. Failures are `KubernetesError`s.
 */
export class KubernetesClient {
  readonly #credentials: Credentials;
  readonly #now: () => UnixMs;
  readonly #dispatcher = new AccessDispatcher({ allowH2: true });
  /** A CPU profile holds its connection for seconds; how many there are at once is the business of who asks. */
  readonly #bulk = new AccessDispatcher({ allowH2: false, connections: 1024 });
  readonly #closing = new AbortController();

  constructor(credentials: Credentials, now: () => UnixMs) {
    this.#credentials = credentials;
    this.#now = now;
  }

  /** `https://10.251.0.1:443`. */
  get server(): string {
    return this.#credentials.server;
  }

  /** Where the API server listens: never to be scraped. */
  get apiHosts(): readonly string[] {
    return apiHosts(this.server);
  }

  /** The namespace of the context, or of the pod that we run in. */
  get namespace(): string | undefined {
    return this.#credentials.namespace;
  }

  async get(path: string, options: RequestOptions = {}): Promise<unknown> {
    using deadline = new IdleDeadline(options.signal ?? neverAborted, options.idleMs ?? defaultIdleMs);
    try {
      const response = await this.open(path, { ...options, signal: deadline.signal });
      return await readJson(response, options.maxBytes ?? defaultMaxBytes, () => deadline.feed());
    } catch (error) {
      throw deadline.expired ? silent(path, options.idleMs ?? defaultIdleMs) : toKubernetesError(error);
    }
  }

  async post(path: string, body: unknown, options: RequestOptions = {}): Promise<unknown> {
    return this.get(path, { ...options, method: 'POST', body });
  }

  /**
   * Sends a request and gives the answer once its head is there and its status is good. The caller reads the body to its
   * end or destroys it, and ends it by the signal when it falls silent: no time limit holds here.
   */
  async open(path: string, options: RequestOptions = {}): Promise<Dispatcher.ResponseData> {
    const first = await this.#send(path, options);
    if (first.statusCode !== 401) return this.#checked(first);
    await first.body.dump();
    this.#credentials.renew();
    return this.#checked(await this.#send(path, options));
  }

  /**
   * For connections that are no plain requests: calls with what reaches the server and proves us to it now. A
   * `KubernetesError` `unauthorized` makes the credentials be read again and the call be made once more.
   */
  async withAccess<T>(use: (access: Access) => Promise<T>): Promise<T> {
    try {
      return await use(await this.#access());
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.kind !== 'unauthorized') throw error;
    }
    this.#credentials.renew();
    return use(await this.#access());
  }

  /**
   * HTTP/1.1 over connections of their own, for bodies of megabytes: over the shared HTTP/2 connection they take twice as
   * long, and the watches wait behind them.
   */
  bulkDispatcher(access: Access): Dispatcher {
    return this.#bulk.for(access);
  }

  /** Aborts when the client is closed: connections that were opened with its access end then. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Breaks all connections. Requests under way fail, later ones are refused. */
  async close(): Promise<void> {
    this.#closing.abort(closedError());
    await Promise.all([this.#dispatcher.destroy(), this.#bulk.destroy()]);
  }

  async #send(path: string, options: RequestOptions): Promise<Dispatcher.ResponseData> {
    const access = await this.#access();
    options.signal?.throwIfAborted();
    const body = options.body === undefined ? null : JSON.stringify(options.body);
    try {
      return await request(`${access.server}${path}`, {
        dispatcher: this.#dispatcher.for(access),
        method: options.method ?? 'GET',
        headers: {
          ...access.headers,
          accept: options.accept ?? 'application/json',
          'user-agent': 'flameherd',
          ...(body === null ? {} : { 'content-type': options.contentType ?? 'application/json' }),
        },
        body,
        signal: options.signal ?? null,
        headersTimeout: 0,
        bodyTimeout: 0,
      });
    } catch (error) {
      throw toKubernetesError(error);
    }
  }

  async #access(): Promise<Access> {
    try {
      const access = await this.#credentials.current();
      this.#closing.signal.throwIfAborted();
      return access;
    } catch (cause) {
      if (this.#closing.signal.aborted) throw closedError();
      const text = cause instanceof Error ? cause.message : String(cause);
      throw new KubernetesError({ kind: 'unavailable', message: `the credentials cannot be read: ${text}`, cause });
    }
  }

  async #checked(response: Dispatcher.ResponseData): Promise<Dispatcher.ResponseData> {
    if (response.statusCode < 400) return response;
    const header = response.headers['retry-after'];
    const wait = retryAfterMs(Array.isArray(header) ? header[0] : header, this.#now());
    throw errorFromStatus(await readErrorBody(response), response.statusCode, wait);
  }
}

const neverAborted = new AbortController().signal;

function closedError(): KubernetesError {
  return new KubernetesError({ kind: 'unavailable', message: 'the client is closed' });
}

async function readJson(response: Dispatcher.ResponseData, maxBytes: Bytes, heard: () => void): Promise<unknown> {
  const text = (await readBytes(response, maxBytes, heard)).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new KubernetesError({
      kind: 'protocol',
      message: 'the API server answered with something else than JSON',
      cause,
    });
  }
}

async function readBytes(response: Dispatcher.ResponseData, maxBytes: Bytes, heard: () => void): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    heard();
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new KubernetesError({ kind: 'protocol', message: `the answer has more than ${maxBytes} bytes` });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The Status in the body; proxies before the server answer in plain text, which is kept as the message. */
async function readErrorBody(response: Dispatcher.ResponseData): Promise<unknown> {
  let text = '';
  try {
    text = (await readBytes(response, maxErrorBytes, () => {})).toString('utf8');
    return JSON.parse(text);
  } catch {
    return { message: `HTTP ${response.statusCode} ${text.slice(0, 200).trim()}`.trim() };
  }
}

function silent(path: string, idleMs: DurationMs): KubernetesError {
  const plain = path.split('?')[0];
  return new KubernetesError({ kind: 'silent', message: `no answer to ${plain} within ${idleMs / second} s` });
}
