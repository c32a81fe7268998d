import { timingSafeEqual } from 'node:crypto';
import { sha256Of } from '../model/digest.ts';
import type { UnixMs } from '../model/units.ts';
import { type AuthLog, RereadFile } from './reread-file.ts';

const minLength = 16;

/**
 * What a proxy in front proves itself by: the text of a file, or one of several, a line each, so that it can be exchanged with no
 * gap. The secrets themselves are not kept.
 */
export class ProxySecret {
  readonly #file: RereadFile<readonly Buffer[]>;

  private constructor(file: RereadFile<readonly Buffer[]>) {
    this.#file = file;
  }

  /** Throws `bad_config` when the file cannot be read, holds nothing, or something that is easily guessed. */
  static async open(path: string, now: () => UnixMs, log?: AuthLog): Promise<ProxySecret> {
    const hint = `the file holds what the proxy sends, at least ${minLength} characters (openssl rand -hex 20); a second line counts, too`;
    const key = 'auth.header.secretFile';
    return new ProxySecret(await RereadFile.open({ key, path, what: 'secret file', hint, parse, now, log }));
  }

  /** Takes the same time whatever the text is like. */
  async is(text: string): Promise<boolean> {
    const sha256 = sha256Of(text);
    let known = false;
    for (const secret of await this.#file.content()) if (timingSafeEqual(secret, sha256)) known = true;
    return known;
  }
}

function parse(text: string): readonly Buffer[] {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length === 0) throw new Error('it holds nothing');
  if (lines.some((line) => line.length < minLength)) throw new Error(`a line is shorter than ${minLength} characters`);
  return lines.map(sha256Of);
}
