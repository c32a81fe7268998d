import type { Frame, StackTrace } from '../../src/model/frame.ts';
import type { UnixMs } from '../../src/model/units.ts';
import { emptyHeader } from '../../src/profile/profile.ts';
import type { ProfileRecord, StoredType } from '../../src/store/profile-store.ts';
import { openSqliteWriter } from '../../src/store/sqlite/writer.ts';

export interface LargeTrees {
  /** Each has a tree of its own. */
  readonly workloads: number;
  /** Of one tree; below the number at which a store begins another. */
  readonly nodes: number;
  readonly stampMs: UnixMs;
}

const types: readonly StoredType[] = [
  { type: 'samples', unit: 'count', temporality: 'delta' },
  { type: 'cpu', unit: 'nanoseconds', temporality: 'delta' },
];
const functions = 4000;
const linesOfFunction = 3;
const deepest = 64;

/** Fills a data directory with one CPU profile of each workload: trees as wide and deep as they may get. */
export async function storeLargeTrees(dataDir: string, { workloads, nodes, stampMs }: LargeTrees): Promise<void> {
  await using writer = openSqliteWriter({
    dataDir,
    minFreeBytes: 0,
    synchronous: 'normal',
    retention: { maxAgeMs: Number.MAX_SAFE_INTEGER, maxBytes: Number.MAX_SAFE_INTEGER },
    now: () => stampMs,
  });
  for (let workload = 0; workload < workloads; workload++) {
    const [outcome] = writer.append([recordOf(workload, nodes, stampMs)]);
    if (outcome?.kind !== 'stored') throw new Error(`not stored: ${JSON.stringify(outcome)}`);
  }
}

function recordOf(workload: number, nodes: number, stampMs: UnixMs): ProfileRecord {
  const { parent, leaves } = randomTree(nodes, workload + 1);
  const frames = framesOf(workload);
  const count = leaves.length;
  const name = `w${workload}`;
  const hash = (row: number, factor: number): number => Math.imul(row + 1, factor) ^ workload;
  return {
    series: {
      labels: {
        namespace: `n${workload % 4}`,
        workload_kind: 'Deployment',
        workload: name,
        container: 'app',
        pod: name,
      },
      kind: 'cpu',
      process: { id: name, slot: name, startedMs: undefined },
    },
    stampMs: stampMs + workload,
    intervalMs: 60_000,
    spanMs: 10_000,
    types,
    stacks: {
      count,
      hashHigh: Int32Array.from({ length: count }, (_, row) => hash(row, 0x9e3779b1)),
      hashLow: Int32Array.from({ length: count }, (_, row) => hash(row, 0x85ebca6b)),
      describe: (row) => stackTo(leaves[row] as number, parent, frames),
    },
    values: [
      Float64Array.from({ length: count }, (_, row) => 1 + (row % 7)),
      Float64Array.from({ length: count }, (_, row) => (1 + (row % 7)) * 10_000_000),
    ],
    header: emptyHeader,
    contentHash: name.padStart(16, '0'),
    trimmed: 0,
  };
}

/** Walks down for a while, then begins anew somewhere above, and so on. A parent's number is below its children's. */
function randomTree(nodes: number, seed: number): { readonly parent: Int32Array; readonly leaves: readonly number[] } {
  const parent = new Int32Array(nodes);
  const depth = new Int32Array(nodes);
  const leaves: number[] = [];
  let state = seed;
  for (let node = 1; node < nodes; node++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    let up = node - 1;
    const isDeepEnough = (depth[up] as number) >= deepest || state % 4 === 0;
    if (isDeepEnough) {
      if (node > 1) leaves.push(up);
      for (let climb = 1 + ((state >>> 8) % 16); climb > 0 && up !== 0; climb--) up = parent[up] as number;
    }
    parent[node] = up;
    depth[node] = (depth[up] as number) + 1;
  }
  leaves.push(nodes - 1);
  return { parent, leaves };
}

function stackTo(leaf: number, parent: Int32Array, frames: readonly Frame[]): StackTrace {
  const path: Frame[] = [];
  for (let node = leaf; node !== 0; node = parent[node] as number) {
    path.push(frames[(Math.imul(node, 0x9e3779b1) >>> 8) % frames.length] as Frame);
  }
  return { frames: path.reverse(), labels: [] };
}

/** Half of the functions are those of all workloads, as those of a runtime and of libraries are. */
function framesOf(workload: number): Frame[] {
  const mapping = { file: `/bin/w${workload}`, buildId: `b${workload}` };
  return Array.from({ length: functions }, (_, at) => {
    const owner = at % 2 === 0 ? 'shared' : `w${workload}`;
    const name = `github.com/example/${owner}/internal/package${at % 40}.(*Type${at % 90}).Method${at}`;
    return { name, systemName: name, file: `/src/${owner}/package${at % 40}/file${at % 90}.go`, startLine: at };
  }).flatMap((fn) =>
    Array.from({ length: linesOfFunction }, (_, line): Frame => {
      return { function: fn, line: 10 * line, column: 0, inlined: false, folded: false, mapping, address: 0n };
    }),
  );
}
