import type { Frame } from '../../src/model/frame.ts';
import { minute } from '../../src/model/units.ts';
import { encodeProfile } from '../../src/pprof/encode.ts';
import { emptyHeader, type Profile } from '../../src/profile/profile.ts';
import { StackTableBuilder } from '../../src/profile/stack-table-builder.ts';
import { type SampleShape, valuesOf } from './program-values.ts';

const depth = 24;
/** Bodies that other pods of the workload may ask for in the same minute. */
const keptBodies = 15;

/**
 * A program of which all profiles can be told apart and added up: the profile with the serial number n has what
 * `program-values.ts` says. All pods of a workload run the same one.
 */
export class Program {
  readonly #name: string;
  readonly #stacks = new Map<SampleShape, StackTableBuilder>();
  readonly #bodies = new Map<string, Uint8Array>();

  constructor(name: string) {
    this.#name = name;
  }

  /** As gzip, like Go writes it; the same bytes whenever it is asked for. */
  body(shape: SampleShape, serial: number): Uint8Array {
    const key = `${shape.kind} ${serial}`;
    const known = this.#bodies.get(key);
    if (known) return known;
    const timeNanos = BigInt(Math.floor(performance.timeOrigin) + serial * minute) * 1_000_000n;
    const profile = this.profile(shape, valuesOf(shape, serial));
    const body = encodeProfile({ ...profile, header: { ...profile.header, timeNanos } });
    this.#bodies.set(key, body);
    const [oldest = ''] = this.#bodies.keys();
    if (this.#bodies.size > keptBodies) this.#bodies.delete(oldest);
    return body;
  }

  /** The profile with these values, by sample type and then by row. */
  profile(shape: SampleShape, values: Float64Array[]): Profile {
    const stacks = this.#stacks.get(shape) ?? stacksOf(this.#name, shape);
    this.#stacks.set(shape, stacks);
    return {
      sampleTypes: shape.types.map(({ type, unit }) => ({ type, unit })),
      stacks,
      values,
      divisors: shape.types.map(() => 1),
      header: {
        ...emptyHeader,
        durationNanos: shape.kind === 'cpu' ? 10_000_000_000n : 0n,
      },
    };
  }
}

/** A tree like that of a server: some handlers, each of which calls into more and more of its own and of libraries. */
function stacksOf(program: string, { kind, rows }: SampleShape): StackTableBuilder {
  const stacks = new StackTableBuilder();
  for (let row = 0; row < rows; row++) {
    const frames = [frameOf('main.main', 12), frameOf(`${program}/server.handle${row % 24}`, 40)];
    for (let level = 1; level < 4 + (row % (depth - 4)); level++) {
      const branch = Math.floor(row / (level + 3)) % 40;
      const where = level % 3 === 0 ? `example.org/library${level}` : `${program}/part${level}`;
      frames.push(frameOf(`${where}.(*Worker).step${branch}`, 10 * level + branch));
    }
    frames.push(frameOf(`${program}/leaf.${kind}${row}`, row));
    stacks.intern({ frames, labels: [] });
  }
  return stacks;
}

function frameOf(name: string, line: number): Frame {
  return {
    function: { name, systemName: name, file: `/src/${name.split('.')[0]}.go`, startLine: line - (line % 10) },
    line,
    column: 0,
    inlined: false,
    folded: false,
    mapping: { file: '/app/server', buildId: '5f1c' },
    address: 0n,
  };
}
