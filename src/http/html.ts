/** HTML from a template: what is filled in is text, and is escaped; only another `Html` is taken as it stands. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Fill = string | number | Html | readonly Html[];

export function html(parts: TemplateStringsArray, ...fills: readonly Fill[]): Html {
  return new Html(parts.map((part, index) => part + (index < fills.length ? render(fills[index] ?? '') : '')).join(''));
}

function render(fill: Fill): string {
  if (fill instanceof Html) return fill.text;
  if (typeof fill === 'object') return fill.map(({ text }) => text).join('');
  return String(fill).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A whole page. The policy of the server allows no script and no style in it. */
export function page(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${title}</title></head>
<body>
${body}
</body>
</html>
`.text;
}
