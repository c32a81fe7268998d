import { setTimeout as delay } from 'node:timers/promises';
import type { UnixMs } from '../../src/model/units.ts';
import { residentBytes } from '../daemon.ts';
import { median } from '../table.ts';
import type { RunningDaemon } from './running-daemon.ts';
import { diskUsage } from './simulated.ts';

const everyMs = 5000;

export interface Sample {
  readonly ms: UnixMs;
  readonly residentBytes: number;
  readonly cpuSeconds: number;
  readonly diskBytes: number;
}

/** Looks at the daemon every few seconds; one that is being started anew is looked at the next time. */
export async function sample(daemon: RunningDaemon, dataDir: string, stopping: AbortSignal): Promise<Sample[]> {
  const samples: Sample[] = [];
  while (!stopping.aborted) {
    try {
      samples.push({
        ms: Date.now(),
        residentBytes: residentBytes(daemon.now.process.pid),
        cpuSeconds: daemon.cpuSeconds,
        diskBytes: diskUsage(dataDir),
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    await delay(everyMs);
  }
  return samples;
}

/** Median RSS of so many equal parts of a run, first to last. */
export function residentByParts(samples: readonly Sample[], parts: number): number[] {
  return Array.from({ length: parts }, (_, part) =>
    median(
      samples
        .slice(Math.floor((part * samples.length) / parts), Math.floor(((part + 1) * samples.length) / parts))
        .map((one) => one.residentBytes),
    ),
  );
}
