import type { UnixMs } from '../../model/units.ts';
import type { ObservedProcess } from './observe.ts';

/** One container of a revision, by what runs in it; '' where nothing tells. */
export interface RevisionImage {
  readonly container: string;
  readonly image: string;
  readonly imageDigest: string;
}

/** What the processes of one revision tell of it. */
export interface RevisionFacts {
  /** Sorted, each once. */
  readonly images: readonly RevisionImage[];
  readonly version: string;
  readonly processes: number;
  readonly liveProcesses: number;
  readonly firstSeenMs: UnixMs;
  readonly lastSeenMs: UnixMs;
}

/** Facts of one revision, from all of its processes; where they differ in a label, the last one counts. */
export function factsOf(processes: readonly ObservedProcess[]): RevisionFacts {
  const images = new Map<string, RevisionImage>();
  const withDigest = new Set(processes.flatMap((process) => (process.build === '' ? [] : imageKey(process))));
  let [firstSeen, lastSeen] = [Number.POSITIVE_INFINITY, 0];
  for (const process of processes) {
    const { container, image, build, ranges } = process;
    firstSeen = Math.min(firstSeen, ranges[0]?.from ?? Number.POSITIVE_INFINITY);
    lastSeen = Math.max(lastSeen, ranges.at(-1)?.to ?? 0);
    // The digest of a process is forgotten with its single profiles; another one of the same tag may still know it.
    const isForgotten = build === '' && withDigest.has(imageKey(process));
    if (isForgotten) continue;
    images.set(`${imageKey(process)}\n${build}`, { container, image, imageDigest: digestOf(build) });
  }
  return {
    images: [...images].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, image]) => image),
    version: processes.findLast(({ version }) => version !== '')?.version ?? '',
    processes: new Set(processes.map(({ id }) => id)).size,
    liveProcesses: new Set(processes.flatMap(({ id, isLive }) => (isLive ? id : []))).size,
    firstSeenMs: firstSeen * 1000,
    lastSeenMs: lastSeen * 1000,
  };
}

function imageKey({ container, image }: Pick<ObservedProcess, 'container' | 'image'>): string {
  return `${container}\n${image}`;
}

/** A digest as registries write it. */
function digestOf(build: string): string {
  return /^[0-9a-f]{64}$/.test(build) ? `sha256:${build}` : build;
}
