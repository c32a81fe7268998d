import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { type FakeStatus, selects, shape, statusBody, type WatchLine, watchEvent } from './fake-api-answers.ts';
import { refuseUpgrade } from './fake-api-frames.ts';
import { type AskedPath, parsePath, parseProxy, parseStream } from './fake-api-paths.ts';
import {
  applyFault,
  begin,
  breakWatch,
  type FakeFault,
  flush,
  type OpenWatch,
  type Request,
  type Response,
  readBody,
  sendJson,
  sendStatus,
  type WatchBreak,
  write,
} from './fake-api-responses.ts';
import { FakeReviews } from './fake-api-reviews.ts';
import { FakeStreams } from './fake-api-streams.ts';
import { type Admission, applyWrite, type FakeWrite } from './fake-api-writes.ts';
import { type KubeObject, ObjectStore } from './kubernetes-object-store.ts';

export interface FaultOptions {
  readonly on: 'list' | 'continue' | 'watch' | 'get' | FakeWrite['verb'];
  readonly plural?: string;
  /** How many requests fail: default 1. */
  readonly times?: number;
  readonly fault: FakeFault;
}

export interface SeenRequest {
  readonly verb: string;
  readonly plural: string;
  readonly namespace: string;
  readonly query: Readonly<Record<string, string>>;
}

export interface AskedRight {
  readonly verb: string;
  /** `pods`, or with a subresource `pods/portforward`. */
  readonly plural: string;
  /** "" for all namespaces. */
  readonly namespace: string;
}

export interface FakeApiOptions {
  /** HTTPS with HTTP/2 and HTTP/1.1, by the certificate in test/fixtures; default plain HTTP/1.1. */
  readonly tls?: boolean;
  /** Where it listens: default 127.0.0.1. */
  readonly host?: '127.0.0.1' | '::1';
  readonly bookmarkMs?: number;
}

const certificates = new URL('../fixtures/kubernetes-tls/', import.meta.url);
const maxSeen = 10_000;

export async function startFakeApiServer(options: FakeApiOptions = {}): Promise<FakeApiServer> {
  const server = new FakeApiServer(options);
  await server.listen();
  return server;
}

/**
 * An API server made for tests: real sockets, a versioned store with list, paged list, watch, watch-list, metadata-only
 * objects and access reviews as Kubernetes 1.34 has them, and a script of faults. Close it at the end of the test.
 */
export class FakeApiServer {
  readonly store = new ObjectStore();
  /** Port-forward, exec and pods/proxy. */
  readonly streams = new FakeStreams(this.store);
  /** Tokens, and who may do what. */
  readonly reviews = new FakeReviews();
  /** All requests, oldest first. */
  readonly requests: SeenRequest[] = [];
  /** Whether a right is there: asked for each request, and by access reviews. */
  authorize: (right: AskedRight) => boolean = () => true;
  /** Asked about every object that is written. */
  admit: Admission = () => undefined;
  /** `refused` answers 422 as before 1.32; `ignored` streams the objects but never marks their end, as before 1.27. */
  watchList: 'served' | 'refused' | 'ignored' = 'served';
  readonly #options: FakeApiOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), 'flameherd-api-'));
  readonly #server;
  readonly #sockets = new Set<Socket>();
  readonly #watches = new Set<OpenWatch>();
  #faults: (FaultOptions & { left: number })[] = [];
  #token: string | undefined;
  #port = 0;

  constructor(options: FakeApiOptions) {
    this.#options = options;
    const handle = (request: Request, response: Response) => void this.#handle(request, response);
    this.#server = options.tls
      ? createSecureServer(
          { allowHTTP1: true, key: certificate('server.key'), cert: certificate('server.crt') },
          handle,
        )
      : createServer(handle);
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#upgrade(request, socket, head),
    );
    this.#server.on(options.tls ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {});
    });
    this.writeToken('token-1');
  }

  get url(): string {
    const host = this.#host.includes(':') ? `[${this.#host}]` : this.#host;
    return `${this.#options.tls ? 'https' : 'http'}://${host}:${this.#port}`;
  }

  get openSockets(): number {
    return this.#sockets.size;
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  /** The path of a kubeconfig for this server; its token is read from a file that `writeToken` changes. */
  kubeconfig(): string {
    const path = join(this.#folder, 'kubeconfig');
    const cluster = this.#options.tls
      ? { server: this.url, 'certificate-authority-data': certificate('ca.crt').toString('base64') }
      : { server: this.url, 'insecure-skip-tls-verify': true };
    const user = { 'auth-provider': { name: 'tokenFile', config: { tokenFile: this.#tokenFile } } };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'fake',
      clusters: [{ name: 'fake', cluster }],
      users: [{ name: 'fake', user }],
      contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake', namespace: 'flameherd' } }],
    };
    writeFileSync(path, JSON.stringify(config));
    return path;
  }

  put(object: KubeObject): KubeObject {
    return this.store.put(object);
  }

  /** As `kubectl annotate`: an empty value removes the key. */
  annotate(kind: string, namespace: string, name: string, annotations: Readonly<Record<string, string>>): void {
    const object = this.store.get(kind, namespace, name);
    if (object === undefined) throw new Error(`no ${kind} ${namespace}/${name}`);
    const all = Object.entries({ ...object.metadata.annotations, ...annotations }).filter(([, value]) => value !== '');
    this.store.put({ ...object, metadata: { ...object.metadata, annotations: Object.fromEntries(all) } });
  }

  delete(kind: string, namespace: string, name: string, how: { silently?: boolean } = {}): void {
    this.store.delete(kind, namespace, name, how);
  }

  /** The next requests of this kind fail like this; several are used in the order in which they were given. */
  fail(options: FaultOptions): void {
    this.#faults.push({ ...options, left: options.times ?? 1 });
  }

  /** Does this to every watch that is open now, of one resource or of all. */
  breakWatches(how: WatchBreak, plural?: string): void {
    for (const watch of this.#watches) {
      if (plural === undefined || watch.plural === plural) breakWatch(watch, how);
    }
  }

  /** Only this token is accepted from now on; undefined accepts all. Files are not changed. */
  requireToken(token: string | undefined): void {
    this.#token = token;
  }

  writeToken(token: string): void {
    writeFileSync(this.#tokenFile, `${token}\n`);
  }

  removeTokenFile(): void {
    rmSync(this.#tokenFile, { force: true });
  }

  /** Breaks all connections and forgets the events, as a restarted API server. */
  restart(): void {
    this.store.compact();
    this.#destroySockets();
  }

  /** Nothing listens any more, and all connections are broken. `listen` brings it back on the same port. */
  async down(): Promise<void> {
    this.#server.close();
    this.#destroySockets();
    if (this.#server.listening) await once(this.#server, 'close');
  }

  async listen(): Promise<void> {
    this.#server.listen(this.#port, this.#host);
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    await this.down();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #host(): string {
    return this.#options.host ?? '127.0.0.1';
  }

  get #tokenFile(): string {
    return join(this.#folder, 'token');
  }

  #destroySockets(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #handle(request: Request, response: Response): Promise<void> {
    response.on('error', () => {});
    const url = new URL(request.url ?? '/', 'http://fake');
    const body = await readBody(request);
    if (this.#token !== undefined && request.headers.authorization !== `Bearer ${this.#token}`) {
      return sendStatus(response, { code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
    }
    if (url.pathname === '/version') return sendJson(response, { major: '1', minor: '34', gitVersion: 'v1.34.4' });
    if (url.pathname.endsWith('/selfsubjectaccessreviews')) return sendJson(response, this.#review(body));
    const proxied = parseProxy(request.url ?? '');
    if (proxied !== undefined) {
      const missing = this.#missingRight('pods/proxy', proxied.namespace, proxied.pod, ['get']);
      return missing ? sendStatus(response, missing) : this.streams.proxy(request, response, proxied);
    }
    const asked = parsePath(url.pathname);
    if (asked === undefined) return sendStatus(response, { code: 404, reason: 'NotFound' });
    const isWatch = url.searchParams.get('watch') === 'true';
    const writeVerb = writeVerbs[request.method ?? 'GET'];
    const verb = writeVerb ?? (asked.name === '' ? (isWatch ? 'watch' : 'list') : 'get');
    const plural = asked.subresource === '' ? asked.plural : `${asked.plural}/${asked.subresource}`;
    this.#see({ verb, plural, namespace: asked.namespace, query: Object.fromEntries(url.searchParams) });
    const fault = this.#nextFault(verb, plural, url.searchParams.has('continue'));
    if (fault !== undefined) return applyFault(response, fault);
    if (!this.authorize({ verb, plural, namespace: asked.namespace })) {
      const message = `${plural} is forbidden: User "flameherd" cannot ${verb} resource "${plural}"`;
      return sendStatus(response, { code: 403, reason: 'Forbidden', message });
    }
    if (/^(token|subjectaccess)reviews$/.test(plural)) return sendJson(response, await this.reviews.answer(body), 201);
    const accept = request.headers.accept ?? '';
    if (writeVerb !== undefined) return this.#write(response, { ...asked, verb: writeVerb }, { request, url, body });
    if (verb === 'get') return this.#get(response, asked, accept);
    if (isWatch) return this.#watch(response, asked, url.searchParams, accept);
    return this.#list(response, asked, url.searchParams, accept);
  }

  /** As Kubernetes 1.36 does it: a websocket needs `get` and `create`, and a missing `create` is refused without a word why. */
  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => {});
    const asked = parseStream(new URL(request.url ?? '/', 'http://fake'));
    if (this.#token !== undefined && request.headers.authorization !== `Bearer ${this.#token}`) {
      return refuseUpgrade(socket, 401, statusBody({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' }));
    }
    if (asked === undefined) return refuseUpgrade(socket, 404, statusBody({ code: 404, reason: 'NotFound' }));
    const missing = this.#missingRight(`pods/${asked.subresource}`, asked.namespace, asked.pod, ['get', 'create']);
    if (missing) return refuseUpgrade(socket, 403, statusBody(missing));
    this.streams.upgrade(request, socket, head, asked);
  }

  #missingRight(plural: string, namespace: string, pod: string, verbs: readonly string[]): FakeStatus | undefined {
    const verb = verbs.find((each) => !this.authorize({ verb: each, plural, namespace }));
    if (verb === undefined) return undefined;
    const why = verb === 'create' ? '' : `User "flameherd" cannot ${verb} resource "${plural}"`;
    return { code: 403, reason: 'Forbidden', message: `pods "${pod}" is forbidden: ${why}` };
  }

  #see(request: SeenRequest): void {
    this.requests.push(request);
    if (this.requests.length > maxSeen) this.requests.shift();
  }

  #nextFault(verb: string, plural: string, continued: boolean): FakeFault | undefined {
    const found = this.#faults.find(
      ({ on, plural: wanted }) => (on === verb || (on === 'continue' && continued)) && (wanted ?? plural) === plural,
    );
    if (found === undefined) return undefined;
    found.left--;
    if (found.left <= 0) this.#faults = this.#faults.filter((fault) => fault !== found);
    return found.fault;
  }

  #review(body: string): unknown {
    const review = JSON.parse(body) as { spec: { resourceAttributes: Record<string, string> } };
    const { verb = '', resource = '', subresource = '', namespace = '' } = review.spec.resourceAttributes;
    const plural = subresource === '' ? resource : `${resource}/${subresource}`;
    return { ...review, status: { allowed: this.authorize({ verb, plural, namespace }) } };
  }

  #write(
    response: Response,
    { verb, kind, namespace, name, subresource }: AskedPath & Pick<FakeWrite, 'verb'>,
    { request, url, body }: { request: Request; url: URL; body: string },
  ): void {
    const contentType = request.headers['content-type'] ?? '';
    const dryRun = url.searchParams.get('dryRun') === 'All';
    const sent: unknown = body === '' ? undefined : JSON.parse(body);
    const write = { verb, kind, namespace, name, subresource, contentType, body: sent, dryRun };
    const answer = applyWrite(this.store, write, this.admit);
    sendJson(response, answer.body, answer.code);
  }

  #get(response: Response, { kind, namespace, name }: AskedPath, accept: string): void {
    const object = this.store.get(kind, namespace, name);
    if (object === undefined) sendStatus(response, { code: 404, reason: 'NotFound', message: `"${name}" not found` });
    else sendJson(response, shape(object, accept));
  }

  #list(response: Response, { plural, namespace, kind }: AskedPath, query: URLSearchParams, accept: string): void {
    const all = this.store.list(plural, namespace).filter((object) => selects(query, object));
    const from = Number(query.get('continue') ?? 0);
    const limit = Number(query.get('limit') ?? 0) || all.length;
    const next = from + limit < all.length ? String(from + limit) : '';
    sendJson(response, {
      kind: accept.includes('as=Partial') ? 'PartialObjectMetadataList' : `${kind}List`,
      apiVersion: 'v1',
      metadata: { resourceVersion: String(this.store.version), continue: next },
      items: all.slice(from, from + limit).map((object) => shape(object, accept)),
    });
  }

  #watch(response: Response, { plural, namespace, kind }: AskedPath, query: URLSearchParams, accept: string): void {
    const initial = query.get('sendInitialEvents') === 'true';
    if (initial && this.watchList === 'refused') return sendStatus(response, { code: 422, reason: 'Invalid' });
    begin(response);
    // A watch that asks for a list of metadata ends at once, without a word.
    if (accept.includes('as=PartialObjectMetadataList')) return void response.end();
    const isSelected = (object: KubeObject) =>
      object.kind === kind && (namespace === '' || object.metadata.namespace === namespace) && selects(query, object);
    const watch: OpenWatch = { plural, response, silent: false };
    const send = ({ type, object }: WatchLine) => {
      if (!watch.silent) write(response, `${JSON.stringify({ type, object })}\n`);
    };
    const tell = (line: WatchLine | undefined) => {
      if (line !== undefined) send({ ...line, object: shape(line.object as KubeObject, accept) });
    };
    const asked = Number(query.get('resourceVersion') ?? 0);
    if (asked > 0 && asked < this.store.oldest) {
      send({
        type: 'ERROR',
        object: statusBody({ code: 410, reason: 'Expired', message: 'too old resource version' }),
      });
      return void response.end();
    }
    flush(response);
    this.#watches.add(watch);
    if (asked > 0) for (const event of this.store.since(asked)) tell(watchEvent(event, isSelected));
    else
      for (const object of this.store.list(plural, namespace)) if (isSelected(object)) tell({ type: 'ADDED', object });
    const bookmark = (annotations: Record<string, string>) =>
      send({
        type: 'BOOKMARK',
        object: { kind, metadata: { resourceVersion: String(this.store.version), annotations } },
      });
    if (initial && this.watchList === 'served') bookmark({ 'k8s.io/initial-events-end': 'true' });
    // A version from the future is waited for: such a watch says nothing.
    const stop =
      asked > this.store.version ? () => {} : this.store.subscribe((event) => tell(watchEvent(event, isSelected)));
    const bookmarks = setInterval(() => bookmark({}), this.#options.bookmarkMs ?? 60_000);
    const end = setTimeout(() => response.end(), Number(query.get('timeoutSeconds') ?? 1800) * 1000);
    response.on('close', () => {
      stop();
      clearInterval(bookmarks);
      clearTimeout(end);
      this.#watches.delete(watch);
    });
  }
}

const writeVerbs: Readonly<Record<string, FakeWrite['verb']>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

function certificate(name: string): Buffer {
  return readFileSync(new URL(name, certificates));
}
