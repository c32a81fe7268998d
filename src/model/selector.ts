import { FlameherdError } from './errors.ts';
import { formatLabels } from './labels.ts';
import { type ProfileType, parseProfileType, profileTypeAliases } from './profile-type.ts';

export const matchOperators = ['=', '!=', '=~', '!~'] as const;
export type MatchOperator = (typeof matchOperators)[number];

/** A condition on one label, as in PromQL: regular expressions are RE2 and must match the whole value; a label that is absent is "". */
export interface Matcher {
  readonly name: string;
  readonly operator: MatchOperator;
  readonly value: string;
  /** And it is one of these: how scopes are put on questions. No query can write it. */
  readonly among?: ReadonlySet<string>;
}

/** A profile type and the conditions on labels that select its series. */
export interface Selector {
  readonly type: ProfileType;
  readonly matchers: readonly Matcher[];
}

/** The value that a label must have; undefined where it may have several. */
export function requiredValue({ matchers }: Pick<Selector, 'matchers'>, label: string): string | undefined {
  return matchers.find(({ name, operator }) => name === label && operator === '=')?.value;
}

/** Whether a query can hold the name of a label. */
export function isLabelName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_.\-/]*$/.test(name);
}

/**
 * Reads `cpu{namespace="shop",workload=~"check.*"}`: a profile type or an alias, then matchers. Throws `bad_query`, which
 * says what stands where and what is allowed. Expressions are taken as they stand: `parseSelector` checks them, too.
 */
export function readSelector(text: string): Selector {
  const brace = text.indexOf('{');
  const typeText = (brace < 0 ? text : text.slice(0, brace)).trim();
  const type = parseProfileType(typeText);
  if (!type) {
    throw new FlameherdError('bad_query', `query: ${JSON.stringify(typeText)} is no profile type`, {
      hint: `use one of ${Object.keys(profileTypeAliases).join(', ')}, or name:sample:unit:period:unit such as ${profileTypeAliases['cpu']}`,
    });
  }
  return { type, matchers: brace < 0 ? [] : readMatchers(text.slice(brace)) };
}

/** Reads `{a="b",c=~"d.*"}`. Throws `bad_query`. Expressions are taken as they stand. */
export function readMatchers(text: string): Matcher[] {
  const scan = new Scanner(text);
  scan.expect(/^\s*\{/, 'an opening {');
  const matchers: Matcher[] = [];
  while (!scan.accept(/^\s*\}/)) {
    if (matchers.length > 0) {
      scan.expect(/^\s*,/, 'a comma or the closing }');
      if (scan.accept(/^\s*\}/)) break;
    }
    const name = scan.expect(/^\s*([A-Za-z_][A-Za-z0-9_.\-/]*)/, 'a label name');
    const operator = scan.expect(/^\s*(=~|!~|!=|=)/, `one of ${matchOperators.join(' ')}`) as MatchOperator;
    const value = scan.quoted();
    matchers.push({ name, operator, value });
  }
  scan.expect(/^\s*$/, 'the end');
  return matchers;
}

/** As `readMatchers` reads them. */
export function formatMatchers(matchers: readonly Matcher[]): string {
  // Label sets leave out what is empty; a matcher asks for it.
  if (matchers.every(({ operator, value }) => operator === '=' && value !== '')) {
    const pairs = matchers.map(({ name, value }): [string, string] => [name, value]);
    if (new Set(matchers.map(({ name }) => name)).size === pairs.length) return formatLabels(Object.fromEntries(pairs));
  }
  return `{${matchers.map(({ name, operator, value }) => name + operator + JSON.stringify(value)).join(',')}}`;
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  accept(pattern: RegExp): string | undefined {
    const found = pattern.exec(this.#text.slice(this.#at));
    if (!found) return undefined;
    this.#at += found[0].length;
    return found[1] ?? found[0];
  }

  expect(pattern: RegExp, what: string): string {
    const found = this.accept(pattern);
    if (found === undefined) throw this.#failure(what);
    return found;
  }

  /** A string in double quotes with the escapes of JSON, or in single quotes or back-quotes taken as it stands. */
  quoted(): string {
    const double = this.accept(/^\s*("(?:[^"\\]|\\.)*")/);
    if (double !== undefined) {
      try {
        return JSON.parse(double) as string;
      } catch {
        throw new FlameherdError('bad_query', `query: ${double} has an escape that is unknown`, {
          hint: 'escape as in JSON, or write the value between back-quotes to take it as it stands',
        });
      }
    }
    const plain = this.accept(/^\s*('[^']*'|`[^`]*`)/);
    if (plain === undefined) throw this.#failure('a value in quotes');
    return plain.slice(1, -1);
  }

  #failure(what: string): FlameherdError {
    const rest = this.#text.slice(this.#at).trim().slice(0, 40);
    const where = `after ${JSON.stringify(this.#text.slice(Math.max(0, this.#at - 30), this.#at))}`;
    return new FlameherdError(
      'bad_query',
      `query: expected ${what} ${where}, found ${rest ? JSON.stringify(rest) : 'the end'}`,
      {
        hint: 'matchers look like {namespace="shop",workload=~"check.*"}',
      },
    );
  }
}
