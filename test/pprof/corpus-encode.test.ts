import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DecodeError } from '../../src/pprof/decode-error.ts';
import { encodeProfile } from '../../src/pprof/encode.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { canonicalTextOfDecoded, canonicalTextOfProfile } from '../support/canonical-text.ts';
import { corpusDir, corpusFile, noCorpus, realIndex } from '../support/corpus.ts';
import { framesInUse } from '../support/frames-in-use.ts';
import { decode, readProfile } from '../support/pprof-decode.ts';

test('what we encode reads back with the same meaning and header', { skip: noCorpus }, () => {
  for (const [file, profile] of acceptedProfiles()) {
    const encoded = encodeProfile(profile);
    const again = readProfile(encoded);
    const text = canonicalTextOfProfile(profile);
    assert.ok(canonicalTextOfProfile(again) === text, file);
    assert.ok(canonicalTextOfDecoded(decode(encoded)) === text, `${file}, decoded`);
    assert.deepEqual(again.header, profile.header, file);
    assert.deepEqual(again.sampleTypes, profile.sampleTypes, file);
    assert.ok(
      framesInUse(again) === framesInUse(profile),
      `${file}: frames keep start lines, columns, inlining, mappings`,
    );
  }
});

const oracleSource = corpusDir && join(corpusDir, 'tools', 'oracle');
const noOracle =
  oracleSource === undefined || !existsSync(oracleSource) || spawnSync('go', ['version']).status !== 0
    ? 'no Go or no oracle beside the repository'
    : false;

test('what we encode means the same to google/pprof', { skip: noOracle, timeout: 300_000 }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'flameherd-oracle-'));
  try {
    const oracle = join(folder, 'oracle');
    if (spawnSync('go', ['build', '-o', oracle, '.'], { cwd: oracleSource }).status !== 0) {
      t.skip('the oracle does not build here');
      return;
    }
    for (const [file, profile] of acceptedProfiles()) {
      const path = join(folder, 'profile.pb.gz');
      writeFileSync(path, encodeProfile(profile));
      const canon = execFileSync(oracle, ['canon', path], { maxBuffer: 1 << 28 }).toString();
      assert.ok(canon === canonicalTextOfProfile(profile), file);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function* acceptedProfiles(): Generator<readonly [file: string, profile: Profile]> {
  for (const { file } of realIndex().files) {
    try {
      yield [file, readProfile(corpusFile('real', file))];
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
    }
  }
}
