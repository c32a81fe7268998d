import { createHash } from 'node:crypto';
import type { Frame, PprofLabel, StackTrace } from '../../src/model/frame.ts';
import type { LabelSet } from '../../src/model/labels.ts';
import type { Profile, ValueColumn } from '../../src/profile/profile.ts';
import { emptyHeader } from '../../src/profile/profile.ts';
import type { ProfileRecord, StackColumn, StoredType } from '../../src/store/profile-store.ts';

export const cpuTypes: readonly StoredType[] = [
  { type: 'samples', unit: 'count', temporality: 'delta' },
  { type: 'cpu', unit: 'nanoseconds', temporality: 'delta' },
];
export const heapTypes: readonly StoredType[] = [
  { type: 'alloc_space', unit: 'bytes', temporality: 'cumulative' },
  { type: 'inuse_space', unit: 'bytes', temporality: 'gauge' },
];
export const goroutineTypes: readonly StoredType[] = [{ type: 'goroutine', unit: 'count', temporality: 'gauge' }];

/** `main;serve` or `main;serve{bytes=16}`: frames from the root, labels in braces. */
export function stackFromText(text: string): StackTrace {
  const [, path = '', labels = ''] = /^([^{]*)(?:\{(.*)\})?$/.exec(text) ?? [];
  return {
    frames: path === '' ? [] : path.split(';').map(frameNamed),
    labels: labels === '' ? [] : labels.split(',').map(labelFromText),
  };
}

export function frameNamed(name: string): Frame {
  return {
    function: { name, systemName: name, file: `${name}.go`, startLine: 1 },
    line: 7,
    column: 0,
    inlined: false,
    folded: false,
    mapping: { file: '/bin/app', buildId: 'b1' },
    address: 0n,
  };
}

function labelFromText(text: string): PprofLabel {
  const [key = '', value = ''] = text.split('=');
  return /^-?\d+$/.test(value) ? { key, number: BigInt(value), unit: 'bytes' } : { key, text: value };
}

export function stackToText({ frames, labels }: StackTrace): string {
  const path = frames.map((frame) => frame.function?.name ?? '?').join(';');
  const shown = labels.map((label) => `${label.key}=${'text' in label ? label.text : label.number}`);
  return shown.length > 0 ? `${path}{${shown.join(',')}}` : path;
}

export interface RecordInput {
  readonly labels?: LabelSet;
  readonly kind?: string;
  readonly process?: string;
  readonly slot?: string;
  readonly startedMs?: number | undefined;
  readonly build?: string;
  readonly stampMs: number;
  readonly intervalMs?: number;
  readonly spanMs?: number;
  readonly types?: readonly StoredType[];
  /** Stack by text → a value for each type. */
  readonly samples: Readonly<Record<string, readonly (number | bigint)[]>>;
  readonly trimmed?: number;
  readonly header?: Partial<ProfileRecord['header']>;
}

export const defaultLabels: LabelSet = {
  namespace: 'shop',
  workload_kind: 'Deployment',
  workload: 'checkout',
  container: 'app',
};

/** A record as ingest would hand it over. */
export function recordOf(input: RecordInput): ProfileRecord {
  const types = input.types ?? heapTypes;
  const process = input.process ?? 'pod-1';
  const rows = Object.entries(input.samples);
  return {
    series: {
      labels: input.labels ?? { ...defaultLabels, pod: process },
      kind: input.kind ?? 'heap',
      process: {
        id: process,
        slot: input.slot ?? `shop/${process}/app`,
        startedMs: input.startedMs,
        ...(input.build === undefined ? {} : { build: input.build }),
      },
    },
    stampMs: input.stampMs,
    intervalMs: input.intervalMs ?? 60_000,
    spanMs: input.spanMs ?? 0,
    types,
    stacks: stackColumn(rows.map(([text]) => text)),
    values: types.map((_, at) => columnOf(rows.map(([, values]) => values[at] ?? 0))),
    header: { ...emptyHeader, ...input.header },
    contentHash: hashOf(JSON.stringify([types, rows], plainBigInt)).toString('hex'),
    trimmed: input.trimmed ?? 0,
  };
}

export function stackColumn(texts: readonly string[]): StackColumn {
  const hashes = texts.map(hashOf);
  return {
    count: texts.length,
    hashHigh: Int32Array.from(hashes, (hash) => hash.readInt32BE(0)),
    hashLow: Int32Array.from(hashes, (hash) => hash.readInt32BE(4)),
    describe: (row) => stackFromText(texts[row] ?? ''),
  };
}

/** Each stack of a profile as text → its value of one type, without zeros; values are bigints. */
export function valuesByStack(profile: Profile, type: string): Record<string, bigint> {
  const at = profile.sampleTypes.findIndex((sample) => sample.type === type);
  const found: Record<string, bigint> = {};
  for (let row = 0; row < profile.stacks.size; row++) {
    const value = BigInt(profile.values[at]?.[row] ?? 0);
    if (value !== 0n) found[stackToText(profile.stacks.stack(row))] = value;
  }
  return found;
}

function columnOf(values: readonly (number | bigint)[]): ValueColumn {
  if (values.every((value) => Number.isSafeInteger(Number(value)))) return Float64Array.from(values, Number);
  return BigInt64Array.from(values, BigInt);
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest().subarray(0, 8);
}

function plainBigInt(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
