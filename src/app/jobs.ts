import { schedule } from 'node-cron';
import { messageOf } from '../model/errors.ts';
import type { Logger } from '../observe/logger.ts';

export interface Job {
  readonly name: string;
  /** Six fields, seconds first, in UTC. */
  readonly when: string;
  run(): Promise<void> | void;
}

/** Runs jobs at their times, never one beside itself; a job that fails is logged and runs again at its next time. */
export function startJobs(jobs: readonly Job[], logger: Logger): AsyncDisposable {
  const tasks = jobs.map((job) =>
    schedule(
      job.when,
      async () => {
        try {
          await job.run();
        } catch (error) {
          logger.error(`job ${job.name} failed: ${messageOf(error)}`);
        }
      },
      { name: job.name, noOverlap: true, timezone: 'UTC' },
    ),
  );
  return {
    [Symbol.asyncDispose]: async () => {
      for (const task of tasks) await task.destroy();
    },
  };
}
