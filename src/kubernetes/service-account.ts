import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { FlameherdError, messageOf } from '../model/errors.ts';
import { type DurationMs, second, type UnixMs } from '../model/units.ts';
import type { Access, Credentials } from './credentials.ts';
import { serviceAccountFolder } from './in-cluster.ts';

/** Tokens live for an hour and are replaced after 48 minutes; reading one costs nothing. */
const maxAgeMs: DurationMs = 10 * second;

/** The ServiceAccount of the pod that we run in. A token file that is missing for a moment leaves the last token. */
export class ServiceAccountCredentials implements Credentials {
  readonly server: string;
  readonly namespace: string | undefined;
  readonly #folder: string;
  readonly #now: () => UnixMs;
  #access: Access | undefined;
  #readMs = Number.NEGATIVE_INFINITY;

  /** Throws a `bad_config` when this is no pod, or one without a ServiceAccount. */
  constructor(
    now: () => UnixMs,
    environment: Readonly<Record<string, string | undefined>> = process.env,
    folder: string = serviceAccountFolder,
  ) {
    const host = environment['KUBERNETES_SERVICE_HOST'];
    if (!host) throw notInCluster('KUBERNETES_SERVICE_HOST is not set');
    const port = environment['KUBERNETES_SERVICE_PORT'] || '443';
    this.server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
    try {
      this.namespace = readFileSync(`${folder}/namespace`, 'utf8').trim();
    } catch (error) {
      throw notInCluster(messageOf(error));
    }
    this.#folder = folder;
    this.#now = now;
  }

  async current(): Promise<Access> {
    if (this.#access !== undefined && this.#now() - this.#readMs < maxAgeMs) return this.#access;
    try {
      this.#access = await this.#read();
    } catch (error) {
      if (this.#access === undefined) throw error;
    }
    this.#readMs = this.#now();
    return this.#access;
  }

  renew(): void {
    this.#readMs = Number.NEGATIVE_INFINITY;
  }

  async #read(): Promise<Access> {
    const [token, ca] = await Promise.all(
      ['token', 'ca.crt'].map((name) => readFile(`${this.#folder}/${name}`, 'utf8')),
    );
    return {
      server: this.server,
      proxyUrl: undefined,
      headers: { authorization: `Bearer ${(token ?? '').trim()}` },
      tls: { ca: ca ?? '' },
    };
  }
}

function notInCluster(why: string): FlameherdError {
  return new FlameherdError('bad_config', `this process does not run in a pod with a ServiceAccount: ${why}`, {
    hint: 'outside a cluster, name a kubeconfig; in a pod, do not set automountServiceAccountToken: false',
  });
}
