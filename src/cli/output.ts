import { styleText } from 'node:util';

/** How commands speak: plain text on standard output, which tests can capture. */
export interface Output {
  write(text: string): void;
  /** Colours only on a terminal, and not under NO_COLOR. */
  readonly colours: boolean;
}

export const terminal: Output = {
  write: (text) => void process.stdout.write(text),
  colours: process.stdout.isTTY && !process.env['NO_COLOR'],
};

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

export function styled(output: Output, style: Style, text: string): string {
  return output.colours ? styleText(style, text, { validateStream: false }) : text;
}

/** Columns of text under their headings, two spaces apart; a column whose cells are all numbers is set right. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const cleaned = rows.map((row) => row.map(printable));
  const widths = headings.map((heading, i) => Math.max(heading.length, ...cleaned.map((row) => (row[i] ?? '').length)));
  const right = headings.map(
    (_, i) =>
      cleaned.length > 0 && cleaned.every((row) => /^[-+]?[\d.,]+( ?%| ?[A-Za-zµ/]{1,6})?$|^$/.test(row[i] ?? '')),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (right[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return `${[headings, ...cleaned].map(line).join('\n')}\n`;
}

/** Names come from pods and profiles: control characters must not reach the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}

/** Of a text of several lines, each printable and all but the first indented. */
export function printableLines(text: string, indent: number): string {
  return text
    .split('\n')
    .map(printable)
    .join(`\n${' '.repeat(indent)}`);
}

/** `12s`, `4m`, `3h`, `2d`: the age or distance of a moment. */
export function roughDuration(ms: number): string {
  const seconds = Math.abs(ms) / 1000;
  if (seconds < 100) return `${Math.round(seconds)}s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)}h`;
  return `${Math.round(seconds / 86_400)}d`;
}

/** A value in its unit as a person reads it: `1.5 GB`, `320 ms`, `12,345`. */
export function humanValue(value: number, unit: string): string {
  if (unit === 'nanoseconds')
    return scaled(value, [
      [1e9 * 60, 'min'],
      [1e9, 's'],
      [1e6, 'ms'],
      [1e3, 'µs'],
      [1, 'ns'],
    ]);
  if (unit === 'bytes')
    return scaled(value, [
      [2 ** 40, 'TiB'],
      [2 ** 30, 'GiB'],
      [2 ** 20, 'MiB'],
      [2 ** 10, 'KiB'],
      [1, 'B'],
    ]);
  return Math.abs(value) < 1e4 && !Number.isInteger(value)
    ? value.toFixed(2)
    : Math.round(value).toLocaleString('en-US');
}

function scaled(value: number, steps: readonly (readonly [size: number, unit: string])[]): string {
  const [size, unit] = steps.find(([step]) => Math.abs(value) >= step) ?? steps.at(-1) ?? [1, ''];
  const shown = value / size;
  return `${Number.isInteger(shown) ? shown : shown.toFixed(Math.abs(shown) < 10 ? 2 : 1)} ${unit}`;
}
