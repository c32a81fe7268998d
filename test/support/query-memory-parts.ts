import { frameName, type StackTrace } from '../../src/model/frame.ts';
import { compileMatchers } from '../../src/model/matcher.ts';
import { comparedName } from '../../src/profile/compared-name.ts';
import type { TotalsPart, TotalsSplit } from '../../src/store/profile-store.ts';
import type { Rows, StackText } from './query-profile.ts';
import { stackFromText } from './store-records.ts';

/** A part of a split, and which stacks are in it. */
export interface MemoryPart {
  readonly part: TotalsPart;
  readonly rowsOf: (rows: Rows) => Rows;
}

/** The parts that some stacks have, one stack at a time. */
export function partsOf(stacks: readonly StackText[], split: TotalsSplit): MemoryPart[] {
  if (split.kind === 'functions') {
    return split.names.flatMap((name) => [
      partThat({ kind: 'function', name, of: 'self' }, split, (names) => names.at(-1) === name),
      partThat({ kind: 'function', name, of: 'total' }, split, (names) => names.includes(name)),
    ]);
  }
  const { matchers, groupBy } = split;
  const meets = compileMatchers(matchers);
  const labelsOf = (stack: StackText): Record<string, string> | undefined => {
    const labels = Object.fromEntries(stackFromText(stack).labels.map((label) => [label.key, textOf(label)]));
    return meets(labels) ? Object.fromEntries(groupBy.map((name) => [name, labels[name] ?? ''])) : undefined;
  };
  const groups = new Set(stacks.flatMap((stack) => JSON.stringify(labelsOf(stack)) ?? []));
  return [...groups].sort().map((group) => ({
    part: { kind: 'labels', labels: JSON.parse(group) as Record<string, string> },
    rowsOf: (rows) => new Map([...rows].filter(([stack]) => JSON.stringify(labelsOf(stack)) === group)),
  }));
}

function partThat(
  part: TotalsPart,
  { isExact = false }: Extract<TotalsSplit, { kind: 'functions' }>,
  counts: (names: readonly string[]) => boolean,
): MemoryPart {
  const shown = isExact ? (name: string): string => name : comparedName;
  const namesOf = (stack: StackText): string[] => stackFromText(stack).frames.map((frame) => shown(frameName(frame)));
  return { part, rowsOf: (rows) => new Map([...rows].filter(([stack]) => counts(namesOf(stack)))) };
}

function textOf(label: StackTrace['labels'][number]): string {
  return 'text' in label ? label.text : String(label.number);
}
