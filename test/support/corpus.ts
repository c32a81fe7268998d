import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const nextToTheRepository = fileURLToPath(new URL('../../../shared/corpus', import.meta.url));

/** Where real profiles with known answers lie, when they do; they may not be copied into the repository. */
export const corpusDir: string | undefined = existsSync(join(nextToTheRepository, 'real', 'index.json'))
  ? nextToTheRepository
  : undefined;

/** The reason to skip a test of the corpus, or false: `test(name, { skip: noCorpus }, …)`. */
export const noCorpus: string | false = corpusDir === undefined ? 'no corpus beside the repository' : false;

export function corpusFile(...path: string[]): Uint8Array {
  if (corpusDir === undefined) throw new Error('no corpus');
  return readFileSync(join(corpusDir, ...path));
}

export function corpusJson(...path: string[]): unknown {
  return JSON.parse(Buffer.from(corpusFile(...path)).toString());
}

export interface RealFile {
  readonly file: string;
  readonly expected: 'accept' | 'reject' | 'either';
}

export interface RealIndex {
  readonly files: readonly RealFile[];
  readonly pairs: readonly { readonly base: string; readonly next: string }[];
}

/** The list of real profiles; empty without the corpus. */
export function realIndex(): RealIndex {
  return corpusDir === undefined ? { files: [], pairs: [] } : (corpusJson('real', 'index.json') as RealIndex);
}
