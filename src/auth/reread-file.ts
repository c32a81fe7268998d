import { readFile, stat } from 'node:fs/promises';
import { FlameherdError, messageOf } from '../model/errors.ts';
import { type DurationMs, second, type UnixMs } from '../model/units.ts';

/** Where problems of the file are told. */
export interface AuthLog {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** A change of the file counts after this long at the latest. */
const checkEveryMs: DurationMs = second;
const maxFileBytes = 64 * 1024;

export interface RereadFileOptions<T> {
  /** What names it: `auth.tokenFile`. */
  readonly key: string;
  readonly path: string;
  /** What it is in a sentence: `token file`. */
  readonly what: string;
  /** How it is written, for who wrote it otherwise. */
  readonly hint: string;
  /** Throws an error that repeats nothing secret. */
  readonly parse: (text: string) => T;
  readonly now: () => UnixMs;
  readonly log: AuthLog | undefined;
}

/**
 * A small file that is looked at again when it is needed, at most once a second (a mounted Secret changes by a symlink, which file
 * watchers miss). When it cannot be read, or not be parsed, nothing changes: what was good last stays.
 */
export class RereadFile<T> {
  readonly #options: RereadFileOptions<T>;
  #content: T | undefined;
  #stamp = '';
  #checkedMs = Number.NEGATIVE_INFINITY;
  #problem: string | undefined;
  #checking: Promise<void> | undefined;

  private constructor(options: RereadFileOptions<T>) {
    this.#options = options;
  }

  /** Throws `bad_config` when it cannot be read or parsed. */
  static async open<T>(options: RereadFileOptions<T>): Promise<RereadFile<T>> {
    const file = new RereadFile(options);
    await file.#read();
    file.#checkedMs = options.now();
    return file;
  }

  /** Why the file as it is now is not used, if so. */
  get problem(): string | undefined {
    return this.#problem;
  }

  async content(): Promise<T> {
    await this.#refresh();
    return this.#content as T;
  }

  #refresh(): Promise<void> {
    const { now } = this.#options;
    const sinceMs = now() - this.#checkedMs;
    if (sinceMs >= 0 && sinceMs < checkEveryMs) return this.#checking ?? Promise.resolve();
    this.#checkedMs = now();
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
    const { key, path, hint, parse } = this.#options;
    try {
      const { mtimeNs, ino, size } = await stat(path, { bigint: true });
      const stamp = `${mtimeNs} ${ino} ${size}`;
      if (stamp === this.#stamp) return;
      if (size > maxFileBytes) throw new Error(`it is larger than ${maxFileBytes} bytes`);
      this.#content = parse(await readFile(path, 'utf8'));
      this.#stamp = stamp;
    } catch (error) {
      throw new FlameherdError('bad_config', `${key} ${path}: ${messageOf(error)}`, { hint, cause: error });
    }
  }

  /** Says a problem once, not once a second. */
  #keep(problem: string): void {
    const { what, log } = this.#options;
    if (problem !== this.#problem) log?.warn(`the ${what} is not used; what it held before stays`, { problem });
    this.#problem = problem;
  }
}
