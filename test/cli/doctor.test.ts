import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { examineDisk } from '../../src/cli/doctor-disk.ts';
import { examineDoors } from '../../src/cli/doctor-doors.ts';
import { examinePlace, memory, nodeVersion, proxies } from '../../src/cli/doctor-place.ts';
import type { Finding } from '../../src/cli/finding.ts';
import { configOf } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { day } from '../../src/model/units.ts';
import { temporaryFolder } from '../support/daemon.ts';

const config = (values: object = {}): Config => configOf([values]).config;
const gib = 1024 ** 3;
const certificates = new URL('../fixtures/kubernetes-tls/', import.meta.url).pathname;

/** `bad file: key: what | hint`, the way a person would note it. */
function drawn(findings: readonly Finding[]): string {
  return findings
    .map(({ what, verdict, detail, hint }) => `${verdict} ${what}: ${detail}${hint ? ` | ${hint}` : ''}`)
    .join('\n');
}

test('Node 24 and later are good, and nothing else is', () => {
  assert.deepEqual(
    ['v22.9.0', 'v24.0.0', 'v26.1.0', 'nonsense'].map((version) => nodeVersion(version).verdict),
    ['bad', 'good', 'good', 'bad'],
  );
});

test('a heap that fills the memory limit is told with the flag to set, and a small limit by itself', () => {
  assert.equal(memory(gib, 0.75 * gib).verdict, 'good');
  assert.match(
    drawn([memory(gib, 2 * gib)]),
    /^note memory: heap up to 2GiB, limit 1GiB \| .*--max-old-space-size=768,/,
  );
  assert.match(drawn([memory(gib / 4, gib / 8)]), /^note memory: .* \| give it 512MiB or more/);
  assert.equal(memory(0, 4 * gib).verdict, 'good');
  assert.equal(memory(2 ** 63, 4 * gib).verdict, 'good');
});

test('a proxy of the environment is told without its password, and whether it stands in the way', () => {
  assert.deepEqual(proxies({ NO_PROXY: 'x' }), []);
  const proxy = { HTTP_PROXY: 'http://ann:hunter2@proxy:3128' };
  assert.match(drawn(proxies(proxy)), /^note proxy: .*http:\/\/\*\*\*@proxy:3128 \| not used/);
  assert.match(
    drawn(proxies({ ...proxy, NODE_USE_ENV_PROXY: '1' })),
    /add 127\.0\.0\.1,localhost,\.svc,\.cluster\.local and the networks of pods to NO_PROXY/,
  );
  const exempt = { https_proxy: 'http://proxy', NODE_OPTIONS: '--use-env-proxy', no_proxy: 'localhost, 127.0.0.1' };
  assert.equal(proxies(exempt)[0]?.verdict, 'good');
});

test('a host that the configuration names and nobody knows is found', async () => {
  const found = await examinePlace(
    config({ targets: [{ url: 'http://shop.invalid:6060' }, { url: 'http://127.0.0.1:1' }] }),
    {},
  );
  assert.match(drawn(found), /bad DNS: shop\.invalid is not found: /);
  assert.equal(found.filter(({ what }) => what === 'DNS').length, 1);
});

test('a disk that is fuller than storage.maxBytes allows for is told with what to set, and one below minFree is bad', async (t) => {
  const data = await temporaryFolder(t);
  const looked = async (storage: object) => drawn(await examineDisk(config({ data, storage })));
  assert.match(await looked({ maxBytes: '1MiB', minFree: '1MiB' }), /^good disk: \S+ \S+ free$/m);
  assert.match(
    await looked({ maxBytes: '900TiB', minFree: '1MiB' }),
    /^note disk: .* \| .*set storage\.maxBytes to \d/m,
  );
  assert.match(await looked({ minFree: '900TiB' }), /^bad disk: .* \| nothing is stored below storage\.minFree/m);
});

test('a data folder that is not there yet is looked at by what it would be made in, and is not made', async (t) => {
  const folder = await temporaryFolder(t);
  const found = await examineDisk(
    config({ data: join(folder, 'a', 'b'), storage: { maxBytes: '1MiB', minFree: '1MiB' } }),
  );
  assert.equal(found[0]?.verdict, 'good');
  assert.deepEqual(readdirSync(folder), []);
});

test('a store that is damaged beyond opening is bad', async (t) => {
  const data = await temporaryFolder(t);
  await writeFile(
    join(data, 'meta.db'),
    'no database at all, and long enough to be taken for a header of one'.repeat(20),
  );
  assert.match(drawn(await examineDisk(config({ data }))), /^bad store: .*not a database.* \| restore a backup/m);
});

test('a port that another program has is bad, and so is one that this machine may not have', async (t) => {
  const server = createServer((_request, response) => response.writeHead(404).end('nothing here'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const looked = async (listen: string) => drawn(await examineDoors(config({ http: { listen } })));
  assert.match(await looked(`127.0.0.1:${port}`), /^bad daemon: http:\/\/127\.0\.0\.1:\d+ is not ready: nothing here/);
  assert.match(
    await looked('192.0.2.1:4280'),
    /^bad daemon: 192\.0\.2\.1:4280: .*EADDRNOTAVAIL.* \| this machine has no such address/,
  );
  server.closeAllConnections();
  server.close();
  assert.match(await looked(`127.0.0.1:${port}`), /^note daemon: nothing answers at /);
});

test('a program that is no web server has the port, too', async (t) => {
  const { createServer: createTcp } = await import('node:net');
  const server = createTcp((socket) => socket.end('SSH-2.0\r\n'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const listen = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  assert.match(
    drawn(await examineDoors(config({ http: { listen } }))),
    /^bad daemon: .*EADDRINUSE.* \| another program listens there/,
  );
});

test('who listens to everybody without asking who it is, or takes tokens over plain http, is told so', async () => {
  const open = config({ http: { listen: '0.0.0.0:1' }, auth: { allowUnauthenticated: true } });
  assert.match(drawn(await examineDoors(open)), /^note auth: 0\.0\.0\.0:1 lets everybody in \| .*set auth\.mode/m);
  const plain = config({ http: { listen: '0.0.0.0:1' }, auth: { mode: 'token', tokenFile: '/nowhere' } });
  assert.match(
    drawn(await examineDoors(plain)),
    /^note auth: 0\.0\.0\.0:1 takes tokens over plain http \| .*http\.tls/m,
  );
  assert.doesNotMatch(drawn(await examineDoors(config({ http: { listen: '127.0.0.1:1' } }))), / auth: /);
});

test('files of secrets are bad when they are missing or empty, and noted when everybody may read them', async (t) => {
  const folder = await temporaryFolder(t);
  const tokenFile = join(folder, 'tokens');
  const looked = async () =>
    drawn(await examineDoors(config({ http: { listen: '127.0.0.1:1' }, auth: { mode: 'token', tokenFile } })));
  assert.match(await looked(), /^bad file: auth\.tokenFile: ENOENT.* \| user \d+ has to read it/m);
  await writeFile(tokenFile, '');
  assert.match(await looked(), /^bad file: auth\.tokenFile: \S+ is empty/m);
  await writeFile(tokenFile, 'admin:0123456789abcdef0123\n');
  await chmod(tokenFile, 0o644);
  assert.match(await looked(), /^note file: auth\.tokenFile: everybody on this machine may read \S+ \| chmod o= /m);
  await chmod(tokenFile, 0o600);
  assert.match(await looked(), /^good file: auth\.tokenFile: /m);
});

test('a certificate is bad with a key that is not its own, past its time and for another host, and noted before its end', async (t) => {
  const folder = await temporaryFolder(t);
  const certFile = join(certificates, 'server.crt');
  const ends = Date.parse(new X509Certificate(readFileSync(certFile)).validTo);
  const looked = async (nowMs: number, http: object = {}, keyFile = join(certificates, 'server.key')) => {
    const findings = await examineDoors(
      config({ http: { listen: '127.0.0.1:1', tls: { certFile, keyFile }, ...http } }),
      nowMs,
    );
    return drawn(findings.filter(({ what }) => what === 'certificate'));
  };
  assert.match(await looked(ends - 100 * day), /^good certificate: \S+, until /);
  assert.match(await looked(ends - 3 * day), /^note certificate: \S+ expires in 3 d: .* \| renew it/);
  assert.match(await looked(ends + day), /^bad certificate: \S+ has expired: /);
  assert.match(await looked(0), /^bad certificate: \S+ is valid from .* \| is the clock right/);
  const externalUrl = 'https://flameherd.example.com';
  assert.match(
    await looked(ends - 100 * day, { externalUrl }),
    /^bad certificate: \S+ is not for flameherd\.example\.com/,
  );
  assert.match(await looked(ends - 100 * day, { externalUrl: 'https://127.0.0.1' }), /^good certificate/);
  const other = join(folder, 'other.key');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(other, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  assert.match(await looked(ends - 100 * day, {}, other), /^bad certificate: \S+ does not belong to \S+other\.key/);
  await writeFile(other, 'no key');
  assert.match(
    await looked(ends - 100 * day, {}, other),
    /^bad certificate: .* \| http\.tls\.certFile and keyFile are PEM files/,
  );
});
