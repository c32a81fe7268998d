import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cpuSeconds, metric, openDaemon, residentBytes } from '../daemon.ts';
import { serveTargets, type TargetSet, targetsConfig } from '../scraped/target-server.ts';
import { median } from '../table.ts';
import { wideParts, workloadFile } from '../workload/reference.ts';

export interface MemoryMeasured {
  readonly series: number;
  /** Median of the last minute, in bytes. */
  readonly resident: number;
  readonly peak: number;
  /** Of a core, over the last minute. */
  readonly cpuShare: number;
  readonly profilesPerSecond: number;
}

/**
 * Resident memory of a daemon that scrapes real HTTP targets once a minute, each with the five kinds of the reference
 * workload, after some minutes. Needs the generator of the workload.
 */
export async function measureMemory(targets: TargetSet, minutes: number): Promise<MemoryMeasured> {
  const folder = mkdtempSync(join(tmpdir(), 'flameherd-memory-'));
  const parts = wideParts.filter(({ fromService }) => fromService < targets.services);
  await using server = await serveTargets(parts.map(workloadFile));
  using _index = server.index;
  try {
    const config = join(folder, 'flameherd.yml');
    writeFileSync(config, targetsConfig(server.url, targets));
    const daemon = await openDaemon(join(folder, 'data'), ['--config', config, '--no-kubernetes']);
    try {
      const { pid } = daemon.process;
      await delay((minutes - 1) * 60_000);
      const before = { cpu: cpuSeconds(pid), stored: await metric(daemon, 'flameherd_profiles_stored_total') };
      const resident: number[] = [];
      for (let second = 0; second < 60; second++) {
        resident.push(residentBytes(pid));
        await delay(1000);
      }
      const stored = (await metric(daemon, 'flameherd_profiles_stored_total')) ?? 0;
      return {
        series: (await metric(daemon, 'flameherd_store_series')) ?? 0,
        resident: median(resident),
        peak: residentBytes(pid, true),
        cpuShare: (cpuSeconds(pid) - before.cpu) / 60,
        profilesPerSecond: (stored - (before.stored ?? 0)) / 60,
      };
    } finally {
      await daemon.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
