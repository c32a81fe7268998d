import { timingSafeEqual } from 'node:crypto';
import { sha256Of } from '../model/digest.ts';
import type { UnixMs } from '../model/units.ts';
import { type AuthLog, RereadFile } from './reread-file.ts';

/** What a token may do: `admin` everything, `read` what changes nothing. */
export type Role = 'read' | 'admin';

const minTokenLength = 16;

export interface Token {
  readonly role: Role;
  /** Of the token; the token itself is not kept. */
  readonly sha256: Buffer;
  /** What the line calls it; for people. */
  readonly name: string;
}

/**
 * The tokens that open the API, one a line: `ROLE:TOKEN`, then perhaps a name. ROLE is `read` or `admin`; blank lines and
 * lines that begin with `#` mean nothing.
 *
 *     # who may pause and upload
 *     admin:6f1b0c2a9e5d4f7788aa   alice
 *     read:c0ffee0123456789abcd    grafana
 *
 * The file is looked at again when a request comes. One that cannot be read or holds a bad line changes nothing: the last good
 * tokens stay.
 */
export class TokenFile {
  readonly #file: RereadFile<readonly Token[]>;

  private constructor(file: RereadFile<readonly Token[]>) {
    this.#file = file;
  }

  /** Throws `bad_config` when the file is unreadable, has a bad line, or holds no token. */
  static async open(path: string, now: () => UnixMs, log?: AuthLog): Promise<TokenFile> {
    const hint = `each line is ROLE:TOKEN, ROLE is read or admin, TOKEN has at least ${minTokenLength} characters (openssl rand -hex 20)`;
    const key = 'auth.tokenFile';
    return new TokenFile(await RereadFile.open({ key, path, what: 'token file', hint, parse: parseTokens, now, log }));
  }

  /** Why the file as it is now is not used, if so. */
  get problem(): string | undefined {
    return this.#file.problem;
  }

  /** The token as the file has it, undefined when it is none. Takes the same time whichever token it is like. */
  async find(token: string): Promise<Token | undefined> {
    const sha256 = sha256Of(token);
    let found: Token | undefined;
    for (const known of await this.#file.content()) if (timingSafeEqual(known.sha256, sha256)) found = known;
    return found;
  }
}

/** Reads the lines of a token file. Throws an error that names the line, never the token. */
export function parseTokens(text: string): Token[] {
  const tokens = text.split(/\r?\n/).flatMap((line, index) => {
    if (/^\s*(#|$)/.test(line)) return [];
    const [, role, token = '', name = ''] = /^\s*(read|admin):(\S+)(?:\s+(.*\S))?\s*$/.exec(line) ?? [];
    if (role !== 'read' && role !== 'admin') throw new Error(`line ${index + 1} is not ROLE:TOKEN`);
    if (token.length < minTokenLength)
      throw new Error(`line ${index + 1}: the token is shorter than ${minTokenLength}`);
    return [{ role, sha256: sha256Of(token), name } satisfies Token];
  });
  if (tokens.length === 0) throw new Error('it holds no token');
  return tokens;
}
