import type { Frame, StackTrace } from '../src/model/frame.ts';
import { emptyHeader } from '../src/profile/profile.ts';
import type { ProfileRecord, StoredType } from '../src/store/profile-store.ts';

/** The kinds of the reference mix, with the stacks that a profile holds and the types it has. */
const kinds = [
  { kind: 'cpu', stacks: 530, types: ['samples:count:delta', 'cpu:nanoseconds:delta'], spanMs: 10_000 },
  {
    kind: 'heap',
    stacks: 1200,
    types: [
      'alloc_objects:count:cumulative',
      'alloc_space:bytes:cumulative',
      'inuse_objects:count:gauge',
      'inuse_space:bytes:gauge',
    ],
    spanMs: 60_000,
  },
  { kind: 'goroutine', stacks: 248, types: ['goroutine:count:gauge'], spanMs: 0 },
  {
    kind: 'block',
    stacks: 84,
    types: ['contentions:count:cumulative', 'delay:nanoseconds:cumulative'],
    spanMs: 60_000,
  },
  {
    kind: 'mutex',
    stacks: 40,
    types: ['contentions:count:cumulative', 'delay:nanoseconds:cumulative'],
    spanMs: 60_000,
  },
] as const;

const pods = 4;
const depth = 20;
/** Levels from the root that nearly all stacks of a service share. */
const sharedDepth = 14;
const functionsPerService = 700;

/** One minute of records of a service: every kind of every pod. The same arguments give the same records. */
export function recordsOfMinute(service: number, minute: number, startMs: number): ProfileRecord[] {
  return Array.from({ length: pods }, (_, pod) =>
    kinds.map((kind, index) => recordOf(service, pod, index, startMs + minute * 60_000 + index * 1000, kind)),
  ).flat();
}

function recordOf(
  service: number,
  pod: number,
  kindIndex: number,
  stampMs: number,
  { kind, stacks, types, spanMs }: (typeof kinds)[number],
): ProfileRecord {
  const storedTypes = types.map((text): StoredType => {
    const [type = '', unit = '', temporality = 'delta'] = text.split(':');
    return { type, unit, temporality: temporality as StoredType['temporality'] };
  });
  const random = randomFrom((stampMs / 1000) * 31 + service * 7 + pod);
  const rows = Int32Array.from({ length: stacks }, (_, row) => row * 2 + (random() < 0.2 ? 1 : 0));
  const first = Float64Array.from(rows, () => Math.floor(1 / (0.001 + random())));
  const namespace = `team-${service % 5}`;
  const id = `${service}-${pod}`;
  return {
    series: {
      labels: {
        namespace,
        workload_kind: 'Deployment',
        workload: `service-${service}`,
        container: 'app',
        pod: `pod-${id}`,
      },
      kind,
      process: { id, slot: `${namespace}/pod-${id}/app`, startedMs: undefined },
    },
    stampMs,
    intervalMs: 60_000,
    spanMs,
    types: storedTypes,
    stacks: {
      count: stacks,
      hashHigh: Int32Array.from(rows, (row) => Math.imul(row + 1, 0x9e3779b1) ^ kindIndex),
      hashLow: Int32Array.from(rows, (row) => Math.imul(row + 1, 0x85ebca6b) + service),
      describe: (row) => stackOf(service, kindIndex, rows[row] ?? 0),
    },
    values: storedTypes.map((_, at) =>
      at % 2 === 0 ? first : first.map((value) => value * (kind === 'cpu' ? 1e7 : 48)),
    ),
    header: { ...emptyHeader, timeNanos: BigInt(stampMs) * 1_000_000n },
    contentHash: stampMs.toString(16).padStart(16, '0'),
    trimmed: 0,
  };
}

const framesOfService = new Map<number, Frame[]>();

function stackOf(service: number, kindIndex: number, number: number): StackTrace {
  const random = randomFrom(kindIndex * 1e6 + number);
  const frames =
    framesOfService.get(service) ?? Array.from({ length: functionsPerService }, (_, at) => frameOf(service, at));
  framesOfService.set(service, frames);
  const path = Array.from({ length: depth }, (_, level) => {
    const spread = level < sharedDepth ? 1.1 : functionsPerService / depth;
    return frames[Math.floor(level * (functionsPerService / depth) + random() * spread)] ?? frameOf(service, 0);
  });
  return { frames: path, labels: [] };
}

function frameOf(service: number, at: number): Frame {
  const name = `github.com/example/service-${service}/internal/package${at % 40}.(*Type${at % 90}).Method${at}`;
  return {
    function: { name, systemName: name, file: `/src/internal/package${at % 40}/file${at % 90}.go`, startLine: at },
    line: at + 3,
    column: 0,
    inlined: false,
    folded: false,
    mapping: { file: `/bin/service-${service}`, buildId: 'abc' },
    address: 0n,
  };
}

/** A small linear congruential generator: the same figures on every machine. */
function randomFrom(seed: number): () => number {
  let state = Math.imul(Math.floor(seed) + 1, 2_654_435_761) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
