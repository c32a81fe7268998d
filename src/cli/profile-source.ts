import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { FlameherdError } from '../model/errors.ts';
import { nearest } from '../model/near.ts';
import { parseProfileType, profileTypeAliases } from '../model/profile-type.ts';

/** What an argument names: a profile in a file, or profiles that the server has. */
export type ProfileSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'query'; readonly query: string };

const fileEnding = /\.(pb|gz|pprof|prof)$/;

/**
 * A profile type, with or without matchers, is a query. What else is there on the disk, ends as profiles do or has a slash
 * is a file; so a file that is called like a profile type is written `./heap`. Throws `bad_query` when it is neither.
 */
export function sourceOf(argument: string): ProfileSource {
  const brace = argument.indexOf('{');
  const name = (brace < 0 ? argument : argument.slice(0, brace)).trim();
  if (parseProfileType(name) !== undefined) return { kind: 'query', query: argument };
  const isThere = statSync(argument, { throwIfNoEntry: false })?.isDirectory() === false;
  const looksLikeFile = brace < 0 && (fileEnding.test(argument) || argument.includes('/'));
  if (isThere || looksLikeFile) return { kind: 'file', path: argument };
  const near = nearest(name, Object.keys(profileTypeAliases));
  throw new FlameherdError('bad_query', `${JSON.stringify(argument)} is no profile type, and there is no such file`, {
    hint:
      near.length > 0
        ? `did you mean ${near.join(' or ')}?`
        : `profile types are ${Object.keys(profileTypeAliases).join(', ')}, or five parts joined by colons`,
  });
}

/** The time that a question to the server is about. */
export interface WindowFlags {
  readonly from?: string;
  readonly to?: string;
  readonly last?: string;
}

/** What of the server's profiles is meant, besides the query. */
export interface SelectionFlags extends WindowFlags {
  readonly namespace?: string;
  readonly workload?: string;
  readonly type?: string;
  readonly aggregate?: string;
}

/** Options of a question to the server, which mean nothing for a file. */
export const serverOnly = ['namespace', 'workload', 'from', 'to', 'last', 'aggregate'] as const;

export function withSelection(command: Command): Command {
  return command
    .option('-n, --namespace <NAME>', 'only this namespace')
    .option('-w, --workload <NAME>', 'only this workload')
    .option('--type <NAME>', 'of a file: the sample type (default: what go tool pprof opens with)')
    .option('--aggregate <HOW>', 'gauges over time: avg, last or peak')
    .option('--last <DURATION>', 'the time until now (default: 1h)')
    .option('--from <TIME>', 'where the window begins: RFC 3339, Unix time, or now-90m')
    .option('--to <TIME>', 'where it ends (default: now)');
}

/** `from` and `to` of the API. Throws `bad_parameter` when two things say where it begins. */
export function windowParameters({ from, to, last }: WindowFlags): {
  from: string | undefined;
  to: string | undefined;
} {
  if (last !== undefined && (from !== undefined || to !== undefined)) {
    throw new FlameherdError('bad_parameter', '--last is the time until now, and cannot be given with --from or --to', {
      hint: '--from now-3h --to now-2h is an hour that is over',
    });
  }
  return { from: from ?? (to === undefined ? `now-${last ?? '1h'}` : undefined), to };
}

/** Options that a file, which is one profile, knows nothing of. Throws `bad_parameter` for the first that is given. */
export function refuseForFile(flags: object, names: readonly string[]): void {
  for (const name of names) {
    if ((flags as Readonly<Record<string, unknown>>)[name] === undefined) continue;
    const option = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new FlameherdError('bad_parameter', `${option} asks the server, and a file is one profile`, {
      hint: 'leave it out, or give a profile type in place of the file',
    });
  }
}

/** Of a file there are several sample types; a query names its own. */
export function refuseTypeForQuery(type: string | undefined): void {
  if (type === undefined) return;
  throw new FlameherdError('bad_parameter', '--type chooses among the sample types of a file; a query names its own', {
    hint: `ask for it by its profile type: ${Object.keys(profileTypeAliases).join(', ')}`,
  });
}

/** Adds `name="value"` matchers to a query. */
export function withLabels(query: string, labels: Readonly<Record<string, string | undefined>>): string {
  const added = Object.entries(labels).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${JSON.stringify(value)}`],
  );
  if (added.length === 0) return query;
  const brace = query.indexOf('{');
  if (brace < 0) return `${query}{${added.join(',')}}`;
  const inner = query.slice(brace + 1, query.lastIndexOf('}')).trim();
  return `${query.slice(0, brace)}{${[...(inner ? [inner] : []), ...added].join(',')}}`;
}

/** Of rows that we make ourselves; the server reads its own. Throws `bad_parameter`. */
export function readLimit(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new FlameherdError('bad_parameter', `--limit: ${JSON.stringify(text)} is no number of rows`, {
    hint: 'a whole number above 0',
  });
}
