import { styleText } from 'node:util';

import { humanValue as plainHumanValue } from '../model/human-value.ts';

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
      cleaned.length > 0 && cleaned.every((row) => /^[-+±]?[\d.,]+( ?%| ?[A-Za-zµ/]{1,6})?$|^$/.test(row[i] ?? '')),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (right[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return `${[headings, ...cleaned].map(line).join('\n')}\n`;
}

/** Names come from pods and profiles: no control character reaches the terminal, and none that turns the direction of writing. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, ' ');
}

/** A value in its unit, which is a text of the profile's as well. */
export function humanValue(amount: number | bigint, unit: string): string {
  return printable(plainHumanValue(amount, unit));
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
