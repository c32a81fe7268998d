import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { shopPage } from './page.ts';
import { answerPprof } from './pprof-routes.ts';
import type { Service } from './service.ts';

export interface ShopServer {
  /** `http://HOST:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves customers at `/NAME`, profiles at /debug/pprof/, the switch at /leak, and a page for people at `/`. */
export async function serveShop(service: Service, host: string, port: number): Promise<ShopServer> {
  const server = createServer((request, response) => {
    answer(service, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(error instanceof RangeError ? 400 : 500);
      response.end(`${error instanceof Error ? error.message : String(error)}\n`);
    });
  });
  server.listen(port, host);
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo;
  return { url: `http://${host}:${taken}`, close: () => closed(server) };
}

async function answer(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://shop');
  if (await answerPprof(url, request, response)) return;
  response.setHeader('content-type', 'text/html; charset=utf-8');
  const asked = `${request.method} ${url.pathname}`;
  switch (asked) {
    case 'GET /':
      response.end(shopPage(service));
      break;
    case 'GET /healthy':
      response.end('ok\n');
      break;
    case `GET /${service.name}`:
      response.end(service.answer(url.searchParams));
      break;
    case 'GET /leak':
    case 'POST /leak/on':
    case 'POST /leak/off':
      answerLeak(service, asked, request, response);
      break;
    default:
      response.writeHead(404).end(`${asked} is nothing here; / says what there is\n`);
  }
}

/** A person who pressed a button gets the page again, a program the state. */
function answerLeak({ name, leak }: Service, asked: string, request: IncomingMessage, response: ServerResponse): void {
  if (!leak) {
    response.writeHead(404).end(`${name} has no leak; checkout has one\n`);
    return;
  }
  if (asked !== 'GET /leak') leak.switch(asked.endsWith('/on'));
  if (asked !== 'GET /leak' && request.headers.accept?.includes('text/html')) {
    response.writeHead(303, { location: '/' }).end();
    return;
  }
  response.setHeader('content-type', 'application/json').end(`${JSON.stringify(leak.state)}\n`);
}

async function closed(server: Server): Promise<void> {
  const end = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await end;
}
