/** What the server says in words, for a reader of pages: with moments and addresses of the API as things of their own. */
export type TextPart = string | { readonly ms: number } | { readonly href: string; readonly label: string };

/** Pages that say what an address of the API says, by the first part of its path. */
const pagesOf: Readonly<Record<string, readonly [href: string, label: string]>> = {
  targets: ['/targets', 'the targets page'],
  pause: ['/targets', 'the targets page'],
  status: ['/status', 'the status page'],
  growth: ['/growth', 'the growth page'],
  rollouts: ['/rollouts', 'the page of roll-outs'],
};

const told = /(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z)|\/api\/v1\/([a-z]+)(?![\w/?-])/;

/** Splits it; what is no moment and has no page stays as it is. */
export function partsOf(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let rest = text;
  for (let found = told.exec(rest); found; found = told.exec(rest)) {
    const [whole, moment, route = ''] = found;
    const page = pagesOf[route];
    parts.push(rest.slice(0, found.index));
    if (moment !== undefined) parts.push({ ms: Date.parse(moment) });
    else parts.push(page ? { href: page[0], label: page[1] } : whole);
    rest = rest.slice(found.index + whole.length);
  }
  return [...parts, rest].filter((part) => part !== '');
}

/** With a capital first letter: the server's words go on where another sentence begins. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A sentence of its own, with its full stop. */
export function sentence(text: string): string {
  return capital(text) + (/[.!?…]$/.test(text) ? '' : '.');
}
