import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plainView, type View, type ViewFilter, viewFilters } from '../../src/model/view.ts';
import type { Profile, ValueColumn } from '../../src/profile/profile.ts';
import { canonicalTextOfProfile } from './canonical-text.ts';
import { goPprof } from './go-pprof.ts';
import { readProfile } from './pprof-decode.ts';

/** The views that pprof has: filters, and granularities but packages. */
export interface PprofView {
  readonly filters?: View['filters'];
  readonly granularity?: 'functions' | 'lines' | 'files';
}

export interface PprofAnswer {
  /** What `-proto` wrote: every frame that is left. Granularity is not in it. */
  readonly profile: Profile;
  /** What `-topproto` wrote of one sample type, as `topText`; it counts in doubles. */
  readonly top: () => string;
  /** The filters of which pprof said that they matched nothing. */
  readonly unmatched: readonly ViewFilter[];
}

export function viewOf({ filters = {}, granularity = 'functions' }: PprofView): View {
  return { ...plainView, filters, granularity };
}

/** What `go tool pprof` makes of a profile in several views: one process, as a person would use it. */
export async function pprofViews(
  body: Uint8Array,
  sampleType: number,
  views: readonly PprofView[],
): Promise<PprofAnswer[]> {
  const folder = mkdtempSync(join(tmpdir(), 'flameherd-views-'));
  try {
    const file = join(folder, 'profile.pb.gz');
    writeFileSync(file, body);
    const unit = readProfile(body).sampleTypes[sampleType]?.unit ?? '';
    const commands = views.flatMap(({ filters = {}, granularity = 'functions' }, i) => [
      ...viewFilters.map((name) => `${name}=${filters[name] ?? ''}`),
      `granularity=${granularity}`,
      `proto >${join(folder, `${i}.proto`)}`,
      `topproto >${join(folder, `${i}.top`)}`,
    ]);
    const settings = ['nodecount=0', 'nodefraction=0', `unit=${unit}`, `sample_index=${sampleType}`];
    const run = await goPprof([file], { input: [...settings, ...commands, ''].join('\n') });
    if (run.exitCode !== 0) throw new Error(run.stderr);
    return views.map(({ granularity }, i) => {
      const top = readFileSync(join(folder, `${i}.top`));
      return {
        profile: readProfile(readFileSync(join(folder, `${i}.proto`))),
        top: () => topTextOfPprof(readProfile(top), granularity),
        unmatched: unmatchedBefore(run.stderr, join(folder, `${i}.proto`)),
      };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Warnings come before the line that names the file of the answer. */
function unmatchedBefore(stderr: string, output: string): ViewFilter[] {
  const before = stderr.slice(0, stderr.indexOf(`Generating report in ${output}\n`));
  const own = before.slice(Math.max(0, before.lastIndexOf('Generating report in '))).split('\n');
  return viewFilters.filter((name) => {
    const option = name.replaceAll('_', '');
    return own.some((line) => line.toLowerCase() === `${option} expression matched no samples`);
  });
}

function topTextOfPprof(top: Profile, granularity: PprofView['granularity']): string {
  const lines = new Map<string, [self: bigint, total: bigint]>();
  for (let row = 0; row < top.stacks.size; row++) {
    const [frame] = top.stacks.stack(row).frames;
    if (!frame?.function) continue;
    const { name, file } = frame.function;
    const place = frame.line === 0 ? file : `${file}:${frame.line}`;
    const shown = [name, place].filter((part) => part !== '').join(' ');
    const sums = lines.get(shown) ?? [0n, 0n];
    lines.set(shown, [sums[0] + BigInt(top.values[1]?.[row] ?? 0), sums[1] + BigInt(top.values[0]?.[row] ?? 0)]);
  }
  const rows = [...lines].map(([name, [self, total]]) => ({ function: name, self, total }));
  return topText(rows, granularity);
}

interface AnyTopRow {
  readonly function: string;
  readonly self: number | bigint;
  readonly total: number | bigint;
}

/**
 * `NAME TAB SELF TAB TOTAL` of what a top shows, sorted. Left out are frames without symbols or names, which pprof shows as
 * one for each binary, and the totals of files: pprof counts a file once for each of its functions on a stack.
 */
export function topText(rows: readonly AnyTopRow[], granularity: PprofView['granularity']): string {
  return rows
    .filter((row) => !/^(?:0x[0-9a-f]+ \(.*\)|\[.*\]|\??)$/.test(row.function))
    .map((row) => ({ ...row, total: granularity === 'files' ? 0 : row.total }))
    .filter((row) => BigInt(row.self) !== 0n || BigInt(row.total) !== 0n)
    .map((row) => `${row.function}\t${row.self}\t${row.total}`)
    .sort()
    .join('\n');
}

/** The canonical text of the samples that have frames. */
export function framedText(profile: Profile): string {
  const { size, leaf } = profile.stacks;
  const values = profile.values.map((column) => {
    const copy = column.slice(0, size);
    for (let row = 0; row < copy.length; row++) if (leaf[row] === 0) clear(copy, row);
    return copy;
  });
  return canonicalTextOfProfile({ ...profile, values });
}

function clear(column: ValueColumn, row: number): void {
  if (column instanceof Float64Array) column[row] = 0;
  else column[row] = 0n;
}
