import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { askServer, ServerError } from '../../src/cli/client.ts';

/** What a command says when the server answers so. */
async function told(t: TestContext, status: number, body: string, token?: string): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end(body)).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const error = await askServer({ server: url, token }, 'GET', '/api/v1/targets').catch((thrown: unknown) => thrown);
  assert.ok(error instanceof ServerError);
  return `${error.status} ${error.message} | ${error.hint}`;
}

const problem = (detail: string, hint?: string) => JSON.stringify({ title: 'Refused', detail, hint });

test('without a token, and with one that is refused, it is told where tokens come from', async (t) => {
  const body = problem('a token is needed', 'send Authorization: Bearer TOKEN');
  assert.equal(
    await told(t, 401, body),
    '401 a token is needed | give one by the variable FLAMEHERD_TOKEN, or by --token',
  );
  assert.match(await told(t, 401, body, 'wrong'), /it came from --token or FLAMEHERD_TOKEN; .*--audience flameherd$/);
});

test('what is not allowed, and what cannot be told, is told as the server says it', async (t) => {
  const hint = 'docs/AUTH.md tells which right that takes';
  assert.equal(await told(t, 403, problem('ann may not read', hint), 'good'), `403 ann may not read | ${hint}`);
  assert.equal(
    await told(t, 503, problem('the API server does not answer'), 'good'),
    '503 the API server does not answer | undefined',
  );
  assert.equal(await told(t, 403, `forbidden: ann may not read\nhint: ${hint}\n`), `403 ann may not read | ${hint}`);
});

test('what a proxy says is told by its first words', async (t) => {
  assert.equal(await told(t, 502, '<html>Bad Gateway</html>'), '502 HTTP 502: <html>Bad Gateway</html> | undefined');
});
