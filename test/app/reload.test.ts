import assert from 'node:assert/strict';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { Reloads } from '../../src/app/reload.ts';
import { configKeys } from '../../src/config/keys.ts';
import { configOf, type LoadedConfig } from '../../src/config/load.ts';
import { changesBetween, isLive, liveKeys } from '../../src/config/reload.ts';
import type { Config } from '../../src/config/schema.ts';
import { day } from '../../src/model/units.ts';
import { silentLogger } from '../../src/observe/logger.ts';
import { type Daemon, eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { parseMetrics } from '../support/metrics-page.ts';

const loaded = (values: object = {}): LoadedConfig => ({ ...configOf([values]), warnings: [] });

/** Reloads of what `read` gives each time, with what was put in force. */
function reloadsOf(read: () => LoadedConfig, begun = loaded()) {
  const applied: Config[] = [];
  let nowMs = 1_000;
  const reloads = new Reloads({
    loaded: begun,
    load: async () => read(),
    apply: (config) => applied.push(config),
    logger: silentLogger,
    now: () => ++nowMs,
  });
  return { reloads, applied };
}

test('what changed is told by whether it is in force or needs a restart, and the latter until there is one', async () => {
  const first = {
    growth: { deny: ['{namespace="batch"}'], bucket: '1m' },
    log: { level: 'debug' },
    storage: { retention: '8d', minFree: '1GiB' },
  };
  let next: object = first;
  const { reloads, applied } = reloadsOf(() => loaded(next));
  assert.deepEqual(await reloads.reload(), {
    live: ['storage.retention', 'growth.deny', 'log.level'],
    needRestart: ['storage.minFree', 'growth.bucket'],
  });
  assert.deepEqual(applied[0]?.growth.deny, ['{namespace="batch"}']);
  assert.equal(applied[0]?.storage.retention, 8 * day);
  assert.equal(reloads.inForce, applied[0]);
  assert.equal(reloads.inForce.storage.minFree, loaded().config.storage.minFree);
  assert.deepEqual(await reloads.reload(), { live: [], needRestart: ['storage.minFree', 'growth.bucket'] });
  next = {};
  assert.deepEqual(await reloads.reload(), {
    live: ['storage.retention', 'growth.deny', 'log.level'],
    needRestart: [],
  });
});

const refusedTexts: readonly [what: string, values: object, message: RegExp][] = [
  ['a value that is not allowed', { log: { level: 'loud' } }, /log\.level: "loud" is not one of/],
  ['a key that is unknown', { log: { levle: 'info' } }, /log\.levle: unknown key/],
  ['matchers that cannot be read', { growth: { deny: ['namespace='] } }, /growth\.deny: "namespace="/],
  ['a rule of another part', { discovery: { deny: ['nothing'] } }, /discovery\.deny: "nothing"/],
  ['no kind of profile', { scrape: { profiles: [] } }, /scrape\.profiles: \[\]/],
  ['ages that contradict each other', { storage: { retention: '40d' } }, /storage\.rollup1h: 35d is shorter/],
  ['a target that is no URL', { targets: [{ url: 'shop:6060/x y' }] }, /targets/],
];
for (const [what, values, message] of refusedTexts) {
  test(`${what} refuses all of it, and a good one is taken after that`, async () => {
    let isGood = false;
    const good = { growth: { deny: ['{workload="a"}'] } };
    const bad = { ...good, ...values };
    const { reloads, applied } = reloadsOf(() => loaded(isGood ? good : bad));
    const { goodMs } = reloads.status;
    await assert.rejects(reloads.reload(), message);
    assert.deepEqual(applied, []);
    assert.deepEqual(reloads.status, { wasGood: false, goodMs });
    isGood = true;
    assert.deepEqual((await reloads.reload()).live, ['growth.deny']);
    assert.ok(reloads.status.wasGood && reloads.status.goodMs > goodMs);
  });
}

test('reloads that come together are done one after the other', async () => {
  let running = 0;
  const begun = loaded();
  const reloads = new Reloads({
    loaded: begun,
    load: async () => {
      assert.equal(++running, 1);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return begun;
    },
    apply: () => {},
    logger: silentLogger,
    now: () => 0,
  });
  assert.equal((await Promise.all([reloads.reload(), reloads.reload(), reloads.reload()])).length, 3);
});

test('every key is either live or needs a restart, and a configuration does not differ from itself', () => {
  const { plain } = configOf([]);
  assert.deepEqual(changesBetween(plain, structuredClone(plain)), { live: [], needRestart: [] });
  for (const key of liveKeys)
    assert.ok(
      configKeys.some(({ path }) => isLive(path) && path.startsWith(key)),
      key,
    );
  const paths = configKeys.map(({ path }) => path);
  fc.assert(
    fc.property(fc.constantFrom(...paths), (path) => {
      const read = structuredClone(plain) as Record<string, unknown>;
      const names = path.split('.');
      const last = names.pop() ?? '';
      const section = names.reduce((at, name) => at[name] as Record<string, unknown>, read);
      section[last] = 'another';
      const { live, needRestart } = changesBetween(plain, read);
      assert.deepEqual(isLive(path) ? live : needRestart, [path]);
      assert.deepEqual(isLive(path) ? needRestart : live, []);
    }),
  );
});

async function lastReload(daemon: Daemon): Promise<number | undefined> {
  const page = parseMetrics(await (await fetch(`${daemon.opsUrl}/metrics`)).text());
  return page.value('flameherd_config_last_reload_successful');
}

test('a running daemon takes a changed file by SIGHUP and by POST /-/reload, and refuses a bad one whole', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'flameherd.yml');
  await writeFile(file, 'log: { level: info }\n');
  const daemon = await startDaemon(join(folder, 'data'), ['--no-self', '--config', file]);
  t.after(() => daemon.kill());
  const reload = () => fetch(`${daemon.url}/-/reload`, { method: 'POST' });
  assert.equal(await lastReload(daemon), 1);

  await writeFile(
    file,
    'log: { level: debug }\nscrape: { concurrency: 7 }\ngrowth: { deny: [\'{namespace="batch"}\'] }\n',
  );
  const good = await reload();
  assert.equal(good.status, 200);
  assert.deepEqual(await good.json(), {
    reloaded: true,
    inForce: ['growth.deny', 'log.level'],
    needRestart: ['scrape.concurrency'],
  });

  await writeFile(file, 'log: { level: loud }\ngrowth: { deny: [] }\n');
  const bad = await reload();
  assert.equal(bad.status, 400);
  assert.match(
    ((await bad.json()) as { detail: string }).detail,
    /log\.level: "loud" is not one of debug, info, warn, error/,
  );
  assert.equal(await lastReload(daemon), 0);

  await writeFile(file, 'log: { level: warn }\n');
  daemon.process.kill('SIGHUP');
  await eventually(async () => (await lastReload(daemon)) === 1, 10_000, 'reload by SIGHUP');
  assert.equal(daemon.process.exitCode, null);
  const said = daemon.log.map(({ message }) => String(message));
  assert.ok(
    said.some((message) => message.startsWith('the configuration was refused, and the old one stays: log.level')),
  );
});

interface ListedTarget {
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapes: readonly { readonly kind: string; readonly intervalMs: number }[];
}

/** `shop: heap 60000` for each target, sorted. */
async function targetsOf(daemon: Daemon): Promise<string[]> {
  const { targets } = await daemon.getJson<{ targets: ListedTarget[] }>('/api/v1/targets');
  return targets
    .map(
      ({ labels, scrapes }) =>
        `${labels['workload']}: ${scrapes.map((one) => `${one.kind} ${one.intervalMs}`).join(', ')}`,
    )
    .sort();
}

test('a file that changes is read by itself: targets come, change and go, and a bad one is refused and logged once', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'flameherd.yml');
  const write = async (text: string) => {
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  };
  const target = (name: string, port: number) =>
    `  - { name: ${name}, url: 'http://127.0.0.1:${port}', profiles: [heap] }\n`;
  await write(`targets:\n${target('shop', 1)}${target('bank', 2)}`);
  const daemon = await startDaemon(join(folder, 'data'), ['--no-self', '--config', file]);
  t.after(() => daemon.kill());
  assert.deepEqual(await targetsOf(daemon), ['bank: heap 60000', 'shop: heap 60000']);

  await write(`scrape: { interval: 30s }\ntargets:\n${target('shop', 1)}${target('mail', 3)}`);
  const wanted = ['mail: heap 30000', 'shop: heap 30000'];
  await eventually(async () => isDeepStrictEqual(await targetsOf(daemon), wanted), 15_000, 'new targets');

  await write('log: { level: loud }\n');
  await eventually(async () => (await lastReload(daemon)) === 0, 15_000, 'refusal');
  assert.deepEqual(await targetsOf(daemon), wanted);
  await rm(file);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await write('scrape: { interval: 45s }\n');
  await eventually(async () => (await lastReload(daemon)) === 1, 15_000, 'reload of the good file');
  assert.deepEqual(await targetsOf(daemon), []);
  const said = daemon.log.map(({ message }) => String(message));
  assert.equal(said.filter((message) => message.startsWith('the configuration was refused')).length, 1);
  assert.equal(said.filter((message) => message === 'the configuration was read again').length, 2);
});
