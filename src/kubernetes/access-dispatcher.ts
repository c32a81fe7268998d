import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { FlameherdError } from '../model/errors.ts';
import { type DurationMs, second } from '../model/units.ts';
import type { Access } from './credentials.ts';

const connectTimeoutMs: DurationMs = 10 * second;

/** One undici dispatcher until the certificates or the proxy change; then the old one ends when its streams have. */
export class AccessDispatcher {
  readonly #options: { readonly allowH2: boolean; readonly connections?: number };
  #dispatcher: Dispatcher | undefined;
  #key = '';

  constructor(options: { readonly allowH2: boolean; readonly connections?: number }) {
    this.#options = options;
  }

  /** Throws a `bad_config` when the kubeconfig names a proxy of another kind than HTTP. */
  for(access: Access): Dispatcher {
    const key = JSON.stringify([access.proxyUrl, access.tls]);
    if (this.#dispatcher !== undefined && key === this.#key) return this.#dispatcher;
    this.#dispatcher?.close().catch(() => {});
    this.#key = key;
    this.#dispatcher = this.#open(access);
    return this.#dispatcher;
  }

  /** Breaks all connections, but for streams of certificates that were replaced: those end by themselves. */
  async destroy(): Promise<void> {
    await this.#dispatcher?.destroy();
  }

  #open({ proxyUrl, tls }: Access): Dispatcher {
    if (proxyUrl === undefined) return new Agent({ ...this.#options, connect: { ...tls, timeout: connectTimeoutMs } });
    return new ProxyAgent({ ...this.#options, uri: checkedProxyUrl(proxyUrl), requestTls: tls });
  }
}

/** Throws a `bad_config`, which names the proxy without its password, unless it is one over HTTP. */
export function checkedProxyUrl(proxyUrl: string): string {
  if (/^https?:/.test(proxyUrl)) return proxyUrl;
  const shown = proxyUrl.replace(/^([a-z0-9+.-]+:\/\/)?.*@/is, '$1');
  throw new FlameherdError('bad_config', `proxy-url "${shown}" of the kubeconfig is not supported`, {
    hint: 'use an http:// or https:// proxy',
  });
}
