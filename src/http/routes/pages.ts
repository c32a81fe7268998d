import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyReply } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { wantsPage } from '../accept.ts';
import { responses } from '../answer-schemas.ts';
import type { HttpApp, HttpContext } from '../context.ts';
import type { HttpOptions } from '../deps.ts';
import { growthAnswer, storedEvent } from '../growth/ask-growth.ts';
import { growthParameters } from '../growth/parameters.ts';
import { eventSchema, growthSchema } from '../growth/schemas.ts';
import { text } from '../parameters.ts';
import { speedscopeRoutes } from './speedscope.ts';

/** Where `npm run build:ui` puts them: beside the source and beside what was built of it alike. */
const builtPages = fileURLToPath(new URL('../../../dist/ui/', import.meta.url));

/** Scripts, styles and images of our own, nothing inline, nothing from elsewhere. */
const pageSecurity =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Pages whose state is in their parameters, which only they read. */
const pages = [
  { path: '/', summary: 'Services at a glance' },
  { path: '/explore', summary: 'One profile type of one selection: over time, flame graph, table' },
  { path: '/diff', summary: 'Two windows, selections or revisions compared' },
  { path: '/rollouts', summary: 'The revisions of a workload' },
  { path: '/targets', summary: 'What is scraped, and why or why not' },
  { path: '/status', summary: 'The daemon: storage, ingest, version' },
] as const;

/** The pages: one program in the browser, which asks the API. `/growth` and `/a/{id}` answer programs as the API does. */
export async function pageRoutes(app: HttpApp, context: HttpContext): Promise<void> {
  const folder = pagesDirOf(context.options);
  // They are the same for everybody, and the login page needs some.
  app.addHook('onRoute', (route) => {
    if (route.url.startsWith('/assets/')) route.config = { ...route.config, access: 'anyone' };
  });
  await serveAssets(app, folder);
  await speedscopeRoutes(app, folder);
  for (const { path, summary } of pages) {
    app.get(path, { schema: { tags: ['pages'], summary, response: responses.html } }, (_, reply) =>
      sendPage(reply, folder),
    );
  }
  app.get(
    '/growth',
    { schema: { ...growthPage('What grows: alerts link here', growthSchema), querystring: growthParameters } },
    async (request, reply) => {
      void reply.header('Vary', 'Accept');
      if (wantsPage(request.headers.accept)) return sendPage(reply, folder);
      return growthAnswer(context, request, reply, request.query);
    },
  );
  app.get(
    '/a/:id',
    {
      schema: { ...growthPage('One event of growth', eventSchema), params: Type.Object({ id: text('Of an event.') }) },
    },
    (request, reply) => {
      void reply.header('Vary', 'Accept');
      if (wantsPage(request.headers.accept)) return sendPage(reply, folder);
      return reply.send(storedEvent(context, request, request.params.id));
    },
  );
}

export function pagesDirOf({ pagesDir }: Pick<HttpOptions, 'pagesDir'>): string {
  return pagesDir ?? builtPages;
}

function growthPage(summary: string, schema: TSchema) {
  const also = 'JSON as of the API unless the request accepts text/html';
  return { tags: ['pages'], summary: `${summary}; ${also}`, response: responses.pageOrJson(schema) };
}

/** What the page loads. Its names hold a hash of its content, so they are kept for good. */
async function serveAssets(app: HttpApp, folder: string): Promise<void> {
  const root = join(folder, 'assets');
  await app.register(fastifyStatic, {
    root,
    serve: existsSync(root),
    prefix: '/assets/',
    preCompressed: true,
    cacheControl: false,
    index: false,
    schemaHide: true,
    setHeaders: (reply, path) => {
      if (!path.startsWith(root)) return;
      const isHashed = /-[\w-]{8}\.\w+(\.br|\.gz)?$/.test(path);
      void reply.header('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'public, max-age=3600');
    },
  });
}

function sendPage(reply: FastifyReply, folder: string): FastifyReply {
  if (!existsSync(join(folder, 'index.html'))) return notBuilt(reply);
  return reply.header('Content-Security-Policy', pageSecurity).sendFile('index.html', folder, { cacheControl: false });
}

function notBuilt(reply: FastifyReply): FastifyReply {
  return reply
    .code(503)
    .type('text/plain; charset=utf-8')
    .send('The pages are not built: run npm run build:ui (npm start does it by itself). The API is at /api/v1/.\n');
}
