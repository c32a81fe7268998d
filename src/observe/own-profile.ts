import { gzipSync } from 'node:zlib';
import { Profile, StringTable } from 'pprof-format';
import { cpuIntervalMicros, heapIntervalBytes } from './thread-profiler.ts';

/** One thread's profile as `threadProfiler` gives it. */
export interface ThreadProfile {
  readonly thread: string;
  readonly bytes: Uint8Array;
}

/** What the field calls the columns and the period of a kind; V8's names are translated. */
interface Shape {
  readonly columns: readonly { readonly type: string; readonly unit: string; readonly from: readonly string[] }[];
  readonly periodType: { readonly type: string; readonly unit: string };
  readonly period: number;
  readonly defaultType: string;
}

const shapes = {
  cpu: {
    columns: [
      { type: 'samples', unit: 'count', from: ['sample', 'samples'] },
      { type: 'wall', unit: 'nanoseconds', from: ['wall'] },
      { type: 'cpu', unit: 'nanoseconds', from: ['cpu'] },
    ],
    periodType: { type: 'cpu', unit: 'nanoseconds' },
    period: cpuIntervalMicros * 1000,
    defaultType: 'cpu',
  },
  heap: {
    columns: [
      { type: 'inuse_objects', unit: 'count', from: ['inuse_objects', 'objects'] },
      { type: 'inuse_space', unit: 'bytes', from: ['inuse_space', 'space'] },
    ],
    periodType: { type: 'space', unit: 'bytes' },
    period: heapIntervalBytes,
    defaultType: 'inuse_space',
  },
} as const satisfies Record<string, Shape>;

export interface OwnProfileOptions {
  readonly kind: keyof typeof shapes;
  readonly startMs: number;
  /** 0 for a snapshot. */
  readonly durationMs: number;
  /** Cut off from the names of files, so that profiles of two installations agree. */
  readonly root: string;
  /** Threads that did not answer; said in a comment. */
  readonly missing: readonly string[];
}

/**
 * One gzipped pprof of all threads: equal stacks of a thread are one sample, which carries the label `thread`.
 *
 * The CPU column is what the library measured by each thread's own CPU clock. V8's `(idle)` holds the CPU of the event loop
 * itself and of work too short to be met by a sample; it is named so, and counts no samples. `(program)` is left out by the library. What
 * other threads of the process used (zlib, V8's own) stands on the main thread as `Non JS threads activity`.
 */
export function mergeThreads(parts: readonly ThreadProfile[], options: OwnProfileOptions): Uint8Array {
  const shape: Shape = shapes[options.kind];
  const strings = new StringTable();
  const builder = new ProfileBuilder(strings, options.root);
  for (const part of parts) builder.add(part.thread, Profile.decode(part.bytes), shape);
  const valueType = ({ type, unit }: { readonly type: string; readonly unit: string }) => ({
    type: strings.dedup(type),
    unit: strings.dedup(unit),
  });
  const profile = new Profile({
    sampleType: shape.columns.map(valueType),
    periodType: valueType(shape.periodType),
    period: shape.period,
    defaultSampleType: strings.dedup(shape.defaultType),
    timeNanos: BigInt(Math.round(options.startMs)) * 1_000_000n,
    durationNanos: Math.round(options.durationMs * 1e6),
    comment: options.missing.map((thread) => strings.dedup(`thread ${thread} did not answer and is left out`)),
    mapping: [
      {
        id: 1,
        filename: strings.dedup('flameherd'),
        hasFunctions: true,
        hasFilenames: true,
        hasLineNumbers: true,
        hasInlineFrames: true,
      },
    ],
    ...builder.tables(),
    stringTable: strings,
  });
  return gzipSync(profile.encode());
}

/** What V8 calls `(idle)`: a thread that idles uses no CPU, so what stands there was used between two samples. */
export const betweenSamples = '(between samples)';

interface OwnFrame {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

interface SampleSum {
  readonly locationId: number[];
  readonly value: number[];
  readonly label: { readonly key: number; readonly str: number }[];
}

/** Gathers samples by (thread, stack) over profiles with string tables of their own. */
class ProfileBuilder {
  readonly #strings: StringTable;
  readonly #root: string;
  readonly #locations = new Map<string, number>();
  readonly #frames: OwnFrame[] = [];
  readonly #samples = new Map<string, SampleSum>();

  constructor(strings: StringTable, root: string) {
    this.#strings = strings;
    this.#root = root;
  }

  add(thread: string, profile: Profile, shape: Shape): void {
    const text = profile.stringTable.strings;
    const types = profile.sampleType.map(({ type }) => text[Number(type)] ?? '');
    const columns = shape.columns.map(({ from }) => types.findIndex((type) => from.includes(type)));
    const locations = this.#locationsOf(profile);
    const label = [{ key: this.#strings.dedup('thread'), str: this.#strings.dedup(thread) }];
    for (const { locationId, value } of profile.sample) {
      const stack = locationId.map((id) => locations.get(Number(id)) ?? 0);
      const values = columns.map((column) => Number(value[column] ?? 0));
      if (this.#frames[(stack[0] ?? 0) - 1]?.name === betweenSamples) values[0] = 0;
      this.#sum(`${thread}\n${stack.join()}`, { locationId: stack, value: values, label });
    }
  }

  tables() {
    const functionOf = ({ name, file, line }: OwnFrame, id: number) => ({
      id,
      name: this.#strings.dedup(name),
      systemName: this.#strings.dedup(name),
      filename: this.#strings.dedup(file),
      startLine: line,
    });
    return {
      function: this.#frames.map((frame, i) => functionOf(frame, i + 1)),
      location: this.#frames.map(({ line }, i) => ({ id: i + 1, mappingId: 1, line: [{ functionId: i + 1, line }] })),
      sample: [...this.#samples.values()].filter(({ value }) => value.some((one) => one !== 0)),
    };
  }

  #sum(key: string, sample: SampleSum): void {
    const known = this.#samples.get(key);
    if (!known) this.#samples.set(key, sample);
    else for (const [column, value] of sample.value.entries()) known.value[column] = (known.value[column] ?? 0) + value;
  }

  /** Ids of a profile's locations → ours. The library gives each function one location, at the line where it begins. */
  #locationsOf(profile: Profile): Map<number, number> {
    const text = profile.stringTable.strings;
    const functions = new Map(profile.function.map((one) => [Number(one.id), one]));
    const ids = new Map<number, number>();
    for (const { id, line } of profile.location) {
      const first = line[0];
      const found = functions.get(Number(first?.functionId));
      const v8Name = text[Number(found?.name)] ?? '';
      const name = v8Name === '(idle)' ? betweenSamples : v8Name;
      ids.set(
        Number(id),
        this.#frame(name, this.#plainFile(text[Number(found?.filename)] ?? ''), Number(first?.line ?? 0)),
      );
    }
    return ids;
  }

  #frame(name: string, file: string, line: number): number {
    const key = `${name}\n${file}\n${line}`;
    const known = this.#locations.get(key);
    if (known !== undefined) return known;
    const id = this.#frames.push({ name, file, line });
    this.#locations.set(key, id);
    return id;
  }

  #plainFile(file: string): string {
    const path = file.replace(/^file:\/\//, '');
    return path.startsWith(this.#root) ? path.slice(this.#root.length) : path;
  }
}
