import { messageOf } from '../../../model/errors.ts';
import { ByteReader } from '../encoding/bytes.ts';
import type { Connection } from '../files/database.ts';
import { Statements } from '../files/statements.ts';
import { blockStartMs } from './block.ts';
import { BlockRows } from './block-rows.ts';
import { FunctionNames } from './names.ts';
import { readOpenFloor } from './open-floor.ts';

interface FloorKey {
  readonly bucketMs: number;
  readonly process: number;
  readonly origin: number;
}

export interface FloorFinding {
  readonly atMs: number;
  readonly what: string;
}

/** Reads floors to the last value: buckets and blocks of processes that were read, and what is wrong. */
export function verifyFloors(connection: Connection): { checked: number; findings: readonly FloorFinding[] } {
  const sql = new Statements(connection);
  const [names, blocks] = [new FunctionNames(sql), new BlockRows(sql)];
  const findings: FloorFinding[] = [];
  let checked = 0;
  const check = (key: FloorKey, atMs: number, work: () => readonly number[]): void => {
    checked++;
    try {
      for (const row of work()) names.name(row);
    } catch (error) {
      findings.push({ atMs, what: `the floors of process ${key.process}: ${messageOf(error)}` });
    }
  };
  const open = connection.prepare<[], FloorKey & { readonly bucket: number; readonly data: Uint8Array }>(
    'SELECT bucket_ms AS bucketMs, bucket, process, origin, data FROM floor_open',
  );
  for (const row of open.iterate()) {
    check(row, row.bucket * row.bucketMs, () => readOpenFloor(new ByteReader(row.data)).functions);
  }
  const packed = connection.prepare<[], FloorKey & { readonly block: number }>(
    'SELECT bucket_ms AS bucketMs, block, process, origin FROM floor_block',
  );
  for (const row of packed.iterate()) {
    check(row, blockStartMs(row), () => [...(blocks.read(row)?.values() ?? [])].flatMap(({ functions }) => functions));
  }
  return { checked, findings };
}
