import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { ServerTls, type TlsFiles } from '../../src/http/tls.ts';
import { makeCertificate, swapLink } from '../support/certificates.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { started } from '../support/http-fakes.ts';

const anyPort = { host: '127.0.0.1', port: 0 };
const month = 30 * 86_400_000;

async function opened(t: TestContext, files: TlsFiles, now: () => number = Date.now) {
  const logged: string[] = [];
  const told = (message: string, fields?: object) => void logged.push(`${message} ${JSON.stringify(fields ?? {})}`);
  const tls = await ServerTls.open({ ...files, now, log: { warn: told, error: told } });
  t.after(() => tls[Symbol.dispose]());
  return { tls, logged };
}

/** Asks by TLS as somebody who trusts `ca` alone. */
function ask(url: string, ca: string): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    get(url, { ca, servername: 'localhost', agent: false }, (reply) => {
      text(reply).then((body) => resolve({ status: reply.statusCode, body }), reject);
    }).on('error', reject);
  });
}

test('the API is https, and is printed so; the operations listener stays plain unless told', async (t) => {
  const folder = await temporaryFolder(t);
  const made = makeCertificate(folder);
  const { tls } = await opened(t, made);
  const { server } = await started(t, {}, { tls, opsListen: anyPort });
  assert.match(server.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  assert.match(server.opsUrl ?? '', /^http:/);
  assert.equal((await ask(`${server.url}/-/ready`, made.pem)).status, 200);
  assert.equal((await fetch(`${server.opsUrl}/-/ready`)).status, 200);
});

test('with http.tls.ops the operations listener is https, too', async (t) => {
  const made = makeCertificate(await temporaryFolder(t));
  const { tls } = await opened(t, made);
  const { server } = await started(t, {}, { tls, opsTls: true, opsListen: anyPort });
  assert.match(server.opsUrl ?? '', /^https:/);
  assert.equal((await ask(`${server.opsUrl}/-/ready`, made.pem)).status, 200);
});

test('TLS before 1.2 is refused, and so is plain HTTP', async (t) => {
  const made = makeCertificate(await temporaryFolder(t));
  const { tls } = await opened(t, made);
  const { server } = await started(t, {}, { tls });
  const port = Number(new URL(server.url).port);
  const outcome = (maxVersion: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') =>
    new Promise<string>((resolve) => {
      const options = { port, host: '127.0.0.1', ca: made.pem, servername: 'localhost', maxVersion };
      const old = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
      const socket: TLSSocket = connect({ ...options, ...old }, () => {
        resolve(socket.getProtocol() ?? '');
        socket.destroy();
      });
      socket.on('error', () => resolve('refused'));
    });
  assert.equal(await outcome('TLSv1.1'), 'refused');
  assert.equal(await outcome('TLSv1.2'), 'TLSv1.2');
  assert.equal(await outcome('TLSv1.3'), 'TLSv1.3');
  await assert.rejects(fetch(`http://127.0.0.1:${port}/-/ready`));
});

test('a Secret that is swapped by its symlink is used for new connections', async (t) => {
  const folder = await temporaryFolder(t);
  const [first, second] = [makeCertificate(join(folder, 'v1')), makeCertificate(join(folder, 'v2'))];
  const link = join(folder, 'current');
  symlinkSync('v1', link);
  const { tls, logged } = await opened(t, { certFile: join(link, 'tls.crt'), keyFile: join(link, 'tls.key') });
  const { server } = await started(t, {}, { tls });
  assert.equal((await ask(`${server.url}/-/ready`, first.pem)).status, 200);
  swapLink(link, 'v2');
  await tls.look();
  await tls.look();
  assert.equal((await ask(`${server.url}/-/ready`, second.pem)).status, 200);
  await assert.rejects(ask(`${server.url}/-/ready`, first.pem));
  assert.equal(logged.length, 1);
  assert.match(logged[0] ?? '', /^the certificate is a new one/);
});

test('half of a new pair keeps the old one, and says so once; the whole one is taken', async (t) => {
  const folder = await temporaryFolder(t);
  const used = makeCertificate(join(folder, 'used'));
  const next = makeCertificate(join(folder, 'next'));
  const { tls, logged } = await opened(t, used);
  const { server } = await started(t, {}, { tls });
  copyFileSync(next.certFile, used.certFile);
  for (let looks = 0; looks < 3; looks++) await tls.look();
  assert.equal((await ask(`${server.url}/-/ready`, used.pem)).status, 200);
  assert.equal(logged.length, 1);
  assert.match(logged[0] ?? '', /one before it stays.*http\.tls\.keyFile .*is not the key of the certificate/);
  copyFileSync(next.keyFile, used.keyFile);
  await tls.look();
  assert.equal((await ask(`${server.url}/-/ready`, next.pem)).status, 200);
});

test('what cannot be used names its key, its file and why, and nothing of what is in it', async (t) => {
  const folder = await temporaryFolder(t);
  const good = makeCertificate(join(folder, 'good'));
  const other = makeCertificate(join(folder, 'other'));
  const text = join(folder, 'text');
  writeFileSync(text, 'no PEM, but perhaps a secret');
  mkdirSync(join(folder, 'directory'));
  const cases: readonly (readonly [TlsFiles, RegExp])[] = [
    [{ ...good, certFile: join(folder, 'gone') }, /^http\.tls\.certFile \S+gone: cannot be read: ENOENT/],
    [{ ...good, keyFile: join(folder, 'directory') }, /^http\.tls\.keyFile \S+directory: cannot be read: EISDIR/],
    [{ ...good, certFile: text }, /^http\.tls\.certFile \S+text: holds no PEM certificate$/],
    [{ ...good, keyFile: text }, /^http\.tls\.keyFile \S+text: holds no PEM key/],
    [{ ...good, keyFile: good.certFile }, /^http\.tls\.keyFile \S+tls\.crt: holds no PEM key/],
    [{ ...good, keyFile: other.keyFile }, /^http\.tls\.keyFile \S+: is not the key of the certificate in \S+$/],
  ];
  for (const [files, message] of cases)
    await assert.rejects(ServerTls.open({ ...files, now: Date.now }), { code: 'bad_config', message });
});

test('a certificate that has expired is only warned of: it may be what there is', async (t) => {
  const made = makeCertificate(await temporaryFolder(t));
  const { tls, logged } = await opened(t, made, () => Date.now() + 2 * month);
  assert.match(logged.join(), /^http\.tls\.certFile \S+: the certificate has expired/);
  assert.ok(tls.expiresMs > Date.now() && tls.expiresMs < Date.now() + 1.1 * month);
});
