import { emptyHeader, type ProfileHeader } from '../../src/profile/profile.ts';
import type { ProfileRecord, StoredType } from '../../src/store/profile-store.ts';
import type { Build, BuiltStacks } from './builds.ts';
import type { Random } from './random.ts';

const types = {
  cpu: ['samples:count:delta', 'cpu:nanoseconds:delta'],
  heap: [
    'alloc_objects:count:cumulative',
    'alloc_space:bytes:cumulative',
    'inuse_objects:count:gauge',
    'inuse_space:bytes:gauge',
  ],
  goroutine: ['goroutine:count:gauge'],
  block: ['contentions:count:cumulative', 'delay:nanoseconds:cumulative'],
  mutex: ['contentions:count:cumulative', 'delay:nanoseconds:cumulative'],
} satisfies Record<keyof Build, string[]>;
export const kinds = Object.keys(types) as (keyof Build)[];

/** Samples of a CPU profile: some 530 different stacks. */
const cpuSamples = 1100;
/** The part of a kind's stacks that one profile has something to say of. */
const shares = { heap: 0.75, goroutine: 1, block: 0.2, mutex: 0.2 };

export interface Scrape {
  readonly kind: keyof Build;
  /** Of the container: part of the partition's key. */
  readonly container: string;
  readonly revision: string;
  readonly pod: string;
  readonly stampMs: number;
  readonly intervalMs: number;
}

/** One profile of a build, with values as the reference workload has them. */
export function recordOf(
  build: Build,
  { kind, stampMs, intervalMs, ...labels }: Scrape,
  random: Random,
): ProfileRecord {
  const stacks = build[kind];
  const { rows, first } = kind === 'cpu' ? cpuRows(stacks, random) : snapshotRows(stacks, shares[kind], random);
  const storedTypes = types[kind].map((text): StoredType => {
    const [type = '', unit = '', temporality = 'delta'] = text.split(':');
    return { type, unit, temporality: temporality as StoredType['temporality'] };
  });
  return {
    series: {
      labels: { namespace: 'shop', workload_kind: 'Deployment', workload: 'checkout', ...labels },
      kind,
      process: { id: labels.pod, slot: `shop/${labels.pod}/app`, startedMs: undefined },
    },
    stampMs,
    intervalMs,
    spanMs: kind === 'cpu' ? 10_000 : kind === 'goroutine' ? 0 : intervalMs,
    types: storedTypes,
    stacks: {
      count: rows.length,
      hashHigh: Int32Array.from(rows, (row) => stacks.hashHigh[row] ?? 0),
      hashLow: Int32Array.from(rows, (row) => stacks.hashLow[row] ?? 0),
      describe: (at) => stacks.traces[rows[at] ?? 0] ?? { frames: [], labels: [] },
    },
    values: storedTypes.map(({ unit }) => (unit === 'count' ? first : first.map((count) => count * factorOf(unit)))),
    header: { ...emptyHeader, timeNanos: BigInt(stampMs) * 1_000_000n } satisfies ProfileHeader,
    contentHash: stampMs.toString(16).padStart(16, '0'),
    trimmed: 0,
  };
}

function factorOf(unit: string): number {
  return unit === 'nanoseconds' ? 10_000_000 : 4096;
}

interface Rows {
  readonly rows: readonly number[];
  readonly first: Float64Array;
}

/** Hits by a Zipf law: few stacks often, most of them now and then. */
function cpuRows({ traces }: BuiltStacks, random: Random): Rows {
  const hits = new Map<number, number>();
  for (let sample = 0; sample < cpuSamples; sample++) {
    const row = Math.floor(traces.length ** random.next()) - 1;
    hits.set(row, (hits.get(row) ?? 0) + 1);
  }
  return { rows: [...hits.keys()], first: Float64Array.from(hits.values()) };
}

function snapshotRows({ traces }: BuiltStacks, share: number, random: Random): Rows {
  const rows = [...traces.keys()].filter(() => random.next() < share);
  return { rows, first: Float64Array.from(rows, () => 1 + Math.floor(1 / (0.001 + random.next()))) };
}
