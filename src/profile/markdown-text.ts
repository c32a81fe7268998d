import { cleanText } from '../model/clean-text.ts';

/**
 * Markdown of texts that others chose, for pull requests and chats (GitHub's dialect). Names from profiles and clusters stand
 * in code spans only: in them nothing is HTML, a link, a mention or emphasis. What could end a span or a cell is made
 * harmless; control characters and line ends are spaces; long names are cut.
 */

/** The longest name that is shown in full, in bytes; generic C++ and Rust names may be of any length. */
const longestName = 240;

/** A name inside of a sentence. */
export function markdownName(name: string): string {
  const shown = shortened(name) || '?';
  const runs = shown.match(/`+/g) ?? [];
  const fence = '`'.repeat(1 + Math.max(0, ...runs.map((run) => run.length)));
  // A space at both ends is taken away by the reader, and keeps a backtick of the name from joining the fence.
  const padding = shown.startsWith('`') || shown.endsWith('`') ? ' ' : '';
  return fence + padding + shown + padding + fence;
}

/** A name as a cell of a table: a `|` ends a cell even inside of code, unless an odd number of `\` is before it. */
export function markdownCell(name: string): string {
  return markdownName(name).replaceAll(/\\*\|/g, (run) => (run.length % 2 === 1 ? `\\${run}` : `\\\\${run}`));
}

/** A number with its unit, which others chose, too: as it is where it is of letters and digits only. */
export function markdownAmount(text: string): string {
  return /^[\p{L}\p{N}+±.,%/ -]*$/u.test(text) ? text : markdownCell(text);
}

/** A table; cells are markdown already. `-` before a heading sets the column right. */
export function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const titles = headings.map((heading) => heading.replace(/^-/, ''));
  const rule = headings.map((heading) => (heading.startsWith('-') ? '---:' : '---'));
  return [titles, rule, ...rows].map(line).join('');
}

function shortened(name: string): string {
  // No character has more than four bytes, so one that is too long shows.
  const whole = cleanText(name, longestName + 4);
  return Buffer.byteLength(whole) <= longestName ? whole : `${cleanText(name, longestName)}…`;
}
