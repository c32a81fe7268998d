import { createHash } from 'node:crypto';
import type { Frame, FunctionName, PprofLabel, StackTrace } from '../../src/model/frame.ts';
import type { Program, SourceFunction, SourceLocation, SourceStack } from './program.ts';

/** The stacks of one kind as one build sends them. */
export interface BuiltStacks {
  readonly hashHigh: Int32Array;
  readonly hashLow: Int32Array;
  readonly traces: readonly StackTrace[];
}

export type Build = Readonly<Record<keyof Program['stacks'], BuiltStacks>>;

/** What a program's stacks look like now. `buildInFrames`: frames name the build id, as pprof's mappings do. */
export function buildOf(program: Program, buildInFrames: boolean): Build {
  const frames = new FrameMaker(buildInFrames ? `build-${program.build}` : '');
  return {
    cpu: frames.stacks(program.stacks.cpu),
    heap: frames.stacks(program.stacks.heap),
    goroutine: frames.stacks(program.stacks.goroutine),
    block: frames.stacks(program.stacks.block),
    mutex: frames.stacks(program.stacks.mutex),
  };
}

class FrameMaker {
  readonly #mapping: Frame['mapping'];
  readonly #functions = new Map<SourceFunction, FunctionName>();
  readonly #locations = new Map<SourceLocation, { readonly frames: readonly Frame[]; readonly key: string }>();

  constructor(buildId: string) {
    this.#mapping = { file: '/app/service', buildId };
  }

  /** Stacks that a deploy has made equal come once. */
  stacks(stacks: readonly SourceStack[]): BuiltStacks {
    const traces = new Map<string, StackTrace>();
    for (const { locations, size } of stacks) {
      const made = locations.map((location) => this.#location(location));
      const labels: PprofLabel[] = size === undefined ? [] : [{ key: 'bytes', number: BigInt(size), unit: '' }];
      const hash = createHash('sha1').update(`${made.map(({ key }) => key).join(';')} ${size}`);
      traces.set(hash.digest('hex'), { frames: made.flatMap(({ frames }) => frames), labels });
    }
    const hashes = [...traces.keys()].map((text) => Buffer.from(text, 'hex'));
    return {
      hashHigh: Int32Array.from(hashes, (hash) => hash.readInt32LE(0)),
      hashLow: Int32Array.from(hashes, (hash) => hash.readInt32LE(4)),
      traces: [...traces.values()],
    };
  }

  #location(location: SourceLocation): { readonly frames: readonly Frame[]; readonly key: string } {
    const known = this.#locations.get(location);
    if (known) return known;
    const frames = location.map((line, at): Frame => {
      const inlined = at > 0;
      const place = { function: this.#function(line.function), mapping: this.#mapping };
      return { ...place, line: line.line, column: 0, inlined, folded: false, address: 0n };
    });
    const key = JSON.stringify(frames.map(({ function: fn, line, mapping }) => [fn, line, mapping]));
    const made = { frames, key };
    this.#locations.set(location, made);
    return made;
  }

  #function(source: SourceFunction): FunctionName {
    const { name, file, startLine } = source;
    const known = this.#functions.get(source) ?? { name, systemName: name, file, startLine };
    this.#functions.set(source, known);
    return known;
  }
}
