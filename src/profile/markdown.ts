import { humanValue } from '../model/human-value.ts';
import { markdownAmount, markdownCell, markdownTable } from './markdown-text.ts';
import type { Top } from './top.ts';

/** The most rows that are shown: a comment on a pull request is read at a glance. */
export const mostMarkdownRows = 10;

export interface MarkdownNotes {
  /** What was asked for, in markdown: names in it stand in code spans. */
  readonly title: string;
  /** How the numbers came about, and warnings: sentences in markdown. */
  readonly notes: readonly string[];
}

/**
 * A top as markdown, for pull requests and chats: the whole, at most ten functions with their shares of it, and how it came
 * about. Names are data: they stand in code spans. `top` should have as many rows as are to be shown.
 *
 *     **cpu of `shop/checkout`: 12.3 min**
 *
 *     | self | share | total | share | function |
 *     | ---: | ---: | ---: | ---: | --- |
 *     | 4.10 min | 33.3 % | 8.20 min | 66.7 % | `main.query` |
 *
 *     Other functions: 66.7 % of self.
 *
 *     60 profiles of 3 processes, …
 */
export function markdownOf(top: Top, { title, notes }: MarkdownNotes): string {
  const { total, divisor, unit } = top;
  const amount = (value: number | bigint): string => markdownAmount(humanValue(Number(value) / divisor, unit));
  const rows = top.rows.slice(0, mostMarkdownRows);
  const paragraphs = [
    `**${title}: ${amount(total)}**`,
    ...(rows.length === 0 ? [] : [markdownTable(['-self', '-share', '-total', '-share', 'function'], rows.map(cells))]),
    ...(top.foldedShare > 0 ? [`Other functions: ${percent(top.foldedShare)} of self.`] : []),
    ...notes,
  ];
  return `${paragraphs.map((paragraph) => paragraph.trimEnd()).join('\n\n')}\n`;

  function cells({ function: name, self, total: own }: Top['rows'][number]): string[] {
    return [amount(self), shareOf(self, total), amount(own), shareOf(own, total), markdownCell(name)];
  }
}

/** Of a whole that is 0 a share says nothing. */
function shareOf(part: number | bigint, whole: number | bigint): string {
  return Number(whole) === 0 ? '' : percent(Number(part) / Number(whole));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
