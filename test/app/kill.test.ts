import assert from 'node:assert/strict';
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { allocatedBy, countingScript, cpuProfile, heapProfile } from '../support/app-counters.ts';
import { allProfiles, type ListedProfile } from '../support/app-listed-profiles.ts';
import { type UploadAnswer, upload } from '../support/app-uploads.ts';
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { startPprofServer } from '../support/pprof-server.ts';

const kills = Number(process.env['FLAMEHERD_KILLS'] ?? 5);
const scrapedTargets = 8;

/**
 * Sends profiles of one process, numbered, one after the other. After a kill it does not know what became of the last one:
 * a patient client sends that one again, any other goes on with the next.
 */
class Uploader {
  readonly workload: string;
  readonly kind: 'heap' | 'cpu';
  /** Ids of what was acknowledged, by number. */
  readonly acknowledged = new Map<number, string>();
  readonly #isPatient: boolean;
  readonly #startMs: number;
  #serial = 1;

  constructor(index: number, startMs: number) {
    this.workload = `uploaded-${index}`;
    this.kind = index % 2 === 0 ? 'heap' : 'cpu';
    this.#isPatient = index % 4 < 2;
    this.#startMs = startMs;
  }

  /** Until the daemon is gone. */
  async run(url: string): Promise<void> {
    for (;;) {
      let answer: UploadAnswer;
      try {
        answer = await this.#send(url);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        if (!this.#isPatient) this.#serial++;
        return;
      }
      this.acknowledged.set(this.#serial, answer.id);
      this.#serial++;
    }
  }

  #send(url: string): Promise<UploadAnswer> {
    const parameters = new URLSearchParams({
      workload: this.workload,
      process: 'only',
      started: String(this.#startMs),
      time: String(this.#startMs + this.#serial * 1000),
      interval: '1s',
      kind: this.kind,
    });
    const bytes = this.kind === 'heap' ? heapProfile(this.#serial) : cpuProfile(this.#serial);
    return upload(url, parameters, bytes);
  }

  /** What was acknowledged is there once, what was not at most once, and it adds up. */
  async check(daemon: Daemon): Promise<void> {
    const listed = await profilesOf(daemon, this.workload, this.kind);
    const serials = listed.map(({ timeMs }) => (timeMs - this.#startMs) / 1000);
    assert.deepEqual(serials, [...new Set(serials)], `${this.workload}: a profile is there twice`);
    const ids = new Map(listed.map(({ id }, index) => [serials[index] ?? 0, id]));
    for (const [serial, id] of this.acknowledged) assert.equal(ids.get(serial), id, `${this.workload} ${serial}`);
    const values = this.kind === 'heap' ? increasesAt(serials) : serials;
    const type = this.kind === 'heap' ? 'alloc_objects' : 'samples';
    assert.deepEqual(listed.map(totalOf(type)), values, this.workload);
    assert.equal(await mergedTotal(daemon, this.workload, type), sum(values), this.workload);
  }
}

test(`${kills} times kill -9 amid uploads and scrapes: nothing is lost, nothing counts twice`, async (t) => {
  const folder = await temporaryFolder(t);
  await using server = await startPprofServer(countingScript().script);
  const flags = ['--no-self', '--interval', '1s', ...targetFlags(server.url)];
  const startMs = Math.floor(Date.now() / 1000 - 7200) * 1000;
  const uploaders = Array.from({ length: 8 }, (_, index) => new Uploader(index, startMs));
  const seen = new Set<string>();
  const readyAfterMs: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const daemon = await startReady(folder, flags, readyAfterMs);
    t.after(() => daemon.kill());
    const running = uploaders.map((uploader) => uploader.run(daemon.url));
    await delay(700 * Math.random());
    for (const { id } of await allProfiles(daemon, 'heap{workload=~"scraped-.*"}')) seen.add(id);
    await delay(200 * Math.random());
    await daemon.kill();
    await Promise.all(running);
    assertIntegrity(folder, await temporaryFolder(t));
  }
  const daemon = await startReady(folder, flags, readyAfterMs);
  t.after(() => daemon.kill());
  for (const uploader of uploaders) await uploader.check(daemon);
  await checkScraped(daemon, seen);
  report(t, uploaders, seen, readyAfterMs);
  assert.equal(await daemon.stop(), 0);
  assertIntegrity(folder, await temporaryFolder(t));
});

/** Every answer of the scripted program is there at most once, in order, with what was allocated since the one before. */
async function checkScraped(daemon: Daemon, seen: ReadonlySet<string>): Promise<void> {
  const found = new Set<string>();
  for (let target = 0; target < scrapedTargets; target++) {
    const workload = `scraped-${target}`;
    const listed = await profilesOf(daemon, workload, 'heap');
    const serials = listed.map(totalOf('inuse_objects'));
    assert.deepEqual(serials, [...new Set(serials)].sort(byNumber), `${workload}: out of order, or twice`);
    const [, ...increases] = increasesAt(serials);
    // The program may have run for long when it was first looked at.
    assert.deepEqual(listed.map(totalOf('alloc_objects')), [0, ...increases], workload);
    // Scraping goes on: what is listed ends with the last one.
    const toMs = (listed.at(-1)?.timeMs ?? 0) + 1;
    assert.equal(await mergedTotal(daemon, workload, 'alloc_objects', toMs), sum(increases), workload);
    for (const { id } of listed) found.add(id);
  }
  assert.deepEqual(
    [...seen].filter((id) => !found.has(id)),
    [],
    'once listed, and lost by a kill',
  );
}

function report(
  t: TestContext,
  uploaders: readonly Uploader[],
  seen: ReadonlySet<string>,
  readyAfterMs: number[],
): void {
  const acknowledged = sum(uploaders.map((uploader) => uploader.acknowledged.size));
  assert.ok(acknowledged > 10 * kills, `only ${acknowledged} uploads were acknowledged`);
  const ready = readyAfterMs.map((ms) => Math.round(ms)).join(', ');
  t.diagnostic(`${acknowledged} uploads acknowledged, ${seen.size} scrapes seen; ready after ${ready} ms`);
}

function targetFlags(url: string): string[] {
  return Array.from({ length: scrapedTargets }, (_, target) => [
    '--target',
    `scraped-${target}=${url}/${target}/debug/pprof`,
  ]).flat();
}

async function startReady(folder: string, flags: readonly string[], readyAfterMs: number[]): Promise<Daemon> {
  const spawnedMs = performance.now();
  const daemon = await startDaemon(folder, flags, { FLAMEHERD_SCRAPE_PROFILES: 'heap' });
  const response = await fetch(`${daemon.opsUrl}/-/ready`);
  assert.equal(response.status, 200, await response.text());
  readyAfterMs.push(performance.now() - spawnedMs);
  return daemon;
}

/** Looks at a copy, since a look at the files of a killed daemon would itself repair them. */
function assertIntegrity(folder: string, copy: string): void {
  cpSync(folder, copy, { recursive: true });
  const files = readdirSync(copy).filter((name) => name.endsWith('.db'));
  assert.ok(files.length >= 3, files.join());
  for (const name of files) {
    const database = new Database(join(copy, name));
    assert.equal(database.pragma('integrity_check', { simple: true }), 'ok', name);
    database.close();
  }
}

/** In the order of their times. */
function profilesOf(daemon: Daemon, workload: string, alias: string): Promise<ListedProfile[]> {
  return allProfiles(daemon, `${alias}{workload="${workload}"}`);
}

async function mergedTotal(daemon: Daemon, workload: string, alias: string, toMs?: number): Promise<number> {
  const query = new URLSearchParams({ query: `${alias}{workload="${workload}"}`, from: 'now-1d', format: 'top' });
  if (toMs !== undefined) query.set('to', String(toMs));
  return (await daemon.getJson<{ total: number }>(`/api/v1/merge?${query.toString()}`)).total;
}

function totalOf(type: string): (profile: ListedProfile) => number {
  return ({ sampleTypes }) => sampleTypes.find((sample) => sample.type === type)?.total ?? Number.NaN;
}

/** What was allocated at each of these numbers since the one before. */
function increasesAt(serials: readonly number[]): number[] {
  return serials.map((serial, index) => allocatedBy(serial) - allocatedBy(serials[index - 1] ?? 0));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function byNumber(a: number, b: number): number {
  return a - b;
}
