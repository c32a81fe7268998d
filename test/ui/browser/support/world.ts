import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UnixMs } from '../../../../src/model/units.ts';
import { type Daemon, eventually, startDaemon } from '../../../support/daemon.ts';
import { startShopCluster } from './shop-cluster.ts';
import { fillStory } from './story-data.ts';

/** A daemon for the pages to ask, and what it scrapes. */
export interface World extends AsyncDisposable {
  readonly url: string;
  readonly daemon: Daemon;
  /** The moment of the story's last profiles. */
  readonly endMs: UnixMs;
}

export interface WorldOptions {
  /** `empty`: nothing was ever stored, and nothing is scraped. */
  readonly story: 'shop' | 'empty';
  /** Default: any free one. */
  readonly port?: number;
}

/** Starts a daemon that knows the story, and that scrapes itself, pods of `shop-cluster.ts`, a target that answers, and two that do not. */
export async function startWorld({ story, port = 0 }: WorldOptions): Promise<World> {
  const parent = await mkdtemp(join(tmpdir(), 'flameherd-pages-'));
  const dataDir = join(parent, 'data');
  const removeData = (): Promise<void> => rm(parent, { recursive: true, force: true, maxRetries: 5 });
  const listen = ['--listen', `127.0.0.1:${port}`];
  if (story === 'empty') {
    const daemon = await startDaemon(dataDir, [...listen, '--no-self']);
    return worldOf(daemon, Date.now(), async () => {
      await daemon.kill();
      await removeData();
    });
  }
  const { endMs } = await fillStory(dataDir);
  const cluster = await startShopCluster();
  const target = (name: string, url: string): string[] => ['--target', `${name}=${url}/debug/pprof`];
  const flags = [
    ...listen,
    '--interval',
    '15s',
    '--kubernetes',
    ...target('gateway', `${cluster.programsUrl}/up`),
    ...target('legacy', `${cluster.programsUrl}/legacy`),
    // The port for what is thrown away: nothing listens there.
    ...target('gone', 'http://127.0.0.1:9'),
  ];
  const daemon = await startDaemon(dataDir, flags, {
    FLAMEHERD_SCRAPE_CPU_SECONDS: '1',
    FLAMEHERD_LEASE_MODE: 'off',
    KUBECONFIG: cluster.kubeconfig,
  });
  await eventually(() => isTold(daemon), 30_000, 'event of growth with its profiles');
  return worldOf(daemon, endMs, async () => {
    await daemon.kill();
    await cluster[Symbol.asyncDispose]();
    await removeData();
  });
}

/** All that was uploaded has been judged, and what was found has its profiles. */
async function isTold(daemon: Daemon): Promise<boolean> {
  const { events } = await daemon.getJson<{ events: readonly { readonly profiles: unknown }[] }>(
    '/api/v1/growth?from=now-2d',
  );
  return events.length >= 2 && events.every(({ profiles }) => profiles !== null);
}

function worldOf(daemon: Daemon, endMs: UnixMs, end: () => Promise<void>): World {
  return { daemon, url: daemon.url, endMs, [Symbol.asyncDispose]: end };
}
