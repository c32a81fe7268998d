export interface SampleShape {
  readonly kind: 'cpu' | 'heap' | 'goroutine' | 'block' | 'mutex';
  /** The name under /debug/pprof/. */
  readonly path: string;
  /** Stacks: odd, so that all but the first come in pairs. As many as the services of the reference workload send. */
  readonly rows: number;
  readonly types: readonly ShapedType[];
}

interface ShapedType {
  readonly type: string;
  readonly unit: string;
  /** `total`: since the program began; `count`: now, or in these seconds. */
  readonly is: 'total' | 'count';
  /** What one of it is worth, by row. */
  readonly worth: (row: number) => number;
}

const one = (): number => 1;
const size = (row: number): number => 16 << (row % 9);
const waits = (is: ShapedType['is']): ShapedType[] => [
  { type: 'contentions', unit: 'count', is, worth: one },
  { type: 'delay', unit: 'nanoseconds', is, worth: (row) => 1000 * (1 + (row % 50)) },
];

export const shapes: readonly SampleShape[] = [
  {
    kind: 'cpu',
    path: 'profile',
    rows: 531,
    types: [
      { type: 'samples', unit: 'count', is: 'count', worth: one },
      { type: 'cpu', unit: 'nanoseconds', is: 'count', worth: () => 10_000_000 },
    ],
  },
  {
    kind: 'heap',
    path: 'heap',
    rows: 1201,
    types: [
      { type: 'alloc_objects', unit: 'count', is: 'total', worth: one },
      { type: 'alloc_space', unit: 'bytes', is: 'total', worth: size },
      { type: 'inuse_objects', unit: 'count', is: 'count', worth: one },
      { type: 'inuse_space', unit: 'bytes', is: 'count', worth: size },
    ],
  },
  {
    kind: 'goroutine',
    path: 'goroutine',
    rows: 251,
    types: [{ type: 'goroutine', unit: 'count', is: 'count', worth: one }],
  },
  { kind: 'block', path: 'block', rows: 85, types: waits('total') },
  { kind: 'mutex', path: 'mutex', rows: 41, types: waits('total') },
];

export const shapeOfPath: ReadonlyMap<string, SampleShape> = new Map(shapes.map((shape) => [shape.path, shape]));

/** By sample type, then by row. */
export function valuesOf({ rows, types }: SampleShape, serial: number): Float64Array[] {
  return types.map(({ is, worth }) =>
    Float64Array.from({ length: rows }, (_, row) => worth(row) * value(is, row, serial)),
  );
}

/** All rows of a type that counts one by one, of the profile with this number. No two numbers have the same. */
export function totalOf({ rows }: SampleShape, is: ShapedType['is'], serial: number): number {
  return is === 'total' ? serial * serial + (rows - 1) * serial : serial + 2 * (rows - 1);
}

/**
 * The number of the profile with this total of a `count`. Throws where it cannot be of such a profile.
 */
export function serialOf({ kind, rows }: SampleShape, total: number): number {
  const serial = total - 2 * (rows - 1);
  if (!Number.isInteger(serial) || serial < 1) throw new Error(`no ${kind} profile has a total of ${total}`);
  return serial;
}

/** The first row tells the number; of two neighbours one has as much more as the other has less. */
function value(is: ShapedType['is'], row: number, serial: number): number {
  if (is === 'total') return row === 0 ? serial * serial : serial;
  if (row === 0) return serial;
  const swing = (serial + 7 * ((row + 1) >> 1)) % 3;
  return row % 2 === 1 ? 1 + swing : 3 - swing;
}
