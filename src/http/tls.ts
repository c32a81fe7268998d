import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type SecureContextOptions, Server as TlsServer } from 'node:tls';
import { FlameherdError, messageOf } from '../model/errors.ts';
import { type DurationMs, second, type UnixMs } from '../model/units.ts';
import type { HttpLog } from './deps.ts';

export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface TlsOptions extends TlsFiles {
  readonly now: () => UnixMs;
  readonly log?: HttpLog | undefined;
  /** How often the files are looked at. */
  readonly everyMs?: DurationMs;
}

interface Pair {
  readonly cert: string;
  readonly key: string;
  readonly expiresMs: UnixMs;
}

const lookEveryMs: DurationMs = 5 * second;

/**
 * The certificate of the listeners and its key. Both files are read again every few seconds (a mounted Secret changes by a symlink,
 * which file watchers miss), and new connections get what is new. While the two do not fit, as between the writing of one and the
 * other, the pair before stays, and the log says so once.
 */
export class ServerTls implements Disposable {
  readonly #options: TlsOptions;
  readonly #servers = new Set<TlsServer>();
  readonly #timer: NodeJS.Timeout;
  #pair: Pair;
  #problem: string | undefined;

  private constructor(options: TlsOptions, pair: Pair) {
    this.#options = options;
    this.#pair = pair;
    this.#timer = setInterval(() => void this.look(), options.everyMs ?? lookEveryMs).unref();
    this.#warnOfExpiry();
  }

  /** Throws `bad_config`, naming the key, the file and what is wrong with it. */
  static async open(options: TlsOptions): Promise<ServerTls> {
    return new ServerTls(options, await readPair(options));
  }

  /** When the certificate ends. */
  get expiresMs(): UnixMs {
    return this.#pair.expiresMs;
  }

  /** What a server begins with. */
  options(): SecureContextOptions {
    const { cert, key } = this.#pair;
    return { cert, key, minVersion: 'TLSv1.2' };
  }

  /** Gives a server the new pair whenever there is one. */
  renew(server: object): void {
    if (server instanceof TlsServer) this.#servers.add(server);
  }

  /** Reads the files now. */
  async look(): Promise<void> {
    try {
      const pair = await readPair(this.#options);
      this.#problem = undefined;
      if (pair.cert === this.#pair.cert && pair.key === this.#pair.key) return;
      this.#pair = pair;
      for (const server of this.#servers) server.setSecureContext(this.options());
      this.#options.log?.warn('the certificate is a new one', { until: new Date(pair.expiresMs).toISOString() });
      this.#warnOfExpiry();
    } catch (error) {
      const problem = messageOf(error);
      if (problem !== this.#problem)
        this.#options.log?.warn('the new certificate is not used; the one before it stays', { problem });
      this.#problem = problem;
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #warnOfExpiry(): void {
    const { certFile, now, log } = this.#options;
    const { expiresMs } = this.#pair;
    if (expiresMs > now()) return;
    log?.warn(`http.tls.certFile ${certFile}: the certificate has expired`, { on: new Date(expiresMs).toISOString() });
  }
}

async function readPair({ certFile, keyFile }: TlsFiles): Promise<Pair> {
  const cert = await readText('http.tls.certFile', certFile);
  const key = await readText('http.tls.keyFile', keyFile);
  const certificate = parsed(
    'http.tls.certFile',
    certFile,
    'holds no PEM certificate',
    () => new X509Certificate(cert),
  );
  const privateKey = parsed('http.tls.keyFile', keyFile, 'holds no PEM key, or one with a passphrase', () =>
    createPrivateKey(key),
  );
  if (!certificate.checkPrivateKey(privateKey))
    throw refused('http.tls.keyFile', keyFile, `is not the key of the certificate in ${certFile}`);
  return { cert, key, expiresMs: certificate.validToDate.getTime() };
}

async function readText(key: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw refused(key, file, `cannot be read: ${messageOf(error)}`, error);
  }
}

/** What a library says of a key is not repeated: it may quote it. */
function parsed<T>(key: string, file: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    throw refused(key, file, what);
  }
}

function refused(key: string, file: string, what: string, cause?: unknown): FlameherdError {
  return new FlameherdError('bad_config', `${key} ${file}: ${what}`, {
    hint: 'certFile is the certificate with those that signed it behind it, keyFile its key, both PEM (tls.crt and tls.key of a Secret)',
    cause,
  });
}
