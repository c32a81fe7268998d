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

/** Median RSS of the parts of a run, first to last. */
export function residentByThirds(samples: readonly Sample[]): [number, number, number] {
  const part = (third: number): number =>
    median(
      samples
        .slice(Math.floor((third * samples.length) / 3), Math.floor(((third + 1) * samples.length) / 3))
        .map((one) => one.residentBytes),
    );
  return [part(0), part(1), part(2)];
}
