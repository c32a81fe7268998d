import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { minute, type UnixMs } from '../../../../src/model/units.ts';
import { openSqliteGrowth } from '../../../../src/store/sqlite/growth/growth.ts';
import { upload } from '../../../support/app-uploads.ts';
import { startDaemon } from '../../../support/daemon.ts';
import { type StoryProfile, storyProfiles } from './story.ts';

const cache = resolve(import.meta.dirname, '../../../../node_modules/.cache/flameherd-story');
/** A story that ended so long ago is still one of now. */
const freshMs = 8 * minute;
const bucketMs = 10 * minute;

/** Fills a folder, which must not exist, with the story. What was made within the last minutes is copied. */
export async function fillStory(dataDir: string): Promise<{ readonly endMs: UnixMs }> {
  const key = await inputsKey();
  const found = (await cached(key)).find(({ endMs }) => Date.now() - endMs < freshMs) ?? (await makeStory(key));
  await cp(found.folder, dataDir, { recursive: true });
  return { endMs: found.endMs };
}

interface CachedStory {
  readonly folder: string;
  readonly endMs: UnixMs;
}

async function cached(key: string): Promise<CachedStory[]> {
  await mkdir(cache, { recursive: true });
  const names = await readdir(cache);
  // Whoever copies one is done with it long before.
  const old = names.filter((name) => Date.now() - Number(name.split('-')[1]) > 5 * freshMs);
  await Promise.all(old.map((name) => rm(join(cache, name), { recursive: true, force: true })));
  return names
    .filter((name) => name.startsWith(`${key}-`) && !old.includes(name))
    .map((name) => ({ folder: join(cache, name), endMs: Number(name.split('-')[1]) }))
    .sort((a, b) => b.endMs - a.endMs);
}

async function makeStory(key: string): Promise<CachedStory> {
  const endMs = Math.floor(Date.now() / minute) * minute;
  const folder = await mkdtemp(join(tmpdir(), 'flameherd-story-'));
  // Growth is judged when the story is told: all of it at once, as if it had been live.
  const daemon = await startDaemon(folder, ['--no-self'], { FLAMEHERD_GROWTH_ENABLED: 'false' });
  try {
    await uploadAll(daemon.url, storyProfiles(endMs));
  } finally {
    await daemon.stop();
  }
  await floorsAsLive(folder, endMs);
  const made = join(cache, `${key}-${endMs}`);
  const moving = `${made}.${process.pid}`;
  await cp(folder, moving, { recursive: true });
  await rm(folder, { recursive: true });
  // Two may have made it at once.
  await rename(moving, made).catch(() => rm(moving, { recursive: true, force: true }));
  return { folder: made, endMs };
}

/** Processes beside each other, each in the order of time. */
async function uploadAll(url: string, profiles: readonly StoryProfile[]): Promise<void> {
  const byPod = Map.groupBy(profiles, ({ parameters }) => `${parameters['pod']}/${parameters['kind']}`);
  await Promise.all(
    [...byPod.values()].map(async (some) => {
      for (const { parameters, bytes } of some) await upload(url, new URLSearchParams(parameters), bytes());
    }),
  );
}

/** What is uploaded late is not judged live: here it is to be. */
async function floorsAsLive(dataDir: string, endMs: UnixMs): Promise<void> {
  await using growth = openSqliteGrowth({ dataDir, synchronous: 'normal' });
  const liveFrom = Math.floor((endMs - 12 * minute) / bucketMs);
  const floors = [...growth.floors({ bucketMs, from: 0, to: liveFrom })];
  growth.saveFloors(bucketMs, 'live', floors);
}

/** Changes with everything that the story is made of. */
async function inputsKey(): Promise<string> {
  const recorded = resolve(import.meta.dirname, '../../../fixtures/recorded');
  const files = [
    ...['story.ts', 'story-data.ts', 'recorded-profile.ts'].map((name) => join(import.meta.dirname, name)),
    ...(await readdir(recorded)).sort().map((name) => join(recorded, name)),
    ...(await readdir(resolve(import.meta.dirname, '../../../../migrations'))).map((name) =>
      resolve(import.meta.dirname, '../../../../migrations', name),
    ),
  ];
  const hash = createHash('sha256');
  for (const file of files) {
    if ((await stat(file)).isFile()) hash.update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 12);
}
