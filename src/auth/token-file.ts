import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { FlameherdError, messageOf } from '../model/errors.ts';
import { type DurationMs, second, type UnixMs } from '../model/units.ts';

/** What a token may do: `admin` everything, `read` what changes nothing. */
export type Role = 'read' | 'admin';

/** Where problems of the file are told. */
export interface AuthLog {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** A change of the file counts after this long at the latest. */
const checkEveryMs: DurationMs = second;
const maxFileBytes = 64 * 1024;
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
 * The file is looked at again when a request comes, at most once a second (a mounted Secret changes by a symlink, which
 * file watchers miss). A file that cannot be read or holds a bad line changes nothing: the last good tokens stay.
 */
export class TokenFile {
  readonly #path: string;
  readonly #now: () => UnixMs;
  readonly #log: AuthLog | undefined;
  #tokens: readonly Token[] = [];
  #stamp = '';
  #checkedMs = Number.NEGATIVE_INFINITY;
  #problem: string | undefined;
  #checking: Promise<void> | undefined;

  private constructor(path: string, now: () => UnixMs, log: AuthLog | undefined) {
    this.#path = path;
    this.#now = now;
    this.#log = log;
  }

  /** Throws `bad_config` when the file is unreadable, has a bad line, or holds no token. */
  static async open(path: string, now: () => UnixMs, log?: AuthLog): Promise<TokenFile> {
    const file = new TokenFile(path, now, log);
    await file.#read();
    file.#checkedMs = now();
    return file;
  }

  /** Why the file as it is now is not used, if so. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** The token as the file has it, undefined when it is none. Takes the same time whichever token it is like. */
  async find(token: string): Promise<Token | undefined> {
    await this.#refresh();
    const sha256 = digest(token);
    let found: Token | undefined;
    for (const known of this.#tokens) if (timingSafeEqual(known.sha256, sha256)) found = known;
    return found;
  }

  #refresh(): Promise<void> {
    const sinceMs = this.#now() - this.#checkedMs;
    if (sinceMs >= 0 && sinceMs < checkEveryMs) return this.#checking ?? Promise.resolve();
    this.#checkedMs = this.#now();
    this.#checking = this.#read()
      .then(() => {
        this.#problem = undefined;
      })
      .catch((error: unknown) => this.#keep(messageOf(error)))
      .finally(() => {
        this.#checking = undefined;
      });
    return this.#checking;
  }

  async #read(): Promise<void> {
    try {
      const { mtimeNs, ino, size } = await stat(this.#path, { bigint: true });
      const stamp = `${mtimeNs} ${ino} ${size}`;
      if (stamp === this.#stamp) return;
      if (size > maxFileBytes) throw new Error(`it is larger than ${maxFileBytes} bytes`);
      this.#tokens = parseTokens(await readFile(this.#path, 'utf8'));
      this.#stamp = stamp;
    } catch (error) {
      throw new FlameherdError('bad_config', `auth.tokenFile ${this.#path}: ${messageOf(error)}`, {
        hint: `each line is ROLE:TOKEN, ROLE is read or admin, TOKEN has at least ${minTokenLength} characters (openssl rand -hex 20)`,
        cause: error,
      });
    }
  }

  /** Says a problem once, not once a second. */
  #keep(problem: string): void {
    if (problem !== this.#problem)
      this.#log?.warn('the token file is not used; the tokens before it stay', { problem });
    this.#problem = problem;
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
    return [{ role, sha256: digest(token), name } satisfies Token];
  });
  if (tokens.length === 0) throw new Error('it holds no token');
  return tokens;
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
