import * as fc from 'fast-check';
import type { DiffFlameAnswer, FlameAnswer } from '../../../src/ui/api/answers.ts';

/** A flame graph as the API answers it, from folded stacks: `main;serve;query 4`, of diffs `main;serve 4 2` (now, before). */
export function graphOf(stacks: string): FlameAnswer {
  const rows = stacks.trim().split('\n').map(parsedRow);
  return answerOf(rows.map(({ stack, now }) => ({ stack, value: now })));
}

export function diffOf(stacks: string): DiffFlameAnswer {
  const rows = stacks.trim().split('\n').map(parsedRow);
  const now = answerOf(rows.map(({ stack, now: value }) => ({ stack, value })));
  const before = answerOf(rows.map(({ stack, before: value }) => ({ stack, value })));
  const ratio = (total: number | undefined): number => (total ? 1 / total : 0);
  const meta = { ...now.meta, factor: ratio(now.total[0]), baseFactor: ratio(before.total[0]) };
  return { ...now, baseSelf: before.self, baseTotal: before.total, meta: meta as unknown as DiffFlameAnswer['meta'] };
}

function parsedRow(line: string): { stack: string[]; now: number; before: number } {
  const [, stack = '', now = '', before = '0'] = /^\s*(.*?) (-?[\d.]+)(?: (-?[\d.]+))?$/.exec(line) ?? [];
  return { stack: stack.split(';'), now: Number(now), before: Number(before) };
}

interface Frame {
  readonly name: string;
  readonly children: Frame[];
  self: number;
  total: number;
}

/** Children stand in the order in which they come. */
function answerOf(rows: readonly { readonly stack: readonly string[]; readonly value: number }[]): FlameAnswer {
  const root: Frame = { name: 'total', children: [], self: 0, total: 0 };
  for (const { stack, value } of rows) {
    let at = root;
    at.total += value;
    for (const name of stack.filter((one) => one !== '')) {
      let child = at.children.find((one) => one.name === name);
      if (!child) at.children.push((child = { name, children: [], self: 0, total: 0 }));
      at = child;
      at.total += value;
    }
    at.self += value;
  }
  return flat(root);
}

function flat(root: Frame): FlameAnswer {
  const names: string[] = [];
  const answer = {
    unit: 'count',
    names,
    name: [] as number[],
    parent: [] as number[],
    self: [] as number[],
    total: [] as number[],
  };
  const add = ({ name, children, self, total }: Frame, parent: number): void => {
    if (!names.includes(name)) names.push(name);
    const node = answer.name.push(names.indexOf(name)) - 1;
    answer.parent.push(parent);
    answer.self.push(self);
    answer.total.push(total);
    for (const child of children) add(child, node);
  };
  add(root, -1);
  return { ...answer, meta: {} as FlameAnswer['meta'] };
}

const stack = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 7 });
/** Some hundred times as large as others, so that some frames are wider than a pixel and most are not. */
const value = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 100, max: 2000 }));

/** Stacks of few functions, with recursion; some amounts are 0, some small, some large. */
export const anyGraph: fc.Arbitrary<FlameAnswer> = fc
  .array(fc.tuple(stack, value), { maxLength: 60 })
  .map((rows) => answerOf(rows.map(([names, amount]) => ({ stack: names, value: amount }))));

export const anyDiff: fc.Arbitrary<DiffFlameAnswer> = fc
  .array(fc.tuple(stack, value, value), { minLength: 1, maxLength: 40 })
  .map((rows) => diffOf(rows.map(([names, now, before]) => `${names.join(';')} ${now} ${before}`).join('\n')));

/** The graph with its smallest nodes folded away, as the server does it: totals stay, nodes and their selves go. */
export function folded(answer: FlameAnswer, least: number): FlameAnswer {
  const kept = answer.total.map((total, node) => node === 0 || total >= least);
  const place = new Map<number, number>();
  answer.total.forEach((_, node) => {
    if (kept[node]) place.set(node, place.size);
  });
  const picked = (column: readonly number[]): number[] => column.filter((_, node) => kept[node]);
  return {
    ...answer,
    name: picked(answer.name),
    parent: picked(answer.parent).map((parent) => (parent < 0 ? -1 : (place.get(parent) ?? 0))),
    self: picked(answer.self),
    total: picked(answer.total),
  };
}
