import { humanValue } from '../../model/human-value.ts';
import type { TimeWindow, UnixMs } from '../../model/units.ts';
import { windowText } from '../format/time.ts';
import { averageIn, type Columns, type Line, stepAt } from './lines.ts';

/** A line as it is drawn and told. */
export interface DrawnLine extends Line {
  /** The name of its colour: `--series-1`. */
  readonly colour: string;
  /** A part of the first line: its share of that is told with it. */
  readonly isPart: boolean;
}

/** What is told of a line: at a moment, or on average. */
export interface ToldValue {
  readonly label: string;
  readonly colour: string;
  /** Undefined or null where nothing was measured. */
  readonly value: number | null | undefined;
  /** Said after it: the share of the total, or of which time the average is. */
  readonly beside: string | undefined;
}

const colours = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5', '--series-6'] as const;

/** Lines with their colours; of `under`, a part of the first one, it is one that the others do not have. */
export function drawnLines(lines: readonly Line[], under: Line | undefined): DrawnLine[] {
  const drawn = lines.map((line, at) => ({
    ...line,
    colour: colours[at % colours.length] ?? colours[0],
    isPart: false,
  }));
  const colour = lines.length > 1 ? colours[3] : colours[1];
  return under ? [...drawn, { ...under, colour, isPart: true }] : drawn;
}

/** What the lines are in the step that holds a moment. */
export function valuesAt(lines: readonly DrawnLine[], { times, values }: Columns, atMs: UnixMs): ToldValue[] {
  const step = stepAt(times, atMs);
  const total = values[0]?.[step];
  return lines.map(({ label, colour, isPart }, at) => {
    const value = values[at]?.[step] ?? null;
    const share = isPart ? shareText(value, total) : undefined;
    return { label, colour, value, beside: share };
  });
}

/** What the lines are on average over a window; `own` has the windows of lines, by line, where they are others. */
export function averagesOver(
  lines: readonly DrawnLine[],
  window: TimeWindow,
  own: readonly (TimeWindow | undefined)[],
): ToldValue[] {
  const total = lines[0] && averageIn(lines[0].points, window);
  return lines.map(({ label, colour, isPart, points }, at) => {
    const over = own[at];
    const value = averageIn(points, over ?? window);
    const share = isPart ? shareText(value, total) : undefined;
    const told = share === undefined ? over && `over ${windowText(over)}` : `${share} of the total`;
    return { label, colour, value, beside: told };
  });
}

/** `total 1.2 cores, pricing.Total 0.3 cores 25 %`. */
export function spokenValues(values: readonly ToldValue[], unit: string): string {
  return values
    .map(({ label, value, beside }) => [label, valueText(value, unit), beside].filter(Boolean).join(' '))
    .join(', ');
}

export function valueText(value: number | null | undefined, unit: string): string {
  return value === null || value === undefined ? 'nothing measured' : humanValue(value, unit);
}

function shareText(value: number | null | undefined, total: number | null | undefined): string | undefined {
  return typeof value === 'number' && total ? humanValue(value / total, 'share') : undefined;
}
