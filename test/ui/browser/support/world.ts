import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { UnixMs } from '../../../../src/model/units.ts';
import { type Daemon, startDaemon } from '../../../support/daemon.ts';
import { type PprofServer, type ScriptedReply, startPprofServer } from '../../../support/pprof-server.ts';
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

/** Starts a daemon that knows the story, and that scrapes itself, a target that answers, and two that do not. */
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
  const programs = await servePrograms();
  const target = (name: string, url: string): string[] => ['--target', `${name}=${url}/debug/pprof`];
  const flags = [
    ...listen,
    '--interval',
    '15s',
    ...target('catalog', `${programs.url}/catalog`),
    ...target('legacy', `${programs.url}/legacy`),
    ...target('gone', 'http://127.0.0.1:9'),
  ];
  const daemon = await startDaemon(dataDir, flags, { FLAMEHERD_SCRAPE_CPU_SECONDS: '1' });
  return worldOf(daemon, endMs, async () => {
    await daemon.kill();
    await programs.close();
    await removeData();
  });
}

function worldOf(daemon: Daemon, endMs: UnixMs, end: () => Promise<void>): World {
  return { daemon, url: daemon.url, endMs, [Symbol.asyncDispose]: end };
}

/** `/catalog` answers with recorded profiles, `/legacy` with a page of its own that says what is wrong. */
async function servePrograms(): Promise<PprofServer> {
  const recorded = resolve(import.meta.dirname, '../../../fixtures/recorded');
  const files = { profile: 'cpu', heap: 'heap', goroutine: 'goroutine', block: 'block', mutex: 'mutex' };
  const replies = new Map<string, ScriptedReply>();
  for (const [path, kind] of Object.entries(files)) {
    const bytes = await readFile(join(recorded, `search.${kind}.pb.gz`));
    replies.set(`/catalog/debug/pprof/${path}`, { kind: 'profile', bytes });
  }
  const refused: ScriptedReply = {
    kind: 'status',
    status: 403,
    text: '<html><head><title>403</title></head><body><h1>Forbidden</h1>profiles need a login here</body></html>\n',
    headers: { 'content-type': 'text/html; charset=utf-8' },
  };
  return startPprofServer(({ path }) => replies.get(path) ?? refused);
}
