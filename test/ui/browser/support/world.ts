import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UnixMs } from '../../../../src/model/units.ts';
import { type Daemon, eventually, startDaemon } from '../../../support/daemon.ts';
import { type ShopCluster, startShopCluster } from './shop-cluster.ts';
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

/**
 * Starts a daemon that knows the story, and that scrapes itself, pods of `shop-cluster.ts`, a target that answers, and two that
 * do not. Leaves nothing behind where it fails.
 */
export async function startWorld({ story, port = 0 }: WorldOptions): Promise<World> {
  await using parts = new AsyncDisposableStack();
  const parent = await mkdtemp(join(tmpdir(), 'flameherd-pages-'));
  parts.defer(() => rm(parent, { recursive: true, force: true, maxRetries: 5 }));
  const dataDir = join(parent, 'data');
  const endMs = story === 'shop' ? (await fillStory(dataDir)).endMs : Date.now();
  const { flags, env } =
    story === 'shop' ? whatIsScraped(parts.use(await startShopCluster())) : { flags: ['--no-self'] };
  const daemon = await startDaemon(dataDir, ['--listen', `127.0.0.1:${port}`, ...flags], env);
  parts.defer(() => daemon.kill());
  if (story === 'shop') await eventually(() => isTold(daemon), 30_000, 'event of growth with its profiles');
  const all = parts.move();
  return { daemon, url: daemon.url, endMs, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

function whatIsScraped({ kubeconfig, programsUrl }: ShopCluster): { flags: string[]; env?: NodeJS.ProcessEnv } {
  const target = (name: string, url: string): string[] => ['--target', `${name}=${url}/debug/pprof`];
  return {
    flags: [
      '--interval',
      '15s',
      '--kubernetes',
      ...target('gateway', `${programsUrl}/up`),
      ...target('legacy', `${programsUrl}/legacy`),
      // The port for what is thrown away: nothing listens there.
      ...target('gone', 'http://127.0.0.1:9'),
    ],
    env: { FLAMEHERD_SCRAPE_CPU_SECONDS: '1', FLAMEHERD_LEASE_MODE: 'off', KUBECONFIG: kubeconfig },
  };
}

/** All that was uploaded has been judged, and what was found has its profiles. */
async function isTold(daemon: Daemon): Promise<boolean> {
  const { events } = await daemon.getJson<{ events: readonly { readonly profiles: unknown }[] }>(
    '/api/v1/growth?from=now-2d',
  );
  return events.length >= 2 && events.every(({ profiles }) => profiles !== null);
}
