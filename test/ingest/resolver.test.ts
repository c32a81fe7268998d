import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultPipelineLimits } from '../../src/ingest/defaults.ts';
import { PartitionSymbols } from '../../src/ingest/partition-symbols.ts';
import { type ResolvedProfile, StackResolver } from '../../src/ingest/resolver.ts';
import { StackDescriber } from '../../src/ingest/stack-describer.ts';
import { otherName } from '../../src/ingest/trim.ts';
import type { StackTrace } from '../../src/model/frame.ts';
import type { DecodedProfile } from '../../src/pprof/decoded-profile.ts';
import { encodeProfile } from '../../src/pprof/encode.ts';
import { corpusFile, noCorpus, realIndex } from '../support/corpus.ts';
import { decode } from '../support/pprof-decode.ts';
import { field, message, profileField, varintField } from '../support/pprof-wire.ts';
import { profileFromText } from '../support/profile-from-text.ts';

const key = { high: 0x1234567, low: -0x7654321 };
const symbols = (): PartitionSymbols => new PartitionSymbols(defaultPipelineLimits.symbols);
const plain = { build: 'image-1', verify: false };

/** A stack as one line: frames root first, inlined ones in brackets, then labels. */
function lineOf({ frames, labels }: StackTrace): string {
  const names = frames.map((frame) => {
    const name = frame.function?.name ?? `0x${frame.address.toString(16)}`;
    return frame.inlined ? `[${name}]` : name;
  });
  return [
    names.join(';'),
    ...labels.map((label) => `${label.key}=${'text' in label ? label.text : label.number}`),
  ].join(' ');
}

/** Hash to description and values, of every row. */
function rowsOf(profile: DecodedProfile, resolved: ResolvedProfile): Map<string, string> {
  const describer = new StackDescriber(profile, 1_000);
  return new Map(
    Array.from({ length: resolved.count }, (_, row) => [
      `${resolved.high[row]},${resolved.low[row]}`,
      `${lineOf(describer.describe(resolved.sample[row] ?? 0))} ${resolved.values.map((column) => column[row]).join(' ')}`,
    ]),
  );
}

function rowsOfText(text: string, resolver = new StackResolver(key)): Map<string, string> {
  const profile = decode(encodeProfile(profileFromText(text)));
  return rowsOf(profile, resolver.resolve(profile, symbols(), plain));
}

test('samples of one stack and label set are one row, with their sum', () => {
  const { sample, sampleType, location, line, string, textLabel } = profileField;
  const body = message(
    sampleType(1, 2),
    sample([1], [4]),
    sample([1], [3], textLabel(3, 4)),
    sample([1], [5]),
    sample([1], [1], textLabel(3, 4)),
    location(1, 0, 0n, line(1, 10)),
    profileField.function(1, 3),
    ...['', 'samples', 'count', 'main', 'x'].map(string),
  );
  const profile = decode(body);
  const rows = rowsOf(profile, new StackResolver(key).resolve(profile, symbols(), plain));
  assert.deepEqual([...rows.values()], ['main 9', 'main main=x 4']);
});

test('equal stacks have equal hashes in any profile, and other stacks other ones', () => {
  const first = rowsOfText('main;serve;query 4\nmain;serve 1\nmain;serve {route=/pay} 2');
  const second = rowsOfText('main;idle 9\nmain;serve {route=/pay} 2\nmain;serve 1\nmain;serve;query 4');
  for (const [hash, row] of first) assert.equal(second.get(hash), row);
  assert.equal(new Set([...first.keys(), ...second.keys()]).size, 4);
});

test('another key gives other hashes', () => {
  const ours = rowsOfText('main 1');
  const theirs = rowsOfText('main 1', new StackResolver({ high: 1, low: 2 }));
  assert.notDeepEqual([...ours.keys()], [...theirs.keys()]);
});

test('the stack that trimmed samples become has the hash of such a stack in a profile', () => {
  const { sample, sampleType, location, line, string } = profileField;
  const body = message(
    sampleType(1, 2),
    sample([1], [4]),
    location(1, 0, 0n, line(1, 0)),
    field(5, message(varintField(1, 1), varintField(2, 3), varintField(3, 3))),
    ...['', 'samples', 'count', otherName].map(string),
  );
  const resolver = new StackResolver(key);
  const profile = decode(body);
  const { high, low } = resolver.madeStack(otherName);
  assert.equal([...rowsOf(profile, resolver.resolve(profile, symbols(), plain)).keys()][0], `${high},${low}`);
});

/** One location at an address that means `name`, in a mapping that begins at `start`. */
function mapped(start: bigint, address: bigint, name: string, buildId = 0): Uint8Array {
  const { sample, sampleType, location, line, mapping, string } = profileField;
  return message(
    sampleType(1, 2),
    sample([1], [1]),
    mapping(1, start, start + 0x1000n, 0n, 4 + buildId),
    location(1, 1, start + address, line(1, 10)),
    profileField.function(1, 3),
    ...['', 'samples', 'count', name, '/app'].map(string),
  );
}

test('an address is told by its place in the file, wherever that is mapped', () => {
  const resolver = new StackResolver(key);
  const partition = symbols();
  const rows = [0x400000n, 0x7f00_0000_0000n].map((start) => {
    const profile = decode(mapped(start, 0x10n, 'main'));
    return [...rowsOf(profile, resolver.resolve(profile, partition, plain))];
  });
  assert.deepEqual(rows[0], rows[1]);
  assert.equal(partition.locations.size, 1);
});

test('an address that is caught meaning other code is never trusted again', () => {
  const resolver = new StackResolver(key);
  const partition = symbols();
  const seen = (name: string, verify: boolean): [string | undefined, boolean] => {
    const profile = decode(mapped(0x400000n, 0x10n, name));
    const resolved = resolver.resolve(profile, partition, { build: 'process-1', verify });
    return [[...rowsOf(profile, resolved).keys()][0], resolved.unstable];
  };
  const [jitted] = seen('old', true);
  const [stale, staleCaught] = seen('new', false);
  assert.equal(stale, jitted);
  assert.equal(staleCaught, false);
  const [fresh, caught] = seen('new', true);
  assert.notEqual(fresh, jitted);
  assert.equal(caught, true);
  assert.equal(seen('old', false)[0], jitted);
  assert.equal(seen('new', false)[0], fresh);
});

test('another build shares no addresses', () => {
  const resolver = new StackResolver(key);
  const partition = symbols();
  const hashes = ['image-1', 'image-2'].map((build) => {
    const profile = decode(mapped(0x400000n, 0x10n, build));
    return [...rowsOf(profile, resolver.resolve(profile, partition, { build, verify: false })).keys()][0];
  });
  assert.notEqual(hashes[0], hashes[1]);
});

test('sums beyond 2^53 are exact', () => {
  const { sample, sampleType, string } = profileField;
  const big = 2n ** 53n;
  const body = message(
    sampleType(1, 2),
    sample([], [big]),
    sample([], [1]),
    sample([], [2n ** 62n]),
    ...['', 'samples', 'count'].map(string),
  );
  const profile = decode(body);
  const [column] = new StackResolver(key).resolve(profile, symbols(), plain).values;
  assert.equal(column?.[0], big + 1n + 2n ** 62n);
});

test('real profiles: by address and by content every stack has the same name, and no two share one', {
  skip: noCorpus,
}, () => {
  const resolver = new StackResolver(key);
  let stacks = 0;
  for (const { file, expected } of realIndex().files.filter(({ expected }) => expected === 'accept')) {
    assert.equal(expected, 'accept');
    const body = corpusFile('real', file);
    const partition = symbols();
    const profile = decode(body);
    const byContent = rowsOf(profile, resolver.resolve(profile, partition, { build: file, verify: true }));
    const byAddress = rowsOf(profile, resolver.resolve(profile, partition, { build: file, verify: false }));
    assert.deepEqual(byAddress, byContent, file);
    stacks += byContent.size;
  }
  assert.ok(stacks > 10_000);
});
