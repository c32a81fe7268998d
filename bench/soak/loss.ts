import { allProfiles, type ListedProfile } from '../../test/support/app-listed-profiles.ts';
import type { Daemon } from '../../test/support/daemon.ts';
import type { Served } from './cluster-messages.ts';
import { type SampleShape, serialOf, shapes, totalOf } from './program-values.ts';

/** A stored scrape. */
export interface Stored {
  readonly pod: string;
  readonly kind: string;
  readonly workload: string;
  readonly timeMs: number;
  /** Undefined of kinds that only count on: of these the sums tell. */
  readonly serial: number | undefined;
}

export interface ScrapeLoss {
  readonly stored: readonly Stored[];
  /** Profiles of which the totals do not follow from what the pods said. */
  readonly wrong: readonly string[];
  /** Kinds of workloads of which the merged total is not the sum over their profiles. */
  readonly unequalSums: readonly string[];
  readonly comparedSums: number;
}

/** The profile type of the first sample type of each kind. */
const aliases = {
  cpu: 'samples',
  heap: 'alloc_objects',
  goroutine: 'goroutine',
  block: 'block_count',
  mutex: 'mutex_count',
};

/** Everything that is stored of the pods, compared with what they were asked and with the sums over it. */
export async function checkScrapes(daemon: Daemon, workloads: number): Promise<ScrapeLoss> {
  const stored: Stored[] = [];
  const wrong: string[] = [];
  const unequalSums: string[] = [];
  let comparedSums = 0;
  for (let number = 0; number < workloads; number++) {
    const workload = `service-${number}`;
    for (const shape of shapes) {
      const listed = await allProfiles(daemon, `${shape.kind}{workload="${workload}"}`);
      const byPod = Map.groupBy(listed, ({ labels }) => labels['pod'] ?? '');
      for (const [pod, profiles] of byPod) {
        wrong.push(...wrongTotals(shape, profiles).map((problem) => `${pod} ${shape.kind}: ${problem}`));
        stored.push(...profiles.map((profile) => storedOf(shape, workload, pod, profile)));
      }
      const [first] = shape.types;
      // Averages over time of what is counted now are no sums.
      if (shape.kind === 'goroutine' || !first) continue;
      const sum = listed.reduce((total, profile) => total + typeTotal(profile, first.type), 0);
      const merged = await mergedTotal(daemon, `${aliases[shape.kind]}{workload="${workload}"}`);
      comparedSums++;
      if (merged !== sum) unequalSums.push(`${workload} ${shape.kind}: ${merged} merged, ${sum} in single profiles`);
    }
  }
  return { stored, wrong, unequalSums, comparedSums };
}

/** What went out to its last byte and is not stored. */
export function notStored(served: readonly Served[], stored: readonly Stored[]): Served[] {
  const known = new Set(stored.map(({ pod, kind, serial }) => `${pod} ${kind} ${serial}`));
  const told = new Set(stored.filter(({ serial }) => serial !== undefined).map(({ kind }) => kind));
  return served.filter(({ pod, kind, serial }) => told.has(kind) && !known.has(`${pod} ${kind} ${serial}`));
}

function storedOf(shape: SampleShape, workload: string, pod: string, profile: ListedProfile): Stored {
  const count = countedNow(shape);
  const serial = count === undefined ? undefined : serialOf(shape, typeTotal(profile, count));
  return { pod, kind: shape.kind, workload, timeMs: profile.timeMs, serial };
}

/** The type from whose total the number of a profile follows. */
function countedNow({ types }: SampleShape): string | undefined {
  return types.find(({ is, unit }) => is === 'count' && unit === 'count')?.type;
}

/** Numbers rise, none comes twice, and what was allocated since the one before is what the program allocated between them. */
function wrongTotals(shape: SampleShape, profiles: readonly ListedProfile[]): string[] {
  const count = countedNow(shape);
  if (count === undefined) return [];
  const wrong: string[] = [];
  let before: number | undefined;
  for (const profile of profiles) {
    const serial = serialOf(shape, typeTotal(profile, count));
    if (before !== undefined && serial <= before) wrong.push(`number ${serial} after ${before}`);
    if (shape.kind === 'heap' && before !== undefined) {
      const expected = totalOf(shape, 'total', serial) - totalOf(shape, 'total', before);
      const got = typeTotal(profile, 'alloc_objects');
      if (got !== expected) wrong.push(`${got} allocated from ${before} to ${serial}, not ${expected}`);
    }
    before = serial;
  }
  return wrong;
}

async function mergedTotal(daemon: Daemon, selector: string): Promise<number> {
  const query = new URLSearchParams({ query: selector, from: 'now-1d', format: 'top', limit: '1' });
  return (await daemon.getJson<{ total: number }>(`/api/v1/merge?${query.toString()}`)).total;
}

function typeTotal({ sampleTypes }: ListedProfile, type: string): number {
  return sampleTypes.find((sample) => sample.type === type)?.total ?? Number.NaN;
}
