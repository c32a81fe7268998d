import { messageOf } from '../model/errors.ts';
import type { DurationMs } from '../model/units.ts';
import type { Logger } from '../observe/logger.ts';

export interface Job {
  readonly name: string;
  /** Six fields, seconds first, in UTC. */
  readonly when: string;
  /** Runs once more, so long after the start. */
  readonly firstMs?: DurationMs;
  run(): Promise<void> | void;
}

/**
 * Runs jobs at their times, never one beside itself; a job that fails is logged and runs again at its next time. What tells
 * the time is loaded meanwhile: nothing waits for it.
 */
export function startJobs(jobs: readonly Job[], logger: Logger): AsyncDisposable {
  const running = new Set<Job>();
  const run = async (job: Job): Promise<void> => {
    if (running.has(job)) return;
    running.add(job);
    try {
      await job.run();
    } catch (error) {
      logger.error(`job ${job.name} failed: ${messageOf(error)}`);
    } finally {
      running.delete(job);
    }
  };
  const scheduled = import('node-cron').then(({ schedule }) =>
    jobs.map((job) => schedule(job.when, () => run(job), { name: job.name, timezone: 'UTC' })),
  );
  const timers = jobs.flatMap((job) =>
    job.firstMs === undefined ? [] : setTimeout(() => void run(job), job.firstMs).unref(),
  );
  return {
    [Symbol.asyncDispose]: async () => {
      for (const timer of timers) clearTimeout(timer);
      for (const task of await scheduled) await task.destroy();
    },
  };
}
