import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hour, minute } from '../../src/model/units.ts';
import { Asker } from '../budgets/ask.ts';
import { cpuSeconds, metric, openDaemon, residentBytes } from '../daemon.ts';
import { serveTargets, type TargetSet, targetsConfig } from '../scraped/target-server.ts';
import { wideParts, workloadFile } from '../workload/reference.ts';
import { diskUsage } from './simulated.ts';

export interface SoakMoment {
  readonly minute: number;
  readonly residentBytes: number;
  readonly diskBytes: number;
  readonly stored: number;
  /** Since the moment before, of a core. */
  readonly cpuShare: number;
  readonly oneServiceMs: number;
  readonly allMs: number;
}

/** Two hours of all that has two: the second one is the same program, older. */
const longEnough = wideParts.map((part) => ({ ...part, minutes: 120, rolloutsPerDay: 0 }));

/** A daemon scrapes real targets in real time; looked at every few minutes. */
export async function soakScraped(
  folder: string,
  targets: TargetSet,
  minutes: number,
  everyMinutes: number,
  onMoment: (moment: SoakMoment) => void,
): Promise<void> {
  const parts = longEnough.filter(({ fromService }) => fromService < targets.services);
  const files = parts.map((part) => workloadFile({ ...part, toService: Math.min(part.toService, targets.services) }));
  await using server = await serveTargets(files);
  using _index = server.index;
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'flameherd.yml');
  const dataDir = join(folder, 'data');
  writeFileSync(config, targetsConfig(server.url, targets));
  const daemon = await openDaemon(dataDir, ['--config', config, '--no-kubernetes']);
  const asker = new Asker(daemon);
  const { pid } = daemon.process;
  try {
    let cpu = cpuSeconds(pid);
    for (let passed = everyMinutes; passed <= minutes; passed += everyMinutes) {
      await delay(everyMinutes * minute);
      const cpuBefore = cpu;
      cpu = cpuSeconds(pid);
      const ask = async (query: string): Promise<number> => {
        const parameters = { query, from: Date.now() - hour, to: Date.now(), format: 'flamegraph' };
        return (await asker.time([['/api/v1/merge', parameters]])).medianMs;
      };
      onMoment({
        minute: passed,
        residentBytes: residentBytes(pid),
        diskBytes: diskUsage(dataDir),
        stored: (await metric(daemon, 'flameherd_profiles_stored_total')) ?? 0,
        cpuShare: (cpu - cpuBefore) / (60 * everyMinutes),
        oneServiceMs: await ask('cpu{workload="svc-3"}'),
        allMs: await ask('cpu'),
      });
      cpu = cpuSeconds(pid);
    }
  } finally {
    asker.close();
    await daemon.stop();
  }
}
