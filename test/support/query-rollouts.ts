import type { LabelSet } from '../../src/model/labels.ts';
import { formatTime } from '../../src/model/time.ts';
import { cpuProfile, minuteMs, noonMs } from './query-ask.ts';
import type { MemoryProfile } from './query-memory-reader.ts';

/**
 * Pods of a workload, a line each: a revision, a pod, and a character for each minute from noon on. `#` it was profiled,
 * `?` it ran but the scrape failed, `.` it was not there. A pod that goes ends; one that comes again is another process.
 *
 *     r1 a  ####..
 *     r2 b  ..####
 */
export function drawnPods(drawing: string, more: DrawnPods = {}): MemoryProfile[] {
  return drawing
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [revision = '', pod = '', minutes = ''] = line.trim().split(/ +/);
      return [...minutes.matchAll(/[#?]+/g)].flatMap(({ 0: run, index }) =>
        drawnProcess(`${revision}-${pod}`, run, index, index + run.length < minutes.length, {
          ...more,
          labels: { revision, ...more.labels },
        }),
      );
    });
}

export interface DrawnPods {
  readonly labels?: LabelSet;
  readonly intervalMs?: number;
  /** By the start of the process. */
  readonly build?: string;
  /** Says when processes started. */
  readonly started?: boolean;
}

const workload = { workload_kind: 'Deployment', container: 'app' };

function drawnProcess(
  pod: string,
  run: string,
  index: number,
  ends: boolean,
  { labels, intervalMs = minuteMs, build, started }: DrawnPods,
): MemoryProfile[] {
  const startMs = noonMs + index * minuteMs;
  const perMinute = minuteMs / intervalMs;
  return run.split('').flatMap((drawn, at) =>
    drawn === '?'
      ? []
      : Array.from({ length: perMinute }, (_, scrape) => ({
          ...cpuProfile(pod, startMs + at * minuteMs + scrape * intervalMs, 'main;work 1 10', {
            ...workload,
            ...labels,
          }),
          processId: `${pod}-${index}`,
          intervalMs,
          ...(ends ? { endedMs: startMs + run.length * minuteMs } : {}),
          ...(started ? { startedMs: startMs } : {}),
          ...(build === undefined ? {} : { build }),
        })),
  );
}

/** A moment as it is drawn: `7` is seven minutes after noon, `7:30` half a minute later. */
export function drawnTime(ms: number): string {
  const seconds = Math.round((ms - noonMs) / 1000);
  if (seconds < 0) return formatTime(ms);
  const rest = seconds % 60;
  return `${Math.floor(seconds / 60)}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}
