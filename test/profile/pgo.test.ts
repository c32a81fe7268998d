import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlameherdError } from '../../src/model/errors.ts';
import type { Frame } from '../../src/model/frame.ts';
import { encodeProfile } from '../../src/pprof/encode.ts';
import { mergeProfiles } from '../../src/profile/merge.ts';
import { pgoProfileOf } from '../../src/profile/pgo.ts';
import { emptyHeader, type Profile } from '../../src/profile/profile.ts';
import { StackTableBuilder } from '../../src/profile/stack-table-builder.ts';
import { corpusFile, noCorpus } from '../support/corpus.ts';
import { weightedCalls } from '../support/go-build.ts';
import { noGo } from '../support/no-go.ts';
import { readProfile } from '../support/pprof-decode.ts';
import { frameOf, profileFromText, textOfProfile } from '../support/profile-from-text.ts';

const cpuTypes = [
  { type: 'samples', unit: 'count' },
  { type: 'cpu', unit: 'nanoseconds' },
];

/** Frames by name: `query:12` is line 12 of query, `+fast` was inlined into what called it. All functions begin at line 10. */
function framesOf(stack: string): Frame[] {
  return stack.split(';').map((text, depth) => {
    const [name = '', line = '0'] = text.replace('+', '').split(':');
    const fn = { name, systemName: name, file: '/shop/main.go', startLine: 10 };
    const mapping = { file: '/shop', buildId: `build ${depth}` };
    return {
      ...frameOf(name),
      function: fn,
      line: Number(line),
      inlined: text.startsWith('+'),
      column: depth,
      mapping,
    };
  });
}

function cpuProfile(stacks: Readonly<Record<string, number>>): Profile {
  const table = new StackTableBuilder();
  const values = Object.entries(stacks).map(([stack, value], at) => {
    table.intern({ frames: framesOf(stack), labels: [{ key: 'request', text: String(at) }] });
    return value;
  });
  return {
    sampleTypes: cpuTypes,
    stacks: table,
    values: [Float64Array.from(values), Float64Array.from(values, (value) => value * 1e7)],
    divisors: [1, 1],
    header: { ...emptyHeader, dropFrames: 'runtime.*', periodType: { type: 'cpu', unit: 'nanoseconds' } },
  };
}

test('the last two locations stay, with what was inlined into them; labels, builds and columns go', () => {
  const pgo = pgoProfileOf(
    cpuProfile({
      'main:11;serve:12;query:13': 1,
      'cron:14;serve:12;query:13': 2,
      'main:11;serve:12;+fast:15;query:13;+hash:16;+mix:17': 4,
      'main:11': 8,
    }),
  );
  assert.equal(textOfProfile(pgo), 'serve;fast;query;hash;mix 4 40000000\nserve;query 3 30000000');
  const [serve] = pgo.stacks.stack(0).frames;
  assert.deepEqual(serve, { ...serve, line: 12, column: 0, mapping: { file: '/shop', buildId: '' } });
  assert.equal(serve?.function?.startLine, 10);
  assert.equal(pgo.header.dropFrames, '');
});

test('only types that PGO reads stay, whatever else is in the profile', () => {
  const types = [{ type: 'wall', unit: 'nanoseconds' }, ...cpuTypes];
  const stacks = cpuProfile({ 'main:1;serve:2': 1 }).stacks;
  const profile = { ...profileFromText('main;serve 9 3 30', { types }), stacks };
  assert.deepEqual(pgoProfileOf(profile).sampleTypes, cpuTypes);
  assert.equal(textOfProfile(pgoProfileOf(profile)), 'main;serve 3 30');
});

test('what go build would refuse or ignore is said, and why', () => {
  const refused = (profile: Profile, code: string, message: RegExp): void => {
    assert.throws(
      () => pgoProfileOf(profile),
      (error) =>
        error instanceof FlameherdError && error.code === code && message.test(`${error.message} ${error.hint}`),
    );
  };
  const heap = profileFromText('main;serve 1', { types: [{ type: 'inuse_space', unit: 'bytes' }] });
  refused(heap, 'unsupported_format', /the profile has inuse_space\/bytes .*ask for cpu/);
  refused(profileFromText('main;serve 1'), 'unsupported_format', /at which line it begins .*Go 1\.20/);
  refused(cpuProfile({ 'main:11': 8 }), 'empty_window', /no sample has a caller/);
  const stop = () => {
    throw new Error('stopped');
  };
  assert.throws(() => pgoProfileOf(cpuProfile({ 'main:1;serve:2': 1 }), stop), /stopped/);
});

test('the compiler reads the same calls with the same weights as from the whole profile', {
  skip: noCorpus || noGo,
}, () => {
  const files = ['go-cpu-pgo', 'pyroscope-pgo', 'go-http-cpu', 'go-cpu-labels-a', 'go-cpu-cgo'];
  const profiles = files.map((file) => readProfile(corpusFile('real', `${file}.pb.gz`)));
  const cpu = profiles.filter(({ sampleTypes }) => sampleTypes.length === 2);
  for (const profile of [...profiles, mergeProfiles(cpu)]) {
    const [whole, short] = [profile, pgoProfileOf(profile)].map((each) => encodeProfile(each));
    const calls = weightedCalls(short as Uint8Array);
    assert.equal(calls, weightedCalls(whole as Uint8Array));
    assert.ok(calls.split('\n').length > 3);
    assert.ok((short as Uint8Array).length < (whole as Uint8Array).length);
  }
});
