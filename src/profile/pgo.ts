import { FlameherdError } from '../model/errors.ts';
import type { Frame, MappingName } from '../model/frame.ts';
import type { Profile, ValueColumn } from './profile.ts';
import { StackTableBuilder } from './stack-table-builder.ts';
import { SumColumn } from './sum-column.ts';

/** The types that `go build -pgo` reads, whichever comes first (cmd/internal/pgo/pprof.go). */
const usableTypes = new Set(['samples/count', 'cpu/nanoseconds']);
/** Rows between two checks. */
const checkedRows = 4096;

/**
 * A CPU profile as `go build -pgo=FILE` takes it: what decides is kept, the rest is gone, so the file is small enough to be
 * committed and rows of several builds meet. The compiler weighs calls by the last two locations of each sample, with what
 * was inlined into them, and finds a call by names and by the line's distance from the start of its function
 * (internal/profile/graph.go, so since Go 1.20). Without labels, columns, build ids, callers further up, and stacks of one frame.
 *
 * `unsupported_format` when there is no such type, or no start line; `empty_window` when no stack has a call.
 */
export function pgoProfileOf(profile: Profile, check: () => void = () => {}): Profile {
  const types = profile.sampleTypes.flatMap((type, at) => (usableTypes.has(`${type.type}/${type.unit}`) ? [at] : []));
  if (types.length === 0) throw noCpuType(profile);
  const stacks = new StackTableBuilder();
  const rows = shortRows(profile, stacks, check);
  const columns = types.map((type) => summed(profile.values[type] ?? new Float64Array(), rows, stacks.size, check));
  if (columns.every((column) => column.every((value) => Number(value) === 0))) {
    throw new FlameherdError('empty_window', 'pgo: no sample has a caller, so there is no call to optimise', {
      hint: 'ask for a longer window, or another process',
    });
  }
  if (!hasStartLines(stacks)) {
    throw new FlameherdError('unsupported_format', 'pgo: no function of this profile says at which line it begins', {
      hint: 'go build -pgo takes CPU profiles of Go 1.20 and later',
    });
  }
  return {
    sampleTypes: types.map((type) => profile.sampleTypes[type] ?? { type: '', unit: '' }),
    stacks,
    values: columns,
    divisors: types.map((type) => profile.divisors[type] ?? 1),
    header: { ...profile.header, dropFrames: '', keepFrames: '' },
  };
}

/** By row of the profile: its row among the short stacks, or -1 when it has no call. */
function shortRows({ stacks }: Profile, target: StackTableBuilder, check: () => void): Int32Array {
  const nodes = new ShortStacks(stacks.tree, target);
  const rows = new Int32Array(stacks.size);
  for (let row = 0; row < stacks.size; row++) {
    if (row % checkedRows === 0) check();
    const node = nodes.of(stacks.leaf[row] as number);
    rows[row] = node === 0 ? -1 : target.row(node, 0);
  }
  return rows;
}

/** The last two locations of stacks, in a tree of their own. */
class ShortStacks {
  readonly #tree: Profile['stacks']['tree'];
  readonly #target: StackTableBuilder;
  /** By leaf: its node in the target and one; 0: not known yet. */
  readonly #nodes: Int32Array;
  /** By frame: its id in the target; 0: not known yet. */
  readonly #frames: Int32Array;
  readonly #path: number[] = [];

  constructor(tree: Profile['stacks']['tree'], target: StackTableBuilder) {
    this.#tree = tree;
    this.#target = target;
    this.#nodes = new Int32Array(tree.size);
    this.#frames = new Int32Array(tree.frameCount);
  }

  /** The node in the target; the root when the stack has less than two frames. */
  of(leaf: number): number {
    const known = this.#nodes[leaf] as number;
    if (known > 0) return known - 1;
    const length = this.#readPath(leaf);
    let node = 0;
    for (let at = length > 1 ? length - 1 : -1; at >= 0; at--) {
      node = this.#target.tree.node(node, this.#frameIn(this.#path[at] as number));
    }
    this.#nodes[leaf] = node + 1;
    return node;
  }

  /** Puts the frames of the last two locations into the path, leaf first; answers how many they are. */
  #readPath(leaf: number): number {
    const { parent, frame } = this.#tree;
    let length = 0;
    let locations = 0;
    for (let node = leaf; node !== 0 && locations < 2; node = parent[node] as number) {
      const id = frame[node] as number;
      this.#path[length++] = id;
      if (!this.#tree.frameAt(id).inlined) locations++;
    }
    return length;
  }

  #frameIn(id: number): number {
    const known = this.#frames[id] as number;
    if (known > 0) return known;
    const own = this.#target.tree.frameId(plainFrame(this.#tree.frameAt(id)));
    this.#frames[id] = own;
    return own;
  }
}

function plainFrame(frame: Frame): Frame {
  const mapping: MappingName | undefined = frame.mapping && { file: frame.mapping.file, buildId: '' };
  return { ...frame, column: 0, folded: false, mapping };
}

function summed(column: ValueColumn, rows: Int32Array, size: number, check: () => void): ValueColumn {
  const sums = new SumColumn(size);
  const count = Math.min(column.length, rows.length);
  for (let row = 0; row < count; row++) {
    if (row % checkedRows === 0) check();
    const target = rows[row] as number;
    if (target >= 0) sums.add(target, column[row] as number | bigint);
  }
  return sums.finish(size);
}

function hasStartLines({ tree }: StackTableBuilder): boolean {
  for (let id = 1; id < tree.frameCount; id++) {
    const { function: fn } = tree.frameAt(id);
    if (fn !== undefined && fn.startLine !== 0) return true;
  }
  return false;
}

function noCpuType({ sampleTypes }: Profile): FlameherdError {
  const names = sampleTypes.map(({ type, unit }) => `${type}/${unit}`).join(', ');
  return new FlameherdError('unsupported_format', `pgo: the profile has ${names || 'no sample types'}`, {
    hint: 'go build -pgo takes CPU profiles, which have samples/count or cpu/nanoseconds; ask for cpu',
  });
}
