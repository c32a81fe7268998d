import { encodeProfile } from '../../src/pprof/encode.ts';
import { type PprofServer, type ScriptedReply, startPprofServer } from './pprof-server.ts';
import { profileFromText } from './profile-from-text.ts';

const kib = 1024;
const mib = 1024 * kib;
/** Go's default: a sample for each 512 KiB. */
const period = 512 * kib;

/** What one function of a program does, at a rate that never changes. */
export interface SyntheticFunction {
  readonly name: string;
  /** Bytes that it holds from the start, and those it keeps in a second. */
  readonly held: number;
  readonly keeps: number;
  /** Bytes that it allocates in a second, those that it keeps included. */
  readonly allocates: number;
  /** Cores that it uses. */
  readonly cores: number;
}

/** A program whose every profile follows from the time for which it has run: what counters of it must show is known. */
export interface SyntheticProgram {
  readonly name: string;
  readonly functions: readonly SyntheticFunction[];
  readonly goroutines: number;
  /** At the start. */
  readonly goroutinesPerSecond: number;
  /** It is started anew so often, and counts from 0 then. */
  readonly restartSeconds?: number;
}

/** Bytes of one object. */
export const objectBytes = 16 * kib;

const fetchPage: SyntheticFunction = {
  name: 'main.fetchPage',
  held: 24 * mib,
  keeps: 0,
  allocates: 6 * mib,
  cores: 0.3,
};
const render: SyntheticFunction = { name: 'main.render', held: 8 * mib, keeps: 0, allocates: 2 * mib, cores: 0.1 };
/** The function that leaks, in those that do. */
export const leak: SyntheticFunction = {
  name: 'main.(*Sessions).remember',
  held: mib,
  keeps: 4 * mib,
  allocates: 4 * mib,
  cores: 0.05,
};

/** More functions than are told of, each with four fifths of the one before. */
const many = Array.from({ length: 14 }, (_, index): SyntheticFunction => {
  const share = 0.8 ** index;
  const name = `main.step${String(index).padStart(2, '0')}`;
  return { name, held: 8 * mib * share, keeps: 0, allocates: 4 * mib * share, cores: 0.1 * share };
});

/**
 * `leaky` leaks memory, `waiting` goroutines, `wide` has many functions, `restless` is started anew again and again; all others
 * do the same for ever.
 */
export function syntheticPrograms(steady: number): readonly SyntheticProgram[] {
  const even = { goroutines: 40, goroutinesPerSecond: 0 };
  return [
    { name: 'leaky', functions: [fetchPage, render, leak], ...even },
    { name: 'wide', functions: many, ...even },
    { name: 'restless', functions: [{ ...render, held: 0 }], restartSeconds: 15, ...even },
    { name: 'waiting', functions: [fetchPage, render], goroutines: 40, goroutinesPerSecond: 20 },
    ...Array.from({ length: steady }, (_, index) => ({
      name: `steady-${index}`,
      functions: [fetchPage, render],
      ...even,
    })),
  ];
}

/** Serves each program below its name: `URL/leaky/debug/pprof/heap`. All began `ageMs` before. */
export function serveSynthetic(programs: readonly SyntheticProgram[], ageMs = 60_000): Promise<PprofServer> {
  const byName = new Map(programs.map((program) => [program.name, program]));
  const startedMs = Date.now() - ageMs;
  return startPprofServer(({ path, seconds = 1 }): ScriptedReply => {
    const [, name = '', kind = ''] = /^\/([^/]+)\/debug\/pprof\/(\w+)$/.exec(path) ?? [];
    const program = byName.get(name);
    const age = (Date.now() - startedMs) / 1000;
    const bytes =
      program && profileOf(program, kind, age % (program.restartSeconds ?? Number.POSITIVE_INFINITY), seconds);
    if (!bytes) return { kind: 'status', status: 404, text: 'Unknown profile\n', headers: { 'x-go-pprof': '1' } };
    return { kind: 'profile', bytes, wait: kind === 'profile' };
  });
}

function profileOf(
  { functions, goroutines, goroutinesPerSecond }: SyntheticProgram,
  kind: string,
  age: number,
  seconds: number,
): Uint8Array | undefined {
  if (kind === 'heap') {
    return encoded(
      functions.map((each) => {
        const allocated = each.held + each.allocates * age;
        const live = each.held + each.keeps * age;
        return [`${each.name};runtime.mallocgc`, objects(allocated), whole(allocated), objects(live), whole(live)];
      }),
      ['alloc_objects/count', 'alloc_space/bytes', 'inuse_objects/count', 'inuse_space/bytes'],
      { periodType: { type: 'space', unit: 'bytes' }, period: BigInt(period) },
    );
  }
  if (kind === 'profile') {
    return encoded(
      functions.map((each) => [
        each.name,
        Math.round(each.cores * seconds * 100),
        Math.round(each.cores * seconds * 1e9),
      ]),
      ['samples/count', 'cpu/nanoseconds'],
      {
        periodType: { type: 'cpu', unit: 'nanoseconds' },
        period: 10_000_000n,
        durationNanos: BigInt(seconds) * 1_000_000_000n,
      },
    );
  }
  if (kind === 'goroutine') {
    // Ever more a second: a window in which they grow by less than half is no finding, however long they grew before.
    const count = Math.floor(goroutines + goroutinesPerSecond * age * (1 + age / 200));
    return encoded([['main.wait;runtime.gopark', count]], ['goroutine/count'], {
      periodType: { type: 'goroutine', unit: 'count' },
      period: 1n,
    });
  }
  return undefined;
}

type Row = readonly [stack: string, ...values: number[]];

function encoded(
  rows: readonly Row[],
  types: readonly string[],
  header: NonNullable<NonNullable<Parameters<typeof profileFromText>[1]>['header']>,
): Uint8Array {
  const text = rows.map(([stack, ...values]) => `main.main;main.serve;${stack} ${values.join(' ')}`).join('\n');
  const sampleTypes = types.map((each) => {
    const [type = '', unit = ''] = each.split('/');
    return { type, unit };
  });
  return encodeProfile(profileFromText(text, { types: sampleTypes, header }));
}

function whole(bytes: number): number {
  return objects(bytes) * objectBytes;
}

function objects(bytes: number): number {
  return Math.floor(bytes / objectBytes);
}
