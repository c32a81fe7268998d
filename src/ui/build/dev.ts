import { createServer } from 'vite';
import { viteConfig } from './build.ts';

/** Pages as they are edited, with the answers of a daemon that runs beside: `npm run dev:ui [URL]`. */
const daemon = process.argv[2] ?? 'http://127.0.0.1:4280';
const asked = { target: daemon, changeOrigin: true };
const server = await createServer({
  ...viteConfig,
  logLevel: 'info',
  server: { proxy: { '/api': asked, '/-': asked, '/pprof': asked, '/runbooks': asked } },
});
await server.listen();
server.printUrls();
