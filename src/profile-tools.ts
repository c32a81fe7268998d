import { readFile } from 'node:fs/promises';
import { FlameherdError, messageOf } from './model/errors.ts';
import type { View } from './model/view.ts';
import { PprofDecoder } from './pprof/decode.ts';
import { DecodeError } from './pprof/decode-error.ts';
import { defaultDecodeLimits } from './pprof/decode-limits.ts';
import { profileOf } from './pprof/to-profile.ts';
import { callTreeOf } from './profile/call-tree.ts';
import { callGraphOf, writeCallGraph } from './profile/callgraph.ts';
import { JsonBytes } from './profile/json-bytes.ts';
import { markdownOf, mostMarkdownRows } from './profile/markdown.ts';
import { markdownName } from './profile/markdown-text.ts';
import type { Profile } from './profile/profile.ts';
import { commonSampleTypes, sampleTypeIndex } from './profile/sample-type.ts';
import { topOf, writeTop } from './profile/top.ts';
import { viewed } from './profile/view/apply-view.ts';

/**
 * What the commands `top` and `callgraph` do with profiles that are at hand, without a server: the same code, in the
 * same forms as the API answers in.
 */

/** A profile and what it is called in messages. */
export interface NamedProfile {
  readonly name: string;
  readonly profile: Profile;
  /** Merged by a server, perhaps of several processes; a file is of one. */
  readonly isMerged?: boolean;
}

export interface Asked {
  /** A sample type or a profile type; undefined: what `go tool pprof` opens with. */
  readonly type?: string | undefined;
  readonly view: View;
  readonly sort: 'self' | 'total';
  readonly limit: number;
}

/** Reads a pprof file, gzip or not. Throws `not_found` and `bad_profile`, which name it. */
export async function readProfileFile(path: string): Promise<NamedProfile> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const because = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : messageOf(error);
    throw new FlameherdError('not_found', `${path} cannot be read: ${because}`, {
      hint: 'a profile type and matchers ask the server instead: cpu, heap{workload="checkout"}',
    });
  }
  return readProfileBytes(path, bytes);
}

/** Reads a pprof message, gzip or not. Throws `bad_profile`, which names it. */
export function readProfileBytes(name: string, bytes: Uint8Array): NamedProfile {
  try {
    return { name, profile: profileOf(new PprofDecoder(defaultDecodeLimits).decode(bytes)) };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new FlameherdError('bad_profile', `${name}: ${error.message}`, {
      hint: 'profiles are read in the pprof format (protobuf), compressed or not',
    });
  }
}

/** As `format=top` answers; `meta` tells the sample type and what the profile says of itself. */
export function topOfProfile(given: NamedProfile, asked: Asked): string {
  const { tree, meta } = viewedTree(given, asked);
  const top = topOf(tree, asked);
  return jsonOf((json) => writeTop(json, top), { ...meta, foldedShare: top.foldedShare });
}

/** As `format=callgraph` answers. */
export function callGraphOfProfile(given: NamedProfile, functionName: string, asked: Asked): string {
  const { tree, meta } = viewedTree(given, asked);
  return jsonOf((json) => writeCallGraph(json, callGraphOf(tree, functionName, asked)), meta);
}

/** As `format=markdown` of a merge answers. */
export function markdownOfProfile(given: NamedProfile, asked: Asked): string {
  const { tree, meta } = viewedTree(given, asked);
  const top = topOf(tree, { ...asked, limit: Math.min(asked.limit, mostMarkdownRows) });
  const title = `${markdownName(meta.sampleType)} of ${markdownName(given.name)}`;
  return markdownOf(top, { title, notes: meta.warnings.map(markdownName) });
}

/** Of one side: the tree that the view shows, and what the answer says of it. */
export function viewedTree(given: NamedProfile, { type, view }: Pick<Asked, 'type' | 'view'>) {
  return viewedColumn(given, sampleTypeIndex(given.profile, type, given.name), view);
}

export function viewedColumn(given: NamedProfile, column: number, view: View) {
  const { profile, warnings } = viewed(given.profile, view, () => {});
  const { header } = profile;
  return {
    profile,
    column,
    type: commonSampleTypes(profile)[column] ?? { type: '', unit: '' },
    tree: callTreeOf(profile, column),
    meta: {
      source: given.name,
      sampleType: profile.sampleTypes[column]?.type ?? '',
      timeMs: Number(header.timeNanos / 1_000_000n),
      durationSeconds: Number(header.durationNanos) / 1e9,
      comments: header.comments,
      warnings,
    },
  };
}

/** The members that are written, and `meta`, as one object. */
export function jsonOf(write: (json: JsonBytes) => void, meta: Readonly<Record<string, unknown>>): string {
  const json = new JsonBytes().text('{');
  write(json);
  return new TextDecoder().decode(json.text(`,"meta":${JSON.stringify(meta)}}`).finish());
}
