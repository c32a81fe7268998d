import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { flameherd } from '../support/app-command.ts';
import { temporaryFolder } from '../support/daemon.ts';

/** Runs `flameherd snap shop/a …` against a server that answers so. */
async function snap(t: TestContext, answer: RequestListener, ...more: readonly string[]) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { ...(await flameherd(['snap', 'shop/a', '--server', url, ...more])), asked };
}

test('a snap is written to a file, and told with its way', async (t) => {
  const file = `${await temporaryFolder(t)}/a.pb.gz`;
  const bytes = Uint8Array.from({ length: 3000 }, (_, at) => at % 256);
  const answer: RequestListener = (_, response) => {
    response.writeHead(200, { 'x-flameherd-profile': 'p1', 'x-flameherd-transport': 'direct (its own address)' });
    response.end(bytes);
  };
  const { code, stdout, asked } = await snap(t, answer, '-p', 'heap', '-o', file, '--token', 'secret');
  assert.equal(code, 0);
  assert.equal(stdout, `${file}: 2.93 KiB by direct (its own address)\ngo tool pprof -top ${file}\n`);
  assert.deepEqual(new Uint8Array(await readFile(file)), bytes);
  assert.equal(`${asked[0]?.method} ${asked[0]?.url}`, 'POST /api/v1/snap?namespace=shop&pod=a&profile=heap');
  assert.equal(asked[0]?.headers.authorization, 'Bearer secret');
});

test('a snap that fails tells why and what to do, and writes nothing', async (t) => {
  const file = `${await temporaryFolder(t)}/a.pb.gz`;
  const refuse: RequestListener = (_, response) => {
    response.writeHead(502, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ detail: 'refused there', hint: 'listen there' }));
  };
  const failed = await snap(t, refuse, '-o', file);
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /refused there[^]*listen there/);
  const cut = await snap(t, (_, response) => response.writeHead(200).write('x', () => response.destroy()), '-o', file);
  assert.equal(cut.code, 1);
  assert.match(cut.stderr, /no flameherd answers at http/);
  await assert.rejects(readFile(file), /ENOENT/);
});
