import type { Frame, PprofLabel } from '../../src/model/frame.ts';
import type { ValueType } from '../../src/model/profile-type.ts';
import { emptyHeader, type Profile, type ProfileHeader } from '../../src/profile/profile.ts';
import type { StackTable } from '../../src/profile/stack-table.ts';

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

/** A profile of such rows. Functions are in `app.go` of the mapping `/bin/app`. */
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
  const parent = [0];
  const frame = [0];
  const frames: (Frame | undefined)[] = [undefined];
  const nodes = new Map<string, number>();
  const labelSets: PprofLabel[][] = [[]];
  const rows = texts.map((text) => {
    const [path = '', labelText = ''] = text.replace(/\}$/, '').split('{');
    let node = 0;
    let known = '';
    for (const name of path === '' ? [] : path.split(';')) {
      known += `;${name}`;
      let child = nodes.get(known);
      if (child === undefined) {
        child = parent.push(node) - 1;
        frame.push(frames.push(frameOf(name)) - 1);
        nodes.set(known, child);
      }
      node = child;
    }
    const labels = labelText === '' ? [] : labelText.split(',').map(labelOf);
    return { node, labelSet: labels.length === 0 ? 0 : labelSets.push(labels) - 1 };
  });
  const pathOf = (node: number): number[] => (node === 0 ? [] : [...pathOf(parent[node] ?? 0), node]);
  const frameAt = (id: number): Frame => {
    const found = frames[id];
    if (!found) throw new Error(`no frame ${id}`);
    return found;
  };
  return {
    tree: {
      size: parent.length,
      parent: Int32Array.from(parent),
      frame: Int32Array.from(frame),
      frameCount: frames.length,
      frameAt,
    },
    size: rows.length,
    leaf: Int32Array.from(rows, ({ node }) => node),
    labelSet: Int32Array.from(rows, ({ labelSet }) => labelSet),
    labelSets,
    stack: (row) => ({
      frames: pathOf(rows[row]?.node ?? 0).map((node) => frameAt(frame[node] ?? 0)),
      labels: labelSets[rows[row]?.labelSet ?? 0] ?? [],
    }),
  };
}

function frameOf(name: string): Frame {
  return {
    function: { name, systemName: name, file: 'app.go', startLine: 1 },
    line: 7,
    column: 0,
    inlined: false,
    folded: false,
    mapping: { file: '/bin/app', buildId: 'b1' },
    address: 0n,
  };
}

function labelOf(pair: string): PprofLabel {
  const [key = '', value = ''] = pair.split('=');
  return /^\d+$/.test(value) ? { key, number: BigInt(value), unit: '' } : { key, text: value };
}
