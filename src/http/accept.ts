/**
 * Whether who asks wants a page, by the `Accept` of the request (RFC 9110): it names `text/html`, and rates it at least as high
 * as JSON. curl and programs name none, and have JSON: a page is of use to a browser only.
 */
export function wantsPage(accept: string | undefined): boolean {
  const ranges = (accept ?? '').split(',').flatMap(readRange);
  const page = qualityOf(ranges, ['text/html', 'text/*']);
  return page > 0 && page >= qualityOf(ranges, ['application/json', 'application/*']);
}

interface Range {
  readonly type: string;
  readonly q: number;
}

function readRange(text: string): Range[] {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
  return /^[\w*.+-]+\/[\w*.+-]+$/.test(type) && /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(quality)
    ? [{ type, q: Number(quality) }]
    : [];
}

/** By the most exact of the ranges, which come most exact first; 0 where none is named. */
function qualityOf(ranges: readonly Range[], types: readonly string[]): number {
  for (const type of types) {
    const found = ranges.find((range) => range.type === type);
    if (found) return found.q;
  }
  return 0;
}
