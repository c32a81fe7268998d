import type { Program, SourceFunction, SourceStack } from './program.ts';
import type { Random } from './random.ts';

/** How much a deploy changes, as shares of what there is. */
export interface ChangeRate {
  readonly name: string;
  /** Own files in which lines move. */
  readonly ownFiles: number;
  /** Files of libraries in which lines move, and how often: a dependency or the toolchain was upgraded. */
  readonly dependencyFiles: number;
  /** Own functions that go into their callers, and as many that are put between a function and its callers. */
  readonly functions: number;
  /** Whether all lines of a file move, or those below the edit. */
  readonly wholeFiles: boolean;
}

export const changeRates: readonly ChangeRate[] = [
  { name: 'small fix', ownFiles: 0.02, dependencyFiles: 0, functions: 0, wholeFiles: false },
  { name: 'normal', ownFiles: 0.5, dependencyFiles: 0, functions: 0.01, wholeFiles: false },
  { name: 'refactoring', ownFiles: 1, dependencyFiles: 0.3, functions: 0.1, wholeFiles: true },
];

/** Changes a program into the next build of it. */
export function deploy(program: Program, rate: ChangeRate, random: Random): void {
  program.build++;
  moveLines(program, rate, random);
  const own = program.functions.filter(({ isOwn }) => isOwn);
  const changed = random.shuffle(own).slice(0, Math.round(own.length * rate.functions));
  for (const fn of changed) {
    if (random.next() < 0.5) inlineAway(program, fn);
    else putBetween(program, fn, random);
  }
}

function moveLines(program: Program, rate: ChangeRate, random: Random): void {
  const files = Map.groupBy(program.functions, ({ file }) => file);
  const edits = new Map<string, { readonly below: number; readonly by: number }>();
  for (const [file, functions] of files) {
    const share = functions.some(({ isOwn }) => isOwn) ? rate.ownFiles : rate.dependencyFiles;
    if (random.next() >= share) continue;
    const last = Math.max(...functions.map(({ startLine }) => startLine));
    edits.set(file, { below: rate.wholeFiles ? 0 : random.below(last + 1), by: random.below(40) - 10 || 1 });
  }
  const moved = (file: string, line: number): number => {
    const edit = edits.get(file);
    return edit && line > edit.below ? Math.max(1, line + edit.by) : line;
  };
  for (const location of program.locations) {
    for (const line of location) line.line = moved(line.function.file, line.line);
  }
  for (const fn of program.functions) fn.startLine = moved(fn.file, fn.startLine);
}

function stacksThrough(program: Program, fn: SourceFunction): SourceStack[] {
  const calls = (stack: SourceStack): boolean =>
    stack.locations.some((location) => location.some((line) => line.function === fn));
  return Object.values(program.stacks).flatMap((stacks) => stacks.filter(calls));
}

/** The function is no more: what it did is in its callers. */
function inlineAway(program: Program, fn: SourceFunction): void {
  program.functions = program.functions.filter((other) => other !== fn);
  for (const stack of stacksThrough(program, fn)) {
    const left = stack.locations.filter((location) => location.every((line) => line.function !== fn));
    if (left.length > 0) stack.locations = left;
  }
}

/** A new function is called by all that called this one, and calls it. */
function putBetween(program: Program, fn: SourceFunction, random: Random): void {
  const name = `${fn.name}V${program.build}`;
  const added = { name, file: fn.file, startLine: fn.startLine + 100 + random.below(100), isOwn: true };
  program.functions.push(added);
  const location = [{ function: added, line: added.startLine + 3 }];
  program.locations.push(location);
  for (const stack of stacksThrough(program, fn)) {
    const at = stack.locations.findIndex((called) => called.some((line) => line.function === fn));
    stack.locations.splice(at, 0, location);
  }
}
