import type { ValueType } from '../../src/model/profile-type.ts';
import { emptyHeader, type Profile, type ProfileHeader } from '../../src/profile/profile.ts';
import type { StackTable } from '../../src/profile/stack-table.ts';
import { StackTableBuilder } from '../../src/profile/stack-table-builder.ts';
import { stackFromText } from './store-records.ts';

/** A stack as tests write it: `main;serve;query`, and then perhaps `{tenant=a}`. */
export type StackText = string;

/** A sum of values by stack, one for each sample type. */
export type Rows = ReadonlyMap<StackText, readonly bigint[]>;

/** Reads `main;serve;query{tenant=a} 4 1` lines: a stack, pprof labels, a value for each sample type. */
export function readRows(text: string): Rows {
  const rows = new Map<StackText, bigint[]>();
  for (const line of text.trim().split('\n')) {
    const [stack = '', ...values] = line.trim().split(/ +/);
    if (stack) rows.set(stack, values.map(BigInt));
  }
  return rows;
}

/** A profile of such rows. */
export function profileOf(
  rows: Rows,
  sampleTypes: readonly ValueType[],
  divisors: readonly number[] = sampleTypes.map(() => 1),
  header: Partial<ProfileHeader> = {},
): Profile {
  const stacks = tableOf([...rows.keys()]);
  const values = sampleTypes.map((_, type) => columnOf([...rows.values()].map((row) => row[type] ?? 0n)));
  return { sampleTypes, stacks, values, divisors, header: { ...emptyHeader, ...header } };
}

function columnOf(values: readonly bigint[]): Float64Array | BigInt64Array {
  const isSafe = values.every((value) => Number.isSafeInteger(Number(value)));
  return isSafe ? Float64Array.from(values, Number) : BigInt64Array.from(values);
}

function tableOf(texts: readonly StackText[]): StackTable {
  const stacks = new StackTableBuilder();
  for (const text of texts) stacks.intern(stackFromText(text));
  return stacks;
}
