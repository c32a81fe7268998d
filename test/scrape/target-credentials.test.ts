import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Target } from '../../src/model/target.ts';
import { type AuthRule, targetCredentials } from '../../src/scrape/target-credentials.ts';
import { DirectTransport } from '../../src/scrape/transports/direct.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { type PprofServer, startPprofServer } from '../support/pprof-server.ts';
import { gzipMagic, targetOf } from '../support/scrape-targets.ts';
import { forwardOver, proxyOver, requestTo, told } from '../support/scrape-transports.ts';

const none: AuthRule = {
  namespace: 'shop',
  serviceAccount: 'web',
  bearerFile: '',
  username: '',
  passwordFile: '',
  allowPlain: false,
};
const refuse = () => undefined;
const web = targetOf('a', ['heap'], { serviceAccount: 'web' });

/** A folder with a token and a password, and the rules that name them; `pass` moves the clock of the files on. */
async function secrets(t: TestContext) {
  const folder = await temporaryFolder(t);
  const bearerFile = `${folder}/token`;
  const passwordFile = `${folder}/password`;
  await writeFile(bearerFile, 'first-token\n');
  await writeFile(passwordFile, 'geheim\n');
  let nowMs = 0;
  const of = (...auth: AuthRule[]) => targetCredentials({ tls: [], auth }, () => nowMs);
  return { bearerFile, passwordFile, of, pass: (ms: number) => (nowMs += ms) };
}

/** The Authorization header that came, and what the target would show. */
async function asked(server: PprofServer, answer: Promise<string>): Promise<[string | undefined, string]> {
  const said = await answer;
  return [server.requests.at(-1)?.headers.authorization, said];
}

const profiles = () => startPprofServer(() => ({ kind: 'profile', bytes: gzipMagic }));

test('a bearer token goes to pods of its namespace and ServiceAccount, and to no others', async (t) => {
  const { bearerFile, of } = await secrets(t);
  await using server = await profiles();
  const { transport } = forwardOver({ credentials: of({ ...none, bearerFile }) });
  const ask = (target: Target) => asked(server, told(transport, requestTo(server.port), target));
  assert.deepEqual(await ask(web), ['Bearer first-token', 'profile']);
  const others: Partial<Target>[] = [
    { serviceAccount: 'default' },
    { serviceAccount: '' },
    { pod: { namespace: 'bank', name: 'a', uid: 'u' }, serviceAccount: 'web' },
    // What a tenant writes names neither: labels come from annotations too.
    { serviceAccount: 'default', labels: { namespace: 'shop', serviceAccount: 'web', service_name: 'web' } },
  ];
  for (const change of others) assert.equal((await ask(targetOf('a', ['heap'], change)))[0], undefined);
  assert.equal((await ask(targetOf('a', ['heap'])))[0], undefined);
});

test('`*` is any ServiceAccount of the namespace, and the first entry that fits counts', async (t) => {
  const { bearerFile, passwordFile, of } = await secrets(t);
  await using server = await profiles();
  const basic = { ...none, serviceAccount: '*', username: 'anna', passwordFile };
  const { transport } = forwardOver({ credentials: of({ ...none, bearerFile }, basic) });
  const ask = (target: Target) => asked(server, told(transport, requestTo(server.port), target));
  assert.equal((await ask(web))[0], 'Bearer first-token');
  const header = `Basic ${Buffer.from('anna:geheim').toString('base64')}`;
  assert.equal((await ask(targetOf('a', ['heap'], { serviceAccount: 'other' })))[0], header);
});

test('a file that changes counts within a second; one that goes away leaves what it said', async (t) => {
  const { bearerFile, of, pass } = await secrets(t);
  await using server = await profiles();
  const credentials = of({ ...none, bearerFile });
  const { transport } = forwardOver({ credentials });
  const ask = async () => (await asked(server, told(transport, requestTo(server.port), web)))[0];
  assert.equal(await ask(), 'Bearer first-token');
  await writeFile(`${bearerFile}.new`, 'second-token');
  await rename(`${bearerFile}.new`, bearerFile);
  assert.equal(await ask(), 'Bearer first-token');
  pass(1000);
  assert.equal(await ask(), 'Bearer second-token');
  await rename(bearerFile, `${bearerFile}.gone`);
  pass(1000);
  assert.equal(await ask(), 'Bearer second-token');
  assert.match(credentials.problems().join(), /\/token cannot be read: ENOENT/);
});

test('with a file that was never there, or a token of several lines, nothing is asked', async (t) => {
  const { bearerFile, of } = await secrets(t);
  await using server = await profiles();
  const ask = (rule: AuthRule) => told(forwardOver({ credentials: of(rule) }).transport, requestTo(server.port), web);
  assert.match(
    await ask({ ...none, bearerFile: `${bearerFile}.none` }),
    /^other: not asked: .*token\.none cannot be read: ENOENT/,
  );
  await writeFile(bearerFile, 'token\r\nX-Evil: 1');
  assert.match(
    await ask({ ...none, bearerFile }),
    /^other: not asked: .* holds no bearer token: one line of visible ASCII$/,
  );
  assert.equal(server.requests.length, 0);
});

test('an empty file is no less than is configured: nothing is asked', async (t) => {
  const { bearerFile, passwordFile, of } = await secrets(t);
  await using server = await profiles();
  await writeFile(bearerFile, '');
  await writeFile(passwordFile, '\n');
  const entry = { namespace: 'shop', serviceAccount: 'web', serverName: '', insecure: false };
  const tls = [{ ...entry, caFile: bearerFile, certFile: '', keyFile: '' }];
  const all = [
    of({ ...none, bearerFile }),
    of({ ...none, username: 'anna', passwordFile }),
    targetCredentials({ tls, auth: [] }, Date.now),
  ];
  const endpoint = { scheme: 'https', host: '127.0.0.1', port: server.port } as const;
  for (const credentials of all) {
    const request = requestTo(server.port, { endpoint });
    assert.match(await told(forwardOver({ credentials }).transport, request, web), /^other: not asked: .* is empty$/);
  }
});

test("by port-forward into a node's network a credential goes as it would directly: another process may listen there", async (t) => {
  const { bearerFile, of } = await secrets(t);
  await using server = await startPprofServer(() => ({ kind: 'status', status: 401 }));
  const onHost = targetOf('a', ['heap'], { serviceAccount: 'web', hostNetwork: true });
  const ask = (rule: AuthRule) =>
    asked(server, told(forwardOver({ credentials: of(rule) }).transport, requestTo(server.port), onHost));
  const [withheld, why] = await ask({ ...none, bearerFile });
  assert.equal(withheld, undefined);
  assert.match(why, /were not sent: only over https verified/);
  assert.equal((await ask({ ...none, bearerFile, allowPlain: true }))[0], 'Bearer first-token');
});

test('directly a credential is sent only where the other end is verified, or where its entry allows plain', async (t) => {
  const { bearerFile, of } = await secrets(t);
  await using server = await startPprofServer(() => ({ kind: 'status', status: 401 }));
  const ask = (rule: AuthRule) =>
    asked(server, told(new DirectTransport({ refuse, credentials: of(rule) }), requestTo(server.port), web));
  const [withheld, why] = await ask({ ...none, bearerFile });
  assert.equal(withheld, undefined);
  assert.match(
    why,
    /^forbidden: 401 .*scrape\.auth for \{ namespace: shop, serviceAccount: web \} were not sent: only over https verified/,
  );
  const [sent, refused] = await ask({ ...none, bearerFile, allowPlain: true });
  assert.equal(sent, 'Bearer first-token');
  assert.match(refused, /the credentials of scrape\.auth for \{ namespace: shop, serviceAccount: web \} were refused$/);

  const files = new URL('../fixtures/kubernetes-tls/', import.meta.url);
  const read = (name: string) => readFileSync(new URL(name, files));
  let header: string | undefined;
  const https = createServer({ key: read('server.key'), cert: read('server.crt') }, (request, response) => {
    header = request.headers.authorization;
    response.end(gzipMagic);
  });
  t.after(() => https.close());
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
  const { port } = https.address() as AddressInfo;
  const request = requestTo(port, { endpoint: { scheme: 'https', host: '127.0.0.1', port } });
  const tls = { namespace: 'shop', serviceAccount: 'web', certFile: '', keyFile: '', serverName: 'localhost' };
  const over = (insecure: boolean) => {
    const entry = { ...tls, caFile: new URL('ca.crt', files).pathname, insecure };
    const credentials = targetCredentials({ tls: [entry], auth: [{ ...none, bearerFile }] }, Date.now);
    return told(new DirectTransport({ refuse, credentials }), request, web);
  };
  assert.deepEqual([await over(true), header], ['profile', undefined]);
  assert.deepEqual([await over(false), header], ['profile', 'Bearer first-token']);
});

test('by pod-proxy no credential goes, and no certificate that should be verified is taken on trust', async (t) => {
  const { bearerFile, of } = await secrets(t);
  await using server = await startPprofServer(() => ({ kind: 'status', status: 401 }));
  const transport = proxyOver({ credentials: of({ ...none, bearerFile, allowPlain: true }) });
  const [header, why] = await asked(server, told(transport, requestTo(server.port), web));
  assert.equal(header, undefined);
  assert.match(why, /were not sent/);
  const tls = {
    namespace: 'shop',
    serviceAccount: '*',
    caFile: '',
    serverName: '',
    certFile: '',
    keyFile: '',
    insecure: false,
  };
  const strict = proxyOver({ credentials: targetCredentials({ tls: [tls], auth: [] }, Date.now) });
  const request = requestTo(server.port, { endpoint: { scheme: 'https', host: '127.0.0.1', port: server.port } });
  assert.match(await told(strict, request, web), /^tls: pod-proxy cannot verify the certificate/);
});

test('a 401 names the entry to write', async () => {
  await using server = await startPprofServer(() => ({ kind: 'status', status: 401 }));
  const { transport } = forwardOver();
  assert.match(
    await told(transport, requestTo(server.port), web),
    /configure scrape\.auth: \[\{ namespace: shop, serviceAccount: web, bearerFile: … \}\], or username and passwordFile$/,
  );
});
