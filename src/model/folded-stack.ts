import { FlameherdError } from './errors.ts';

/**
 * Stacks as one text, root first: `main;serve;query`, as collapsed stacks have them. In names, `;` and `\` have a `\` before
 * them, line ends are `\n` and `\r`, and what a terminal may take for a command or another direction of writing is `\u` with
 * four digits: each stack has one text and each text one stack.
 */
export function foldedStack(names: readonly string[]): string {
  return names.map(foldedName).join(';');
}

/** A name as it stands in a folded stack. */
export function foldedName(name: string): string {
  const text = name.replace(/[\\;]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return text.replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const unprintable = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

const escaped: Readonly<Record<string, string>> = { n: '\n', r: '\r', ';': ';', '\\': '\\' };

/** The names of a folded stack. Throws `bad_parameter`, which names the parameter, where a `\` stands before anything else. */
export function parseFoldedStack(parameter: string, text: string): string[] {
  const names = [''];
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (character === ';') names.push('');
    else if (character === '\\') {
      const code = /^\\u([0-9a-f]{4})/.exec(text.slice(at, at + 6))?.[1];
      names[names.length - 1] +=
        code === undefined ? meantBy(parameter, text, at + 1) : String.fromCharCode(parseInt(code, 16));
      at += code === undefined ? 1 : 5;
    } else names[names.length - 1] += character;
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
