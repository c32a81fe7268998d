import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { TokenFile } from '../../src/auth/token-file.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { RawSocket } from '../support/raw-socket.ts';

const admin = 'admin-5f2e9c81d04b';
const guess = 'guess-77aa31c9e0ff';

test('tokens in the log: requests that fail, logins and uploads leave no token in log, answers or metrics, wherever it was sent', {
  timeout: 60_000,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const tokenFile = `${folder}/tokens`;
  await writeFile(tokenFile, `admin:${admin} alice\n`);
  const env = { FLAMEHERD_AUTH_MODE: 'token', FLAMEHERD_AUTH_TOKEN_FILE: tokenFile, FLAMEHERD_LOG_LEVEL: 'debug' };
  const daemon = await startDaemon(`${folder}/data`, ['--no-self'], env);
  t.after(() => daemon.kill());
  const answers: string[] = [];
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const reply = await fetch(daemon.url + path, { redirect: 'manual', ...init });
    answers.push(JSON.stringify([...reply.headers]), Buffer.from(await reply.arrayBuffer()).toString('latin1'));
    return reply;
  };
  const basic = (token: string): string => `Basic ${Buffer.from(`flameherd:${token}`).toString('base64')}`;
  for (const token of [admin, guess]) {
    for (const headers of [
      { authorization: `Bearer ${token}` },
      { authorization: basic(token) },
      { authorization: token },
      { authorization: `Digest ${token}` },
      { cookie: `flameherd=${token}` },
      { cookie: `session=${token}` },
      { 'x-api-key': token },
    ]) {
      for (const path of [
        '/api/v1/targets',
        '/api/v1/merge?query=nothing',
        '/pprof/a/b/cpu',
        '/nothing',
        '/',
        '/api/v1/profiles/x',
      ]) {
        await ask(path, { headers });
      }
      const upload = '/api/v1/profiles?workload=a&as=delta';
      await ask(upload, { method: 'POST', headers, body: 'no profile at all' });
      await ask('/api/v1/pause?namespace=a&namespace=b', { method: 'POST', headers });
    }
    const login = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };
    const body = new URLSearchParams({ token, next: '/targets' }).toString();
    await ask('/login', { method: 'POST', headers: login, body });
    await ask('/login', {
      method: 'POST',
      headers: { ...login, 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
  }
  const raw = await RawSocket.open(daemon.url);
  raw.send(`GET /api/v1/targets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${guess}\r\nBad header\r\n\r\n`);
  answers.push(await raw.untilClosed());
  answers.push(await (await fetch(`${daemon.opsUrl}/metrics`)).text());
  const told = JSON.stringify(daemon.log) + answers.join('\n');
  for (const token of [admin, guess]) {
    for (const form of [
      token,
      Buffer.from(`flameherd:${token}`).toString('base64'),
      Buffer.from(token).toString('base64'),
    ])
      assert.ok(!told.includes(form), form);
  }
  assert.match(told, /flameherd=[\w-]{43}; Path/, 'the login went through');
});

test('tokens in the address: none opens anything, and none stands in the log', { timeout: 60_000 }, async (t) => {
  const folder = await temporaryFolder(t);
  const tokenFile = `${folder}/tokens`;
  await writeFile(tokenFile, `admin:${admin} alice\n`);
  const env = { FLAMEHERD_AUTH_MODE: 'token', FLAMEHERD_AUTH_TOKEN_FILE: tokenFile, FLAMEHERD_LOG_LEVEL: 'debug' };
  const daemon = await startDaemon(`${folder}/data`, ['--no-self'], env);
  t.after(() => daemon.kill());
  for (const name of ['token', 'access_token', 'api_key', 'auth', 'password']) {
    const reply = await fetch(`${daemon.url}/api/v1/targets?${name}=${admin}`);
    assert.equal(reply.status, 401, name);
    assert.ok(!(await reply.text()).includes(admin));
    await fetch(`${daemon.url}/api/v1/targets?${name}=${admin}`, { headers: { authorization: `Bearer ${admin}` } });
  }
  assert.ok(!JSON.stringify(daemon.log).includes(admin));
});

test('timing: tokens are compared by digests of one length, all of them, in constant time each', () => {
  const source = readFileSync(new URL('../../src/auth/token-file.ts', import.meta.url), 'utf8');
  const find = /async find\([\s\S]*?\n {2}\}/.exec(source)?.[0] ?? assert.fail();
  assert.match(find, /const sha256 = sha256Of\(token\)/);
  assert.match(find, /for \(const known of .*\) if \(timingSafeEqual\(known\.sha256, sha256\)\) found = known;/);
  assert.doesNotMatch(find, /break|return (?!found)[a-z]|===/);
});

test('timing: how much of a token is right makes no difference that can be told from its noise', async (t) => {
  const folder = await temporaryFolder(t);
  const path = `${folder}/tokens`;
  const right = 'r'.repeat(64);
  await writeFile(
    path,
    [right, ...Array.from({ length: 50 }, (_, at) => `other-${at}-${'o'.repeat(40)}`)]
      .map((token) => `read:${token}`)
      .join('\n'),
  );
  const tokens = await TokenFile.open(path, () => 0);
  const wrong = { first: `x${right.slice(1)}`, last: `${right.slice(0, -1)}x` };
  const spent: Record<keyof typeof wrong, number[]> = { first: [], last: [] };
  for (let round = 0; round < 3000; round++) {
    for (const name of round % 2 === 0 ? (['first', 'last'] as const) : (['last', 'first'] as const)) {
      const began = process.hrtime.bigint();
      assert.equal(await tokens.find(wrong[name]), undefined);
      spent[name].push(Number(process.hrtime.bigint() - began));
    }
  }
  const quartiles = (values: number[]): readonly [number, number] => {
    const sorted = values.toSorted((a, b) => a - b);
    return [sorted[values.length >> 2] ?? 0, sorted[(values.length * 3) >> 2] ?? 0];
  };
  const [first, last] = [quartiles(spent.first), quartiles(spent.last)];
  t.diagnostic(`quartiles of the first character wrong ${first.join('-')} ns, of the last ${last.join('-')} ns`);
  assert.ok(first[0] <= last[1] && last[0] <= first[1], 'the middle halves overlap');
});
