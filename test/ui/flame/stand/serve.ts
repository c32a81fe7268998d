import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { viteConfig } from '../../../../src/ui/build/build.ts';

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'";
const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript',
  css: 'text/css',
  json: 'application/json',
};

export interface Stand extends AsyncDisposable {
  /** `/?data=NAME&colours=diff&search=…`: the graph of one of the answers. */
  readonly url: string;
}

/** Builds the page and serves it with answers by name, compressed and under the policy that the daemon has. */
export async function serveStand(answers: Readonly<Record<string, object>>): Promise<Stand> {
  const folder = mkdtempSync(join(tmpdir(), 'flameherd-stand-'));
  await build({
    ...viteConfig,
    root: import.meta.dirname,
    build: { outDir: folder, emptyOutDir: true, target: 'es2023', modulePreload: { polyfill: false } },
  });
  const data = new Map(
    Object.entries(answers).map(([name, answer]) => [`/data/${name}.json`, gzipSync(JSON.stringify(answer))]),
  );
  const server = createServer(({ url = '/' }, response) => {
    const path = url.replace(/\?.*/, '');
    const body = data.get(path) ?? fileOf(folder, path === '/' ? '/index.html' : path);
    if (!body) return response.writeHead(404).end();
    response.setHeader('Content-Type', types[path.split('.').at(-1) ?? ''] ?? types['html'] ?? '');
    response.setHeader('Content-Security-Policy', policy);
    if (data.has(path)) response.setHeader('Content-Encoding', 'gzip');
    return response.end(body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function fileOf(folder: string, path: string): Buffer | undefined {
  // Names as the builder makes them: no way out of the folder.
  if (!/^\/(?:assets\/)?[\w.-]+$/.test(path)) return undefined;
  try {
    return readFileSync(join(folder, path));
  } catch {
    return undefined;
  }
}
