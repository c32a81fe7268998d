import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** The certificate, to trust it. */
  readonly pem: string;
}

/** A certificate that signs itself for localhost, in files of a folder that is made; it is good for a month. */
export function makeCertificate(folder: string, name = 'localhost'): CertificateFiles {
  mkdirSync(folder, { recursive: true });
  const certFile = join(folder, 'tls.crt');
  const keyFile = join(folder, 'tls.key');
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name},IP:127.0.0.1`];
  const argv = ['req', '-x509', ...curve, ...names, '-days', '30', '-keyout', keyFile, '-out', certFile];
  execFileSync('openssl', argv, { stdio: 'pipe' });
  return { certFile, keyFile, pem: readFileSync(certFile, 'utf8') };
}

/** Exchanges the folder that a link leads to at once, as a mounted Secret does. */
export function swapLink(link: string, folder: string): void {
  const next = `${link}.next`;
  rmSync(next, { force: true });
  symlinkSync(folder, next);
  renameSync(next, link);
}
