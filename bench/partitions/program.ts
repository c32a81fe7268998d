import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PprofDecoder } from '../../src/pprof/decode.ts';
import { defaultDecodeLimits } from '../../src/pprof/decode-limits.ts';
import type { DecodedProfile } from '../../src/pprof/decoded-profile.ts';
import { Random } from './random.ts';

/** A function as its source says it. Deploys change it in place. */
export interface SourceFunction {
  name: string;
  file: string;
  startLine: number;
  /** Of the service itself, not of a library. */
  readonly isOwn: boolean;
}

export interface SourceLine {
  readonly function: SourceFunction;
  line: number;
}

/** What one address stands for: a line and what was inlined around it, outermost first. */
export type SourceLocation = SourceLine[];

export interface SourceStack {
  /** From the root. */
  locations: SourceLocation[];
  /** Heap: the label `bytes`. */
  readonly size: number | undefined;
}

/** A program as the profiles of one build show it. */
export interface Program {
  build: number;
  functions: SourceFunction[];
  readonly locations: SourceLocation[];
  /** By kind, the most frequent first. */
  readonly stacks: Readonly<Record<'cpu' | 'heap' | 'goroutine' | 'block' | 'mutex', SourceStack[]>>;
}

const raw = fileURLToPath(new URL('../../../shared/workload/raw/', import.meta.url));
const ownFunction =
  /^(github\.com\/(grafana|DataDog|parca-dev|polarsignals|cortexproject|prometheus|thanos-io)\/|main\.)/;
/** Stacks of a service of the reference workload, by kind. */
const sizes = { cpu: 4000, heap: 1600, goroutine: 250, block: 420, mutex: 200 };

/** Whether programs are built from the real profiles of the reference workload; else they are made up. */
export const hasRealProfiles = existsSync(`${raw}pyro_heap`);

export function startProgram(seed: number): Program {
  const random = new Random(seed);
  const reader = new ProgramReader();
  if (hasRealProfiles) {
    const cpu = reader.read('pyro_cpu_trunc_1');
    const heap = random.shuffle(reader.read('pyro_heap'));
    return reader.program(
      random.shuffle(recombined([...cpu, ...heap.slice(0, 1200)], sizes.cpu, random)),
      heap,
      random,
    );
  }
  const stacks = madeStacks(reader, random);
  return reader.program(random.shuffle(stacks).slice(0, sizes.cpu), random.shuffle(stacks), random);
}

/** Functions and locations of several profiles, told apart by content. */
class ProgramReader {
  readonly #functions = new Map<string, SourceFunction>();
  readonly #locations: SourceLocation[] = [];
  readonly #decoder = new PprofDecoder(defaultDecodeLimits);

  function(name: string, file: string, startLine: number): SourceFunction {
    const key = `${name}\n${file}`;
    const known = this.#functions.get(key) ?? { name, file, startLine, isOwn: ownFunction.test(name) };
    this.#functions.set(key, known);
    return known;
  }

  location(lines: readonly SourceLine[]): SourceLocation {
    const location = [...lines];
    this.#locations.push(location);
    return location;
  }

  /** The different stacks of a real profile. */
  read(name: string): SourceLocation[][] {
    const decoded = this.#decoder.decode(readFileSync(raw + name));
    const locations = Array.from({ length: decoded.locationCount }, (_, at) => this.location(this.#lines(decoded, at)));
    const stacks = new Map<string, SourceLocation[]>();
    for (let sample = 0; sample < decoded.sampleCount; sample++) {
      const from = decoded.sampleStart[sample] ?? 0;
      const path = decoded.sampleLocation.slice(from, decoded.sampleStart[sample + 1]).reverse();
      if (path.length > 0)
        stacks.set(
          path.join(),
          Array.from(path, (at) => locations[at] ?? []),
        );
    }
    return [...stacks.values()];
  }

  program(cpu: SourceLocation[][], heap: SourceLocation[][], random: Random): Program {
    const plain = (locations: SourceLocation[]): SourceStack => ({ locations: [...locations], size: undefined });
    const sized = (locations: SourceLocation[]): SourceStack => ({
      locations: [...locations],
      size: 16 << random.below(14),
    });
    return {
      build: 1,
      functions: [...this.#functions.values()],
      locations: this.#locations,
      stacks: {
        cpu: cpu.map(plain),
        heap: heap.slice(0, sizes.heap).map(sized),
        goroutine: random.shuffle(heap).slice(0, sizes.goroutine).map(plain),
        block: random.shuffle(heap).slice(0, sizes.block).map(plain),
        mutex: random.shuffle(heap).slice(0, sizes.mutex).map(plain),
      },
    };
  }

  #lines(decoded: DecodedProfile, location: number): SourceLine[] {
    const lines: SourceLine[] = [];
    const first = decoded.lineStart[location] ?? 0;
    for (let at = (decoded.lineStart[location + 1] ?? 0) - 1; at >= first; at--) {
      const fn = decoded.lineFunction[at] ?? 0;
      const line = decoded.lineNumber[at] ?? 0;
      const name = decoded.text(decoded.functionName[fn] ?? 0);
      const file = decoded.text(decoded.functionFile[fn] ?? 0);
      // Older profiles say nothing of where functions begin, newer ones do.
      const startLine = decoded.functionStartLine[fn] || Math.max(1, line - 5);
      lines.push({ function: this.function(name, file, startLine), line });
    }
    return lines;
  }
}

/** Crosses stacks where they share a location, until there are enough: a long tail, as busy services have. */
function recombined(stacks: readonly SourceLocation[][], count: number, random: Random): SourceLocation[][] {
  const all = [...stacks];
  const through = new Map<SourceLocation, [SourceLocation[], number][]>();
  for (const stack of stacks) {
    stack.forEach((location, at) => {
      const known = through.get(location) ?? [];
      if (known.length < 64) through.set(location, [...known, [stack, at]]);
    });
  }
  for (let tries = 0; all.length < count && tries < 20_000; tries++) {
    const stack = random.pick(all);
    const at = random.below(stack.length);
    const location = stack[at];
    const crossings = location ? through.get(location) : undefined;
    if (!crossings || crossings.length < 2) continue;
    const [other, crossing] = random.pick(crossings);
    if (other !== stack) all.push([...stack.slice(0, at), ...other.slice(crossing)]);
  }
  return all;
}

/** Where there are no real profiles: 700 functions that call each other, 20 deep. */
function madeStacks(reader: ProgramReader, random: Random): SourceLocation[][] {
  const depth = 20;
  const locations = Array.from({ length: 700 }, (_, at) => {
    const owner = at % 3 === 0 ? 'main.' : `example.com/lib${at % 20}.`;
    const made = reader.function(`${owner}(*Type${at % 90}).Method${at}`, `src/file${at % 90}.go`, 10 * at + 1);
    return reader.location([{ function: made, line: 10 * at + 4 }]);
  });
  const perLevel = locations.length / depth;
  return Array.from({ length: 5000 }, () =>
    Array.from({ length: depth }, (_, level) => {
      const spread = level < 12 ? 1.5 : perLevel;
      return locations[Math.floor(level * perLevel + random.next() * spread)] ?? [];
    }),
  );
}
