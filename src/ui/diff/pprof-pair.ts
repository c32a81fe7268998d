import type { DiffMeta } from '../api/answers.ts';
import { mergeUrl } from '../api/urls.ts';
import type { Parameters } from '../state/href.ts';
import { type Side, sidesOf, windowParameters } from './comparison.ts';

export interface PprofPair {
  readonly base: string;
  readonly compare: string;
  /** For a shell: opens both in go tool pprof, one minus the other. */
  readonly command: string;
}

/** Both sides as pprof: their addresses, and the command that compares them as the page does. */
export function pprofPair(parameters: Parameters, meta: DiffMeta, origin: string): PprofPair {
  const sides = sidesOf(parameters, meta);
  const address = ({ query, window }: Side): string =>
    mergeUrl({ ...parameters, query, ...windowParameters(window) }, { format: 'pprof' });
  const [base, compare] = [address(sides.base), address(sides.compare)];
  const normalize = meta.normalize === 'share' ? ' -normalize' : '';
  const command = `go tool pprof -http=:${normalize} -diff_base ${quoted(origin + base)} ${quoted(origin + compare)}`;
  return { base, compare, command };
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
