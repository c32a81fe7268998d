import { FlameherdError } from './errors.ts';

/**
 * Stacks as one text, root first: `main;serve;query`, as collapsed stacks have them. In names, `;` and `\` have a `\` before
 * them and line ends are `\n` and `\r`, so that each stack has one text and each text one stack.
 */
export function foldedStack(names: readonly string[]): string {
  return names.map(foldedName).join(';');
}

/** A name as it stands in a folded stack. */
export function foldedName(name: string): string {
  return name.replace(/[\\;]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}

const escaped: Readonly<Record<string, string>> = { n: '\n', r: '\r', ';': ';', '\\': '\\' };

/** The names of a folded stack. Throws `bad_parameter`, which names the parameter, where a `\` stands before anything else. */
export function parseFoldedStack(parameter: string, text: string): string[] {
  const names = [''];
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (character === ';') names.push('');
    else if (character === '\\') names[names.length - 1] += meantBy(parameter, text, ++at);
    else names[names.length - 1] += character;
  }
  return names;
}

function meantBy(parameter: string, text: string, at: number): string {
  const next = text[at] ?? '';
  const meant = Object.hasOwn(escaped, next) ? escaped[next] : undefined;
  if (meant !== undefined) return meant;
  throw new FlameherdError(
    'bad_parameter',
    `${parameter}: ${JSON.stringify(`\\${next}`)} at character ${at} means nothing`,
    {
      hint: String.raw`names are joined by ; as collapsed stacks have them: in a name, ; is \; and \ is \\, and line ends are \n and \r`,
    },
  );
}
