import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { TestContext } from 'node:test';
import { countingScript } from './app-counters.ts';
import { type Daemon, eventually, startDaemon, temporaryFolder } from './daemon.ts';
import { type FakeApiServer, startFakeApiServer } from './fake-api-server.ts';
import { namespaceObject, podObject } from './kubernetes-objects.ts';
import { type Script, startPprofServer } from './pprof-server.ts';

export interface TargetAnswer {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: string;
  readonly transport: string | null;
  readonly transportReason: string;
  readonly warnings: readonly string[];
  readonly scrapes: readonly { readonly kind: string; readonly health: string; readonly lastError: string }[];
}

/** Addresses of this machine that are no loopback: a pod may have one, and a port of it where nobody listens is refused. */
function ownAddress(family: 'IPv4' | 'IPv6'): string | undefined {
  return Object.values(networkInterfaces())
    .flatMap((found) => found ?? [])
    .find((each) => each.family === family && !each.internal && !/^(169\.254\.|fe80:)/.test(each.address))?.address;
}

export const address = ownAddress('IPv4');
export const address6 = ownAddress('IPv6');

export async function closedPort(host = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

export interface ScrapedCluster {
  readonly api: FakeApiServer;
  readonly port: number;
  readonly daemon: Daemon;
  readonly put: (pod: string, annotations: Readonly<Record<string, string>>, uid?: string) => void;
}

export interface ScrapedClusterOptions {
  readonly config?: string;
  readonly onLoopback?: boolean;
  /** Where the pod's pprof really listens: default 127.0.0.1. */
  readonly host?: '127.0.0.1' | '::1';
  /** The pod's own address. */
  readonly ip?: string;
  readonly script?: Script;
  readonly before?: (api: FakeApiServer) => void;
}

/** A daemon, and a pod `shop/cart` whose pprof listens on its 127.0.0.1 only unless said otherwise. */
export async function startScrapedCluster(
  t: TestContext,
  options: ScrapedClusterOptions = {},
): Promise<ScrapedCluster> {
  const api = await startFakeApiServer();
  t.after(() => api.close());
  const { host = '127.0.0.1', ip = '10.99.0.1' } = options;
  const pprof = await startPprofServer(options.script ?? countingScript().script, host);
  t.after(() => pprof.close());
  const port = await closedPort();
  api.put(namespaceObject('shop'));
  api.streams.listen('shop', 'cart', port, { port: pprof.port, host, onLoopback: options.onLoopback ?? true });
  options.before?.(api);
  const put: ScrapedCluster['put'] = (name, annotations, uid = `uid-${name}`) =>
    void api.put(
      podObject('shop', name, {
        uid,
        ip,
        containerId: `containerd://${uid}`,
        ports: [{ name: 'pprof', containerPort: port }],
        annotations: {
          'flameherd.dev/scrape': 'true',
          'flameherd.dev/profiles': 'heap',
          'flameherd.dev/interval': '1s',
          ...annotations,
        },
      }),
    );
  const folder = await temporaryFolder(t);
  await writeFile(
    `${folder}/config.yml`,
    `limits: { minInterval: 1s }\nlease: { mode: 'off' }\n${options.config ?? ''}`,
  );
  const daemon = await startDaemon(
    `${folder}/data`,
    ['--config', `${folder}/config.yml`, '--kubernetes', '--no-self'],
    {
      KUBECONFIG: api.kubeconfig(),
    },
  );
  t.after(() => daemon.kill());
  return { api, port, daemon, put };
}

export async function targetThat(daemon: Daemon, is: (target: TargetAnswer) => boolean): Promise<TargetAnswer> {
  let last: TargetAnswer | undefined;
  const check = async (): Promise<TargetAnswer | false> => {
    const { targets } = await daemon.getJson<{ targets: readonly TargetAnswer[] }>('/api/v1/targets');
    last = targets[0];
    return last !== undefined && is(last) && last;
  };
  return eventually(check, 20_000, 'target as wanted').catch((error: unknown) =>
    assert.fail(`${String(error)}: ${JSON.stringify(last)}`),
  );
}

export const isUp = ({ health }: TargetAnswer): boolean => health === 'up';
export const errorOf = ({ scrapes }: TargetAnswer): string => scrapes[0]?.lastError ?? '';
