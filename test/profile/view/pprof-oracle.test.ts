import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { encodeProfile } from '../../../src/pprof/encode.ts';
import { callTreeOf } from '../../../src/profile/call-tree.ts';
import type { Profile } from '../../../src/profile/profile.ts';
import { topOf } from '../../../src/profile/top.ts';
import { viewed } from '../../../src/profile/view/apply-view.ts';
import { corpusFile, noCorpus } from '../../support/corpus.ts';
import { noGo } from '../../support/no-go.ts';
import { readProfile } from '../../support/pprof-decode.ts';
import { framedText, type PprofView, pprofViews, topText, viewOf } from '../../support/pprof-views.ts';
import { type OracleFile, oracleFiles } from './pprof-oracle-sets.ts';

/** By file and view: digests of what `go tool pprof` answers. UPDATE_GOLDEN=1 asks it and writes them. */
const goldenUrl = new URL('../../fixtures/pprof-views.json', import.meta.url);

interface Answer {
  /** The canonical text of the samples with frames. */
  readonly stacks: string;
  /** Self and total of every function, line or file; absent where pprof counts in doubles. */
  readonly top: string | undefined;
  readonly unmatched: string;
}

const exact = 2n ** 53n;

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

/** pprof takes a system name for a missing name when it looks for symbols, which it must not do here: so it is written in. */
function bodyOf({ file, dropFrames, keepFrames = '' }: OracleFile): Uint8Array {
  const body = corpusFile('real', file);
  const profile = readProfile(body);
  const { tree } = profile.stacks;
  let renamed = 0;
  for (let id = 1; id < tree.frameCount; id++) {
    const { function: fn } = tree.frameAt(id);
    if (!fn || fn.name !== '' || fn.systemName === '') continue;
    Object.assign(fn, { name: fn.systemName });
    renamed++;
  }
  if (dropFrames === undefined && renamed === 0) return body;
  const header = dropFrames === undefined ? profile.header : { ...profile.header, dropFrames, keepFrames };
  return encodeProfile({ ...profile, header });
}

function isExact(profile: Profile): boolean {
  return profile.values.every((column) => column.every((value) => BigInt(value) < exact && BigInt(value) > -exact));
}

function ownAnswers({ sampleType, views }: OracleFile, body: Uint8Array): Answer[] {
  const profile = readProfile(body);
  return views.map((view) => {
    const shown = viewed(profile, viewOf(view), () => {});
    const { profile: filtered } = viewed(profile, viewOf({ ...view, granularity: 'functions' }), () => {});
    return {
      stacks: digest(framedText(filtered)),
      top: isExact(profile)
        ? digest(topText(topOf(callTreeOf(shown.profile, sampleType)).rows, view.granularity))
        : undefined,
      unmatched: shown.warnings.map((warning) => warning.split(':')[0]).join(),
    };
  });
}

async function pprofAnswers({ sampleType, views }: OracleFile, body: Uint8Array): Promise<Answer[]> {
  const isComparable = isExact(readProfile(body));
  return (await pprofViews(body, sampleType, views)).map(({ profile, top, unmatched }) => ({
    stacks: digest(framedText(profile)),
    top: isComparable ? digest(top()) : undefined,
    unmatched: unmatched.join(),
  }));
}

function keyOf({ file, dropFrames }: OracleFile, view: PprofView): string {
  return [file, ...(dropFrames === undefined ? [] : [`drop ${dropFrames}`]), JSON.stringify(view)].join(' ');
}

/** Answers by the name of what was asked, one line each. */
function named(asked: OracleFile, answers: readonly Answer[]): Record<string, string> {
  return Object.fromEntries(
    asked.views.map((view, i) => {
      const { stacks, top = '', unmatched } = answers[i] as Answer;
      return [keyOf(asked, view), [stacks, top, unmatched].join(' ')];
    }),
  );
}

const golden = existsSync(goldenUrl) ? (JSON.parse(readFileSync(goldenUrl, 'utf8')) as Record<string, string>) : {};

test('views equal what go tool pprof answered', { skip: noCorpus }, () => {
  if (process.env['UPDATE_GOLDEN']) return;
  for (const asked of oracleFiles) {
    const known = Object.fromEntries(asked.views.map((view) => [keyOf(asked, view), golden[keyOf(asked, view)]]));
    assert.deepEqual(named(asked, ownAnswers(asked, bodyOf(asked))), known);
  }
});

test('go tool pprof answers as it did', { skip: noCorpus || noGo }, async () => {
  const answers: Record<string, string> = {};
  for (const asked of oracleFiles) Object.assign(answers, named(asked, await pprofAnswers(asked, bodyOf(asked))));
  if (process.env['UPDATE_GOLDEN']) writeFileSync(goldenUrl, `${JSON.stringify(answers, null, 2)}\n`);
  else assert.deepEqual(answers, golden);
});
