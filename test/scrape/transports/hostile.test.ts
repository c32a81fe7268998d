import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifyReply } from '../../../src/scrape/classify.ts';
import { safetyCheck } from '../../../src/scrape/safety.ts';
import { DirectTransport } from '../../../src/scrape/transports/direct.ts';
import { goBusy, goError, goWriteTimeout, type ScriptedReply, startPprofServer } from '../../support/pprof-server.ts';
import { gzipMagic, targetOf } from '../../support/scrape-targets.ts';
import { everyTransport, forwardOver, proxyOver, requestTo, told } from '../../support/scrape-transports.ts';

/** What servers do that must hurt nobody, over each transport that asks by itself. */

const secret = 'hunter2-of-another-team';
const page = `<html><title>${secret}</title></html>`;
const typed = (type: string): Readonly<Record<string, string>> => ({ 'content-type': type });

interface Case {
  readonly reply: ScriptedReply;
  readonly says: RegExp;
  readonly limits?: { readonly timeoutMs?: number; readonly maxBytes?: number };
}

const cases: Readonly<Record<string, Case>> = {
  'a drip of a byte now and then': {
    reply: { kind: 'drip', everyMs: 10 },
    says: /^timeout: /,
    limits: { timeoutMs: 150 },
  },
  'no head at all': {
    reply: { kind: 'hang' },
    says: /^timeout: no whole answer within 0\.1 s$/,
    limits: { timeoutMs: 100 },
  },
  'no body after the head': {
    reply: { kind: 'hang', afterHeaders: true },
    says: /^timeout: /,
    limits: { timeoutMs: 100 },
  },
  'a body without end': {
    reply: { kind: 'flood' },
    says: /^too_large: .*\(scrape\.maxBody\)$/,
    limits: { maxBytes: 100_000 },
  },
  'a body that is announced as too long': {
    reply: { kind: 'status', status: 200, text: 'x', headers: { 'content-length': '1000000000000' } },
    says: /^too_large: the answer is 1000000000000 bytes long/,
  },
  'a body that is shorter than announced': { reply: { kind: 'lie', announced: 5000, sent: 10 }, says: /^reset: / },
  'a redirect to the metadata service': {
    reply: { kind: 'status', status: 302, headers: { location: 'http://169.254.169.254/latest/meta-data/' } },
    says: /^redirect: 302 on \/debug\/pprof\/heap: redirect.* not followed$/,
  },
  'a redirect with CR, LF and escapes in its words': {
    reply: { kind: 'status', status: 301, headers: { location: `/login?${secret}` } },
    says: /^redirect: 301 /,
  },
  'a login page': {
    reply: { kind: 'status', status: 200, text: page, headers: typed('text/html') },
    says: /^not_pprof: 200 on .* a page \(text\/html\)/,
  },
  'a page that calls itself a profile': {
    reply: { kind: 'status', status: 200, text: page, headers: typed('application/octet-stream') },
    says: /^not_pprof: /,
  },
  'a page of a made-up type': {
    reply: { kind: 'status', status: 200, text: page, headers: typed(`x-${secret}`) },
    says: /^not_pprof: 200 on .* a page \(of unknown type\)/,
  },
  'the environment of a process as JSON': {
    reply: { kind: 'status', status: 200, text: `{ "password": "${secret}" }`, headers: typed('application/json') },
    says: /^not_pprof: /,
  },
  'an admin page that is an error': {
    reply: { kind: 'status', status: 500, text: page, headers: typed('text/html') },
    says: /^http_5xx: 500 on \/debug\/pprof\/heap$/,
  },
  'an empty body': {
    reply: { kind: 'profile', bytes: new Uint8Array() },
    says: /^not_pprof: 200 on .* an empty body$/,
  },
  'nothing, politely': { reply: { kind: 'status', status: 204 }, says: /^http_other: 204 / },
  'a server that wants credentials': {
    reply: { kind: 'status', status: 401, headers: { 'www-authenticate': `Basic realm="${secret}"` } },
    says: /^forbidden: 401 on .*; the target asks for credentials: configure scrape\.auth: \[\{ namespace: shop, serviceAccount: web/,
  },
};

for (const [name, { reply, says, limits }] of Object.entries(cases)) {
  test(`${name} is a readable error by every transport, shows none of its words, and the next question is answered`, async () => {
    for (const transport of everyTransport()) {
      await using server = await startPprofServer(({ count }) =>
        count === 0 ? reply : { kind: 'profile', bytes: gzipMagic },
      );
      const target = targetOf('a', ['heap'], { serviceAccount: 'web' });
      const error = await told(transport, requestTo(server.port, limits), target);
      assert.match(error, says, transport.name);
      if (!(transport.name === 'direct' && reply.kind === 'status' && reply.status === 301)) {
        assert.ok(!error.includes(secret), `${transport.name}: ${error}`);
      }
      assert.equal(await told(transport, requestTo(server.port), target), 'profile', transport.name);
    }
  });
}

test('words of plain text are shown directly; by any other transport only the sentences of pprof servers', async () => {
  const said = async (reply: ScriptedReply): Promise<string[]> => {
    await using server = await startPprofServer(() => reply);
    return await Promise.all(everyTransport().map((transport) => told(transport, requestTo(server.port))));
  };
  const shown = await said({ kind: 'status', status: 500, text: `root password is ${secret}` });
  assert.deepEqual(
    shown.map((error) => error.includes(secret)),
    [true, false, false],
  );
  assert.equal(shown[1], 'http_5xx: 500 on /debug/pprof/heap');
  for (const reply of [goBusy, goWriteTimeout, goError(404, 'Unknown profile')]) {
    const [direct, ...others] = await said(reply);
    assert.deepEqual(others, [direct, direct]);
  }
  const mixed = await said(goError(500, `${secret}; cpu profiling already in use; ${secret}`));
  assert.deepEqual(mixed.slice(1), Array(2).fill('busy: 500 on /debug/pprof/heap: cpu profiling already in use'));
});

test('where a redirect points is told directly, and by no other transport', async () => {
  await using server = await startPprofServer(() => ({
    kind: 'status',
    status: 302,
    headers: { location: 'http://169.254.169.254/' },
  }));
  const [direct, ...others] = await Promise.all(
    everyTransport().map((transport) => told(transport, requestTo(server.port))),
  );
  assert.match(direct ?? '', /redirect to http:\/\/169\.254\.169\.254\/ not followed$/);
  assert.deepEqual(others, Array(2).fill('redirect: 302 on /debug/pprof/heap: redirect not followed'));
  assert.equal(server.requests.length, 3);
});

test('a path that an annotation could hold never changes the host, and never leaves as a second request', async () => {
  await using server = await startPprofServer(() => ({ kind: 'profile', bytes: gzipMagic }));
  const paths = [
    '//host/debug/pprof/heap',
    'http://169.254.169.254/debug/pprof',
    '@169.254.169.254/pprof',
    '/\\169.254.169.254/pprof',
    '/debug/pprof/../../admin',
    '/debug/pprof/%2e%2e/%2E%2e/admin',
    '/debug/pprof/heap\r\nHost: evil',
    '/debug/pprof/heap#@evil',
    '/debug/pprof/\u{1f4a9}',
    `/debug/pprof/${'a'.repeat(64 * 1024)}`,
  ];
  for (const transport of everyTransport()) {
    for (const path of paths) {
      const error = await told(transport, requestTo(server.port, { path }));
      assert.match(error, /^forbidden: path /, `${transport.name} ${path.slice(0, 40)}`);
      assert.ok(error.length < 500, `${transport.name}: ${error.length}`);
    }
  }
  assert.equal(server.requests.length, 0);
});

test('an address that is not the pod’s to give is refused by every transport', async () => {
  const refuse = safetyCheck({ apiServers: ['10.0.0.1'], serviceRanges: ['10.96.0.0/12'], allowHostNetwork: false });
  const transports = [new DirectTransport({ refuse }), forwardOver({ refuse }).transport, proxyOver({ refuse })];
  for (const transport of transports) {
    for (const host of ['169.254.169.254', '127.0.0.1', '10.0.0.1', '10.96.0.1', '::1', 'metadata.google.internal']) {
      const request = requestTo(80, { endpoint: { scheme: 'http', host, port: 80 } });
      assert.match(await told(transport, request), /^forbidden: /, `${transport.name} ${host}`);
    }
  }
});

test('a gzip bomb is handed on as the few bytes that it is: no transport inflates', async () => {
  const bomb = new Uint8Array(300_000);
  bomb.set(gzipMagic);
  const reply: ScriptedReply = { kind: 'profile', bytes: bomb };
  for (const transport of everyTransport()) {
    await using server = await startPprofServer(() => reply);
    const request = requestTo(server.port);
    const answer = await transport.fetch(targetOf('a', ['heap']), request, new AbortController().signal);
    const verdict = classifyReply(request.path, answer);
    assert.equal(verdict.kind === 'profile' && verdict.bytes.length, bomb.length, transport.name);
  }
});

test('bodies without end from many targets at once are given up at their caps, and all memory with them', async () => {
  await using server = await startPprofServer(() => ({ kind: 'flood' }));
  for (const transport of everyTransport()) {
    const seen: number[] = [];
    const asked = Array.from({ length: 20 }, (_, i) => {
      const mayGrow = (bytes: number): boolean => bytes <= (seen.push(bytes), 2_000_000);
      return told(transport, requestTo(server.port, { maxBytes: 1e9, mayGrow }), targetOf(`p${i}`, ['heap']));
    });
    for (const error of await Promise.all(asked)) assert.match(error, /^too_large: given up at \d+ bytes/);
    assert.ok(Math.max(...seen) < 2_500_000, `${transport.name}: ${Math.max(...seen)}`);
  }
});
