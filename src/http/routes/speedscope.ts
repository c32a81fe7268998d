import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { HttpApp } from '../context.ts';

/**
 * Speedscope puts its styles into the page as it goes, and reads names of C++ by a piece of WebAssembly that is part of its
 * script. Both are allowed on this path only; scripts are files of ours here too, and profiles come from nowhere else.
 */
const speedscopeSecurity =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; font-src 'self'; " +
  "img-src 'self' data: blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** `/speedscope/#profileURL=…`: a second viewer, as its package has it; `build/speedscope.ts` puts it there. */
export async function speedscopeRoutes(app: HttpApp, pagesDir: string): Promise<void> {
  const root = join(pagesDir, 'speedscope');
  await app.register(fastifyStatic, {
    root,
    serve: existsSync(root),
    prefix: '/speedscope/',
    decorateReply: false,
    preCompressed: true,
    cacheControl: false,
    index: false,
    schemaHide: true,
    setHeaders: (reply, path) => {
      const isHashed = /-[\w-]{8}\.\w+(\.br|\.gz)?$/.test(path);
      if (isHashed) void reply.header('Cache-Control', 'public, max-age=31536000, immutable');
    },
  });
  app.get('/speedscope/', { schema: { hide: true } }, (_, reply) => {
    if (!existsSync(join(root, 'index.html'))) return reply.callNotFound();
    return reply
      .header('Content-Security-Policy', speedscopeSecurity)
      .sendFile('index.html', root, { cacheControl: false });
  });
}
