import type { KubeConfig } from '@kubernetes/client-node';
import { FlameherdError, messageOf } from '../model/errors.ts';
import { type DurationMs, second, type UnixMs } from '../model/units.ts';
import type { Access, Credentials, TlsMaterial } from './credentials.ts';

/** Which cluster, and as whom. */
export interface KubeconfigOptions {
  /** A kubeconfig file; by default `KUBECONFIG`, then `~/.kube/config`. */
  readonly kubeconfig?: string | undefined;
  /** A context of it; by default its current one. */
  readonly context?: string | undefined;
}

type NewKubeConfig = () => KubeConfig;

/** How long headers are used before the token file, the exec plugin's cache or the certificates are asked again. */
const maxAgeMs: DurationMs = 10 * second;

/** The credentials of a kubeconfig, with its plugins. A file that is missing for a moment, as during a rotation, leaves the last ones. */
export class KubeconfigCredentials implements Credentials {
  readonly #load: () => KubeConfig;
  readonly #now: () => UnixMs;
  #config: KubeConfig;
  #access: Access | undefined;
  #readMs = 0;

  /** Throws a `bad_config` when there is no such file, context or cluster. */
  constructor(newKubeConfig: NewKubeConfig, options: KubeconfigOptions, now: () => UnixMs) {
    this.#load = () => loadConfig(newKubeConfig, options);
    this.#now = now;
    this.#config = this.#load();
  }

  get server(): string {
    return clusterOf(this.#config).server;
  }

  /** The namespace of the context, or of the pod that we run in. */
  get namespace(): string | undefined {
    return this.#config.getContextObject(this.#config.currentContext)?.namespace;
  }

  async current(): Promise<Access> {
    if (this.#access !== undefined && this.#now() - this.#readMs < maxAgeMs) return this.#access;
    try {
      this.#access = await readAccess(this.#config);
    } catch (error) {
      if (this.#access === undefined) throw error;
    }
    this.#readMs = this.#now();
    return this.#access;
  }

  /** The server refused them: everything is read again, whatever its age. */
  renew(): void {
    this.#readMs = Number.NEGATIVE_INFINITY;
    try {
      this.#config = this.#load();
    } catch {
      // The file is being replaced: the next 401 tries again.
    }
  }
}

function loadConfig(newKubeConfig: NewKubeConfig, options: KubeconfigOptions): KubeConfig {
  const config = newKubeConfig();
  try {
    if (options.kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(options.kubeconfig);
  } catch (cause) {
    // What follows the first line is an excerpt of the file, which holds tokens and keys.
    const [what] = messageOf(cause).split('\n');
    throw new FlameherdError('bad_config', `the kubeconfig cannot be read: ${what}`, {
      hint: 'name a readable file in KUBECONFIG or in discovery.kubeconfig',
    });
  }
  if (options.context !== undefined) chooseContext(config, options.context);
  clusterOf(config);
  return config;
}

function chooseContext(config: KubeConfig, context: string): void {
  const known = config.getContexts().map(({ name }) => name);
  if (!known.includes(context)) {
    throw new FlameherdError('bad_config', `kubernetes context "${context}" is not in the kubeconfig`, {
      hint: known.length === 0 ? 'the kubeconfig has no contexts' : `it has ${known.join(', ')}`,
    });
  }
  config.setCurrentContext(context);
}

function clusterOf(config: KubeConfig): { server: string; proxyUrl?: string | undefined } {
  const cluster = config.getCurrentCluster();
  if (cluster) return cluster;
  throw new FlameherdError('bad_config', `the kubeconfig's context "${config.currentContext}" names no cluster`, {
    hint: 'see `kubectl config get-contexts`',
  });
}

async function readAccess(config: KubeConfig): Promise<Access> {
  const cluster = clusterOf(config);
  const options: TlsMaterial & { headers?: Record<string, unknown>; auth?: string } = {};
  await config.applyToHTTPSOptions(options as Parameters<KubeConfig['applyToHTTPSOptions']>[0]);
  const { ca, cert, key, servername, rejectUnauthorized } = options;
  const headers = Object.fromEntries(
    Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value).trim()]),
  );
  if (options.auth) headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  return {
    server: cluster.server,
    proxyUrl: cluster.proxyUrl,
    headers,
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(servername === undefined ? {} : { servername }),
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    },
  };
}
