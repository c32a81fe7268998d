import { readFile, stat } from 'node:fs/promises';
import { messageOf } from '../model/errors.ts';
import { type Bytes, type DurationMs, second, type UnixMs } from '../model/units.ts';

/** A change of the file counts after this long at the latest. */
const checkEveryMs: DurationMs = second;
const maxFileBytes: Bytes = 256 * 1024;

/**
 * A small text file that is read again when it changes. It is looked at when it is needed, at most once a second: a mounted
 * Secret changes by a symlink, which file watchers miss. What was read last stays in use while the file cannot be read.
 */
export class WatchedFile {
  readonly path: string;
  readonly #now: () => UnixMs;
  #text: string | undefined;
  #stamp = '';
  #checkedMs = Number.NEGATIVE_INFINITY;
  #problem: string | undefined;
  #checking: Promise<void> | undefined;

  constructor(path: string, now: () => UnixMs) {
    this.path = path;
    this.#now = now;
  }

  /** Why the file as it is now is not used, if so. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** The text, undefined when it could never be read. */
  async text(): Promise<string | undefined> {
    const sinceMs = this.#now() - this.#checkedMs;
    if (sinceMs < 0 || sinceMs >= checkEveryMs) {
      this.#checkedMs = this.#now();
      this.#checking = this.#read();
    }
    await this.#checking;
    return this.#text;
  }

  async #read(): Promise<void> {
    try {
      const { mtimeNs, ino, size } = await stat(this.path, { bigint: true });
      const stamp = `${mtimeNs} ${ino} ${size}`;
      if (stamp !== this.#stamp) {
        if (size > maxFileBytes) throw new Error(`it is larger than ${maxFileBytes} bytes`);
        this.#text = await readFile(this.path, 'utf8');
        this.#stamp = stamp;
      }
      this.#problem = undefined;
    } catch (error) {
      this.#problem = `${this.path} cannot be read: ${messageOf(error)}`;
    }
  }
}
