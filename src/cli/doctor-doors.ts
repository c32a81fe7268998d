import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { access, constants, readFile, stat } from 'node:fs/promises';
import { createServer, isIP } from 'node:net';
import type { Config } from '../config/schema.ts';
import { type Address, formatAddress } from '../config/values.ts';
import { inCluster } from '../kubernetes/in-cluster.ts';
import { messageOf } from '../model/errors.ts';
import { isLoopbackHost } from '../model/loopback.ts';
import { day, type UnixMs } from '../model/units.ts';
import type { Finding } from './finding.ts';

/** Renewed certificates come weeks before the old ones end. */
const soonMs = 14 * day;

/** Where it listens, who is let in, and by which files. */
export async function examineDoors(config: Config, nowMs: UnixMs = Date.now()): Promise<Finding[]> {
  return [
    await daemon(config),
    ...openness(config),
    ...(await Promise.all(secretFiles(config).map(([key, file]) => secretFile(key, file)))),
    ...(await certificate(config, nowMs)),
  ];
}

/** The daemon that answers there, else whether one could listen. */
async function daemon({ http }: Config): Promise<Finding> {
  const { host } = http.listen;
  const scheme = http.tls.certFile === '' ? 'http' : 'https';
  const own = formatAddress({ ...http.listen, host: host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host });
  const url = `${scheme}://${own}`;
  const what = 'daemon';
  try {
    const response = await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(2_000) });
    if (response.ok) return { what, verdict: 'good', detail: `${url} is ready` };
    return { what, verdict: 'bad', detail: `${url} is not ready: ${(await response.text()).slice(0, 300)}` };
  } catch {
    const trouble = await whyNotListening(http.listen);
    if (trouble === undefined) return { what, verdict: 'note', detail: `nothing answers at ${url}` };
    // Fetch does not trust the certificates of others; that the port is taken is what is known.
    if (trouble.code === 'EADDRINUSE' && scheme === 'https') {
      return { what, verdict: 'good', detail: `${url} is listened at; its certificate is looked at below` };
    }
    return { what, verdict: 'bad', detail: `${own}: ${trouble.message}`, hint: listenHints[trouble.code ?? ''] };
  }
}

const listenHints: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'another program listens there, and does not answer as flameherd does: choose another by --listen or http.listen',
  EACCES: 'ports below 1024 need rights that flameherd should not have: choose another by --listen or http.listen',
  EADDRNOTAVAIL: 'this machine has no such address: listen on 0.0.0.0 or on one that it has',
};

async function whyNotListening(address: Address): Promise<NodeJS.ErrnoException | undefined> {
  const server = createServer();
  try {
    server.listen(address.port, address.host);
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  } finally {
    server.close();
  }
}

function openness({ http, auth }: Config): Finding[] {
  if (isLoopbackHost(http.listen.host)) return [];
  const what = 'auth';
  if (auth.mode === 'none') {
    const hint = 'whoever reaches it sees all profiles and may pause and upload: set auth.mode, or listen on 127.0.0.1';
    return [{ what, verdict: 'note', detail: `${formatAddress(http.listen)} lets everybody in`, hint }];
  }
  if (http.tls.certFile !== '' || auth.mode === 'header') return [];
  const hint = 'tokens can be read on the way: set http.tls, or let a proxy or mesh encrypt it';
  return [{ what, verdict: 'note', detail: `${formatAddress(http.listen)} takes tokens over plain http`, hint }];
}

/** Files that hold secrets, by the keys that name them. */
function secretFiles({ auth, growth, http, scrape }: Config): (readonly [key: string, file: string])[] {
  const named: (readonly [string, string])[] = [
    ['auth.tokenFile', auth.mode === 'token' ? auth.tokenFile : ''],
    ['auth.header.secretFile', auth.mode === 'header' ? auth.header.secretFile : ''],
    ['http.tls.keyFile', http.tls.keyFile],
    ['growth.webhook.authorizationFile', growth.webhook.authorizationFile],
    ...scrape.auth.flatMap(({ bearerFile, passwordFile }, at): [string, string][] => [
      [`scrape.auth.${at}.bearerFile`, bearerFile],
      [`scrape.auth.${at}.passwordFile`, passwordFile],
    ]),
    ...scrape.tls.map(({ keyFile }, at): [string, string] => [`scrape.tls.${at}.keyFile`, keyFile]),
  ];
  return named.filter(([, file]) => file !== '');
}

async function secretFile(key: string, file: string): Promise<Finding> {
  const what = 'file';
  try {
    await access(file, constants.R_OK);
    const { mode, size } = await stat(file);
    if (size === 0) return { what, verdict: 'bad', detail: `${key}: ${file} is empty` };
    // In a pod nobody else is there, and the kubelet decides.
    const isOpen = (mode & 0o007) !== 0 && !inCluster();
    if (!isOpen) return { what, verdict: 'good', detail: `${key}: ${file}` };
    const hint = `chmod o= ${file}`;
    return { what, verdict: 'note', detail: `${key}: everybody on this machine may read ${file}`, hint };
  } catch (error) {
    const hint = `user ${process.getuid?.()} has to read it; in Kubernetes: is the Secret mounted there, and securityContext.fsGroup set?`;
    return { what, verdict: 'bad', detail: `${key}: ${messageOf(error)}`, hint };
  }
}

async function certificate({ http }: Config, nowMs: UnixMs): Promise<Finding[]> {
  const { certFile, keyFile } = http.tls;
  if (certFile === '') return [];
  const what = 'certificate';
  try {
    const found = new X509Certificate(await readFile(certFile));
    const bad = (detail: string, hint: string): Finding => ({
      what,
      verdict: 'bad',
      detail: `${certFile} ${detail}`,
      hint,
    });
    const isPair = found.checkPrivateKey(createPrivateKey(await readFile(keyFile)));
    const leftMs = Date.parse(found.validTo) - nowMs;
    const host = http.externalUrl === '' ? undefined : URL.parse(http.externalUrl)?.hostname;
    const findings: Finding[] = [];
    if (!isPair)
      findings.push(
        bad(
          `does not belong to ${keyFile}`,
          'both have to come from one order; the chain stands behind the certificate',
        ),
      );
    if (Date.parse(found.validFrom) > nowMs)
      findings.push(bad(`is valid from ${found.validFrom} on only`, 'is the clock right?'));
    if (leftMs <= 0)
      findings.push(bad(`has expired: ${found.validTo}`, 'renew it; the daemon reads it again by itself'));
    else if (leftMs < soonMs) {
      const hint = 'renew it; the daemon reads it again by itself';
      findings.push({
        what,
        verdict: 'note',
        detail: `${certFile} expires in ${Math.floor(leftMs / day)} d: ${found.validTo}`,
        hint,
      });
    }
    if (host !== undefined && !isFor(found, host)) {
      findings.push(
        bad(`is not for ${host}, the host of http.externalUrl`, `it is for ${found.subjectAltName ?? found.subject}`),
      );
    }
    return findings.length > 0 ? findings : [{ what, verdict: 'good', detail: `${certFile}, until ${found.validTo}` }];
  } catch (error) {
    const hint = 'http.tls.certFile and keyFile are PEM files; an encrypted key is not read';
    return [{ what, verdict: 'bad', detail: `${certFile}: ${messageOf(error)}`, hint }];
  }
}

function isFor(certificate: X509Certificate, host: string): boolean {
  const plain = host.replace(/^\[|\]$/g, '');
  return (isIP(plain) === 0 ? certificate.checkHost(plain) : certificate.checkIP(plain)) !== undefined;
}
