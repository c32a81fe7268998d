import { counted, humanChange, humanValue } from '../../model/human-value.ts';
import { nameOf } from './paths.ts';
import type { FlameModel } from './prepare.ts';
import type { Box } from './scene.ts';

/** What a box is, in words: for those who point at it, for screen readers, and for titles of an SVG. */
export interface Description {
  readonly title: string;
  readonly lines: readonly string[];
}

export interface Describing {
  readonly model: FlameModel;
  readonly formatValue: (value: number) => string;
  /** By name: 1 where a change is not sure. */
  readonly unsure?: Uint8Array | undefined;
}

export function describe(
  box: Pick<Box, 'kind' | 'node' | 'from' | 'to' | 'start' | 'end'>,
  about: Describing,
): Description {
  const { model } = about;
  if (box.kind === 'frame') return describeNode(box.node, about);
  if (box.kind === 'run') return describeRun(box, model);
  return {
    title: `${share(box.end - box.start)} that has no frames in this answer`,
    lines: [`below ${nameOf(model, box.node)}`, 'Click to see what it is made of.'],
  };
}

export function describeNode(node: number, about: Describing): Description {
  const { model } = about;
  return { title: nameOf(model, node), lines: model.baseTotal ? changeLines(node, about) : amountLines(node, about) };
}

function describeRun(
  { from, to, start, end }: Pick<Box, 'from' | 'to' | 'start' | 'end'>,
  model: FlameModel,
): Description {
  const { order, width } = model;
  let largest = order[from] as number;
  for (let place = from; place < to; place++) {
    const node = order[place] as number;
    if ((width[node] as number) > (width[largest] as number)) largest = node;
  }
  const each = to - from === 1 ? 'narrower than a pixel' : 'each narrower than a pixel';
  return {
    title: `${counted(to - from, 'frame')}, ${share(end - start)}`,
    lines: [each, `largest: ${nameOf(model, largest)} (${share(width[largest] as number)})`, 'Click to zoom to them.'],
  };
}

function amountLines(node: number, { model, formatValue }: Describing): string[] {
  const { total, self, parent, wholeTotal } = model;
  const above = parent[node] as number;
  const [own, ofParent] = [total[node] as number, total[above] ?? 0];
  const parentPart = above > 0 && ofParent !== 0 ? `, ${share(own / ofParent)} of its caller` : '';
  return [
    `total ${formatValue(own)} (${share(part(own, wholeTotal))}${parentPart})`,
    `self ${formatValue(self[node] as number)} (${share(part(self[node] as number, wholeTotal))})`,
  ];
}

function changeLines(node: number, { model, formatValue, unsure }: Describing): string[] {
  const { total, self, baseTotal, baseSelf, wholeTotal, wholeBaseTotal, name } = model;
  const line = (word: string, now: number, before: number): string => {
    const [nowShare, beforeShare] = [part(now, wholeTotal), part(before, wholeBaseTotal)];
    return `${word} ${share(beforeShare)} → ${share(nowShare)} (${changeText(model, now, before)})`;
  };
  const [now, before] = [total[node] as number, baseTotal?.[node] ?? 0];
  const word = before === 0 ? ', new' : now === 0 ? ', gone' : '';
  return [
    line('total', now, before),
    line('self', self[node] as number, baseSelf?.[node] ?? 0),
    `${formatValue(before)} → ${formatValue(now)}${word}`,
    ...(unsure?.[name[node] as number] === 1 ? ['Not sure: scrapes differ by as much anyway.'] : []),
  ];
}

/** Of the tiniest ones only that they are there. */
export function share(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-5 ? '< 0.001 %' : humanValue(value, 'share');
}

/** How an amount changed, as both sides are compared: `+2.1 points` of shares, `+0.31 cores` per process. */
export function changeText(model: FlameModel, now: number, before: number): string {
  const { factor, baseFactor, wholeTotal, wholeBaseTotal, changeUnit = 'share' } = model;
  if (changeUnit === 'share') return points(part(now, wholeTotal) - part(before, wholeBaseTotal));
  const [is, was] = [now * factor, before * baseFactor];
  const whole = Math.max(Math.abs(wholeTotal * factor), Math.abs(wholeBaseTotal * baseFactor));
  return Math.abs(is - was) < 1e-5 * whole ? 'no change' : humanChange(is - was, changeUnit);
}

/** `+2.1 points`: of two shares. */
export function points(change: number): string {
  return Math.abs(change) < 1e-5 ? 'no change' : humanChange(Math.round(change * 1e5) / 1e5, 'share');
}

export function part(value: number, whole: number): number {
  return whole === 0 ? 0 : value / whole;
}
