/**
 * Whether who asks would rather have JSON than a page, by the `Accept` of the request (RFC 9110): the larger `q` wins, the more
 * exact range on equal ones. A page where it is all the same, as curl has it, or no header.
 */
export function prefersJson(accept: string | undefined): boolean {
  const ranges = (accept ?? '').split(',').flatMap(readRange);
  const json = qualityOf(ranges, ['application/json', 'application/*', '*/*']);
  const page = qualityOf(ranges, ['text/html', 'text/*', '*/*']);
  return json.q > page.q || (json.q === page.q && json.q > 0 && json.exactness > page.exactness);
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

/** By the most exact of the ranges, which come most exact first. */
function qualityOf(
  ranges: readonly Range[],
  types: readonly string[],
): { readonly q: number; readonly exactness: number } {
  for (const [index, type] of types.entries()) {
    const found = ranges.find((range) => range.type === type);
    if (found) return { q: found.q, exactness: types.length - index };
  }
  return { q: 0, exactness: 0 };
}
