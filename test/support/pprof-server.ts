import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What the server does with one request. */
export type ScriptedReply =
  /** 200 with these bytes, as Go's net/http/pprof sends them; `seconds` in the query is waited for only if `wait` is set. */
  | { readonly kind: 'profile'; readonly bytes: Uint8Array; readonly wait?: boolean }
  /** Any plain answer. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly text?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** `everyMs` a byte of a body that never ends. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  /** Nothing at all, or nothing after the headers. */
  | { readonly kind: 'hang'; readonly afterHeaders?: boolean }
  /** Chunks without end, as fast as they are read. */
  | { readonly kind: 'flood' }
  /** Says `announced` bytes and sends `sent`. */
  | { readonly kind: 'lie'; readonly announced: number; readonly sent: number }
  /** The connection is reset, before the answer or in the middle of it. */
  | { readonly kind: 'reset'; readonly afterBytes?: number };

/** Given what was asked and how often this path was asked before (0 the first time). */
export type Script = (request: PprofRequest) => ScriptedReply;

export interface PprofRequest {
  readonly path: string;
  readonly seconds: number | undefined;
  readonly count: number;
  readonly headers: IncomingMessage['headers'];
}

export interface PprofServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Every request so far, in order. */
  readonly requests: readonly PprofRequest[];
  /** Sockets that were ever opened. */
  readonly connections: number;
  /** The most requests that were under way at once. */
  readonly mostAtOnce: number;
  close(): Promise<void>;
}

/** A pprof server on a free port, of 127.0.0.1 unless said otherwise, that does what the script says. */
export async function startPprofServer(script: Script, host = '127.0.0.1'): Promise<PprofServer> {
  const requests: PprofRequest[] = [];
  const asked = new Map<string, number>();
  let connections = 0;
  let underWay = 0;
  let mostAtOnce = 0;
  const stopping = new AbortController();
  const server = createServer((incoming, response) => {
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    const count = asked.get(url.pathname) ?? 0;
    asked.set(url.pathname, count + 1);
    const seconds = url.searchParams.get('seconds');
    const request: PprofRequest = {
      path: url.pathname,
      seconds: seconds === null ? undefined : Number(seconds),
      count,
      headers: incoming.headers,
    };
    requests.push(request);
    underWay++;
    mostAtOnce = Math.max(mostAtOnce, underWay);
    response.on('close', () => underWay--);
    void answer(script(request), request, response, stopping.signal).catch(() => response.destroy());
  });
  server.on('connection', () => connections++);
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> => {
    stopping.abort();
    return closeServer(server);
  };
  return {
    port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    requests,
    get connections() {
      return connections;
    },
    get mostAtOnce() {
      return mostAtOnce;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Serves one answer for each path, 404 as Go words it for all others; a list is served in turn, its last again and again. */
export function byPath(replies: Readonly<Record<string, ScriptedReply | readonly ScriptedReply[]>>): Script {
  return ({ path, count }) => {
    const found = Object.hasOwn(replies, path) ? replies[path] : undefined;
    if (found === undefined) return goError(404, 'Unknown profile');
    if (!Array.isArray(found)) return found as ScriptedReply;
    return (found as readonly ScriptedReply[])[Math.min(count, found.length - 1)] ?? goError(404, 'Unknown profile');
  };
}

/** An error as Go's net/http/pprof sends it. */
export function goError(status: number, text: string): ScriptedReply {
  return { kind: 'status', status, text: `${text}\n`, headers: { 'x-go-pprof': '1' } };
}

export const goBusy = goError(500, 'Could not enable CPU profiling: cpu profiling already in use');
export const goWriteTimeout = goError(400, "profile duration exceeds server's WriteTimeout");

async function answer(
  reply: ScriptedReply,
  request: PprofRequest,
  response: ServerResponse,
  stopping: AbortSignal,
): Promise<void> {
  switch (reply.kind) {
    case 'profile':
      if (reply.wait) await delay(1000 * (request.seconds ?? 0), undefined, { signal: stopping });
      response.writeHead(200, {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="profile"`,
        'content-length': reply.bytes.length,
      });
      response.end(reply.bytes);
      return;
    case 'status':
      response.writeHead(reply.status, { 'content-type': 'text/plain; charset=utf-8', ...reply.headers });
      response.end(reply.text ?? '');
      return;
    case 'drip':
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      while (!response.destroyed) {
        response.write('x');
        await delay(reply.everyMs, undefined, { signal: stopping });
      }
      return;
    case 'hang':
      if (reply.afterHeaders) response.writeHead(200, { 'content-type': 'application/octet-stream' }).flushHeaders();
      return;
    case 'flood':
      return flood(response);
    case 'lie':
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': reply.announced });
      response.write(Buffer.alloc(reply.sent));
      response.destroy();
      return;
    case 'reset':
      if (reply.afterBytes !== undefined) {
        response.writeHead(200, {
          'content-type': 'application/octet-stream',
          'content-length': 2 * reply.afterBytes + 1,
        });
        await new Promise((sent) => response.write(Buffer.alloc(reply.afterBytes ?? 0), sent));
      }
      response.socket?.resetAndDestroy();
  }
}

function flood(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  const chunk = Buffer.alloc(64 * 1024, 'x');
  const pour = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', pour);
  pour();
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
}
