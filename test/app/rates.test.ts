import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { second } from '../../src/model/units.ts';
import { type BurningProgram, buildBurner, startBurner } from '../support/burning-program.ts';
import { type Daemon, eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { noGo } from '../support/no-go.ts';

/**
 * Programs that really burn CPU are really scraped, and what query_range reads is compared with what the kernel says that they
 * used meanwhile. `one` is profiled for 3 s of 18 s, as a pod is for 10 s of 60 s; of `three`, one at a time has its turn, as
 * `scrape.replicasSample: 1` says.
 *
 *     one    0.50 cores               ▐██▌               ▐██▌               ▐██▌
 *     three  0.13 + 0.17 + 0.20       ▐a█▌ ▐b█▌ ▐c█▌ ▐a█▌ ▐b█▌ ▐c█▌ ▐a█▌ ▐b█▌
 */
const programsOf = {
  one: { intervalSeconds: 18, cores: [0.5] },
  three: { intervalSeconds: 6, cores: [0.13, 0.17, 0.2] },
} as const;
/** Two profiles of each. */
const windowMs = 36 * second;
const asked = 0.5;
/** Where others take the machine away, use goes up and down, and the kernel's timer sees less of short bursts. */
const mostOff = { even: 0.1, crowded: 0.25 } as const;

test('0.50 cores read 0.50 ± 10 % profiled for a sixth of the time, and with one of three processes profiled at a time', {
  skip: noGo,
}, async (t) => {
  const folder = await temporaryFolder(t);
  await using stack = new AsyncDisposableStack();
  const burner = buildBurner(folder);
  const start = async (cores: number): Promise<BurningProgram> => stack.use(await startBurner(burner, cores));
  const programs = {
    one: await Promise.all(programsOf.one.cores.map(start)),
    three: await Promise.all(programsOf.three.cores.map(start)),
  };
  const targets = (['one', 'three'] as const).flatMap((name) =>
    programs[name].map(
      ({ url }) =>
        `  - { name: ${name}, url: '${url}', interval: ${programsOf[name].intervalSeconds}s, profiles: [cpu] }\n`,
    ),
  );
  await writeFile(
    `${folder}/config.yml`,
    `scrape: { self: false, cpuSeconds: 3, replicasSample: 1 }\ntargets:\n${targets.join('')}`,
  );
  const daemon = await startDaemon(`${folder}/data`, ['--config', `${folder}/config.yml`, '--no-kubernetes']);
  stack.defer(() => daemon.kill());
  await eventually(async () => (await processesOf(daemon)) === 4, 60_000, 'profile of each process');

  const before = { one: await usedBy(programs.one), three: await usedBy(programs.three) };
  await delay(windowMs);
  const after = { one: await usedBy(programs.one), three: await usedBy(programs.three) };

  const compared = await Promise.all(
    (['one', 'three'] as const).map(async (name) => {
      const [from, to] = [before[name], after[name]];
      const used = (to.cpuMs - from.cpuMs) / (to.unixMs - from.unixMs);
      return { name, used, read: await coresRead(daemon, name, from.unixMs, to.unixMs) };
    }),
  );
  const isCrowded = (loadavg()[0] ?? 0) > availableParallelism() || compared.some(({ used }) => used < 0.95 * asked);
  for (const { name, used, read } of compared) {
    const said = `${name}: ${read.toFixed(3)} cores read, ${used.toFixed(3)} used`;
    t.diagnostic(said);
    assert.ok(Math.abs(read - used) <= (isCrowded ? mostOff.crowded : mostOff.even) * used, said);
  }
});

/** What some programs have used, at about one moment. */
async function usedBy(programs: readonly BurningProgram[]): Promise<{ unixMs: number; cpuMs: number }> {
  const all = await Promise.all(programs.map((program) => program.used()));
  return { unixMs: all[0]?.unixMs ?? 0, cpuMs: all.reduce((sum, { cpuMs }) => sum + cpuMs, 0) };
}

async function processesOf(daemon: Daemon): Promise<number> {
  const { series } = await daemon.getJson<{ series: readonly unknown[] }>('/api/v1/series?from=now-5m');
  return series.length;
}

/** The mean over a window. */
async function coresRead(daemon: Daemon, workload: string, fromMs: number, toMs: number): Promise<number> {
  const query = encodeURIComponent(`cpu{workload="${workload}"}`);
  const answer = await daemon.getJson<RangeAnswer>(
    `/api/v1/query_range?query=${query}&from=${fromMs}&to=${toMs}&step=60s`,
  );
  assert.deepEqual([answer.unit, answer.aggregation, answer.estimated], ['cores', 'rate', true]);
  const points = answer.series.flatMap((line) => line.points);
  const seconds = points.reduce((sum, [, , observed]) => sum + observed, 0);
  return points.reduce((sum, [, cores, observed]) => sum + cores * observed, 0) / seconds;
}

interface RangeAnswer {
  readonly unit: string;
  readonly aggregation: string;
  readonly estimated: boolean;
  readonly series: readonly { readonly points: readonly (readonly [number, number, number])[] }[];
}
