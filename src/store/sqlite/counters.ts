import type { ValueColumn } from '../../profile/profile.ts';
import type { Checkpoint } from '../state-store.ts';

type Counters = Pick<Checkpoint, 'hashHigh' | 'hashLow' | 'values'>;

const columnKind = { doubles: 0, integers: 1 } as const;

/**
 * A checkpoint's columns as they lie in memory, little-endian: how many stacks, both hash halves, then for each type a
 * byte that says how its values are written and eight bytes a value. Read back at once, which counts at a restart.
 */
export function encodeCounters({ hashHigh, hashLow, values }: Counters): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32LE(hashHigh.length);
  const columns = values.flatMap((column) => [
    Buffer.of(column instanceof Float64Array ? columnKind.doubles : columnKind.integers),
    bytesOf(column),
  ]);
  return Buffer.concat([count, bytesOf(hashHigh), bytesOf(hashLow), ...columns]);
}

/** The inverse of `encodeCounters`; `types` is how many columns there are. */
export function decodeCounters(data: Uint8Array, types: number): Counters {
  let at = 4;
  /** A copy: the columns of typed arrays must begin at a multiple of their size. */
  const take = (size: number): ArrayBuffer => new Uint8Array(data.subarray(at, (at += size))).buffer;
  const count = new DataView(data.buffer, data.byteOffset).getUint32(0, true);
  const hashHigh = new Int32Array(take(4 * count));
  const hashLow = new Int32Array(take(4 * count));
  const values: ValueColumn[] = [];
  for (let type = 0; type < types; type++) {
    const kind = data[at++];
    values.push(kind === columnKind.doubles ? new Float64Array(take(8 * count)) : new BigInt64Array(take(8 * count)));
  }
  return { hashHigh, hashLow, values };
}

function bytesOf(column: ValueColumn | Int32Array): Buffer {
  return Buffer.from(column.buffer, column.byteOffset, column.byteLength);
}
