import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { PprofDecoder } from '../../src/pprof/decode.ts';
import { DecodeError, type DecodeErrorCode } from '../../src/pprof/decode-error.ts';
import { defaultDecodeLimits } from '../../src/pprof/decode-limits.ts';
import { profileOf } from '../../src/pprof/to-profile.ts';
import { decode, readProfile } from '../support/pprof-decode.ts';
import {
  field,
  message,
  packed,
  profileField,
  smallProfile,
  tables,
  tag,
  varint,
  varintField,
} from '../support/pprof-wire.ts';
import { textOfProfile } from '../support/profile-from-text.ts';

const small = 'main 1\nmain;serve 4';

test('a profile is read raw, gzipped, and in two gzip members', () => {
  const whole = smallProfile();
  assert.equal(textOfProfile(readProfile(whole)), small);
  assert.equal(textOfProfile(readProfile(gzipSync(whole))), small);
  const members = Buffer.concat([gzipSync(whole.subarray(0, 40)), gzipSync(whole.subarray(40))]);
  assert.equal(textOfProfile(readProfile(members)), small);
});

test('samples may come before the types, before half of them, packed or not', () => {
  const sample = profileField.sample([2, 1], [4]);
  assert.equal(textOfProfile(readProfile(message(sample, ...tables()))), 'main;serve 4');
  const twoTypes = message(
    ...tables(),
    field(2, message(varintField(1, 2), varintField(1, 1), varintField(2, 4), varintField(2, 9))),
    profileField.sampleType(6, 6),
  );
  assert.equal(textOfProfile(readProfile(twoTypes)), 'main;serve 4 9');
});

test('values of any size stay exact', () => {
  const values = [
    0,
    127,
    128,
    2 ** 28,
    -1,
    2n ** 53n - 1n,
    2n ** 53n + 1n,
    -(2n ** 53n) - 1n,
    2n ** 63n - 1n,
    -(2n ** 63n),
  ];
  const decoded = decode(message(...tables(), ...values.map((value) => profileField.sample([1], [value]))));
  const read = values.map((_, i) => decoded.bigValues?.get(i) ?? BigInt(decoded.values[i] ?? 0));
  assert.deepEqual(read, values.map(BigInt));
});

test('ids may be any 64-bit numbers, even such that differ only beyond 2^53', () => {
  const ids = [2n ** 63n, 2n ** 63n + 1n, 2n ** 64n - 1n, 5_000_000n];
  const body = message(
    profileField.sampleType(1, 2),
    ...ids.map((id, i) => profileField.location(id, 0, 0n, profileField.line(ids.at(-1 - i) ?? 0n, 1))),
    ...ids.map((id, i) => profileField.function(id, 3 + i)),
    ...['', 'samples', 'count', 'a', 'b', 'c', 'd'].map(profileField.string),
    ...ids.map((id, i) => profileField.sample([id], [i + 1])),
  );
  assert.equal(textOfProfile(readProfile(body)), 'a 4\nb 3\nc 2\nd 1');
});

test('a label without text, number and unit does not exist, and samples that then meet are added', () => {
  const body = message(
    ...tables(),
    profileField.sample([1], [1], profileField.textLabel(3, 4)),
    profileField.sample([1], [2], profileField.numberLabel(6, 0, 0)),
    profileField.sample([1], [4], profileField.numberLabel(6, 0, 6)),
    profileField.sample([1], [8]),
  );
  assert.equal(textOfProfile(readProfile(body)), 'main 10\nmain {bytes=0} 4\nmain {main=serve} 1');
});

test('an address without symbols counts from the start of its file', () => {
  const body = message(
    ...tables(),
    profileField.mapping(2, 0x7000n, 0x9000n, 0x100n, 7),
    profileField.location(3, 2, 0x7010n),
    profileField.location(4, 99, 0x42n),
    profileField.sample([3, 4], [1]),
  );
  assert.equal(textOfProfile(readProfile(body)), '0x42;0x110 1');
});

test('an empty sample, fields of the future and numbers written too long are no fault', () => {
  const overlong = message(tag(12, 0), Uint8Array.of(0x81, 0x80, 0x80, 0x00));
  const future = message(
    field(99, 'new'),
    tag(200, 1),
    new Uint8Array(8),
    tag(201, 5),
    new Uint8Array(4),
    varintField(300, 7),
  );
  const decoded = decode(smallProfile(profileField.sample([], [3]), overlong, future));
  assert.equal(decoded.period, 1n);
  assert.equal(textOfProfile(profileOf(decoded)), `- 3\n${small}`);
});

const refusals: readonly (readonly [name: string, body: Uint8Array, code: DecodeErrorCode, message: RegExp])[] = [
  ['nothing', new Uint8Array(), 'empty', /empty body/],
  ['gzip of nothing', gzipSync(''), 'empty', /gzip with nothing inside/],
  ['half a gzip', gzipSync(smallProfile()).subarray(0, 60), 'gzip', /gzip cut off/],
  ['gzip and zeros', Buffer.concat([gzipSync(smallProfile()), Buffer.alloc(9)]), 'gzip', /followed by 9 bytes/],
  ['gzip in gzip', gzipSync(gzipSync(smallProfile())), 'not_pprof', /compressed twice/],
  ['HTML', Buffer.from('<!DOCTYPE html><title>Sign in</title>'), 'not_pprof', /an HTML page/],
  ['JSON', Buffer.from('{"status":"ok"}'), 'not_pprof', /JSON/],
  [
    'debug=1',
    Buffer.from('heap profile: 3: 1024 [9: 4096] @ heap/1048576\n'),
    'not_pprof',
    /text format: remove debug=/,
  ],
  ['debug=2', Buffer.from('goroutine 1 [running]:\nmain.main()\n'), 'not_pprof', /text format: remove debug=/],
  ['no string table', profileField.sampleType(0, 0), 'malformed', /no string table/],
  ['no sample types', profileField.string(''), 'invalid', /no sample types/],
  ['a cut', smallProfile().subarray(0, -1), 'malformed', /cut off/],
  ['a group', smallProfile(tag(20, 3)), 'malformed', /wire type 3/],
  ['field 0', smallProfile(Uint8Array.of(0, 0)), 'malformed', /field number 0/],
  ['a value as fixed32', smallProfile(field(2, message(tag(2, 5), new Uint8Array(4)))), 'malformed', /wire type 5/],
  [
    'a long varint',
    smallProfile(tag(12, 0), new Uint8Array(10).fill(255), varint(1)),
    'malformed',
    /longer than ten bytes/,
  ],
  [
    'a length past its parent',
    smallProfile(field(2, message(tag(1, 2), varint(9)))),
    'malformed',
    /longer than what holds/,
  ],
  ['too few values', smallProfile(profileField.sample([1], [])), 'invalid', /sample 2 has 0 values, but there are 1/],
  [
    'a missing location',
    smallProfile(profileField.sample([1, 99], [1])),
    'invalid',
    /sample 2 names location 99, which does not exist/,
  ],
  [
    'a missing function',
    smallProfile(profileField.location(3, 0, 0n, profileField.line(98, 1))),
    'invalid',
    /names function 98/,
  ],
  [
    'a line without function',
    smallProfile(profileField.location(3, 0, 0n, profileField.line(0, 1))),
    'invalid',
    /location 2 .*no function/,
  ],
  ['a location twice', smallProfile(profileField.location(1, 0, 0n)), 'invalid', /location id 1 comes twice/],
  ['a function twice', smallProfile(profileField.function(2, 3)), 'invalid', /function id 2 comes twice/],
  ['a mapping twice', smallProfile(profileField.mapping(1, 0n, 0n, 0n, 7)), 'invalid', /mapping id 1 comes twice/],
  ['location 0', smallProfile(profileField.location(0, 0, 0n)), 'invalid', /location 2 of the table has id 0/],
  [
    'a string outside',
    smallProfile(profileField.function(3, 400)),
    'invalid',
    /the name of function 2 names string 400 outside/,
  ],
  [
    'a negative string',
    smallProfile(profileField.function(3, -1)),
    'invalid',
    /the name of function 2 names a string outside/,
  ],
  [
    'a label key outside',
    smallProfile(profileField.sample([1], [1], varintField(1, 400))),
    'invalid',
    /key of a label names string 400/,
  ],
  ['a comment outside', smallProfile(packed(13, [1, 400])), 'invalid', /comment 1 names string 400/],
  ['a first string', message(profileField.string('x')), 'invalid', /first entry of the string table/],
  ['two times', smallProfile(varintField(9, 5), varintField(9, 6)), 'invalid', /time_nanos comes twice/],
];

for (const [name, body, code, pattern] of refusals) {
  test(`refused with a reason: ${name}`, () => {
    assert.throws(
      () => decode(body),
      (error) => error instanceof DecodeError && error.code === code && pattern.test(error.message),
    );
  });
}

test('no reason quotes the body: it may be a page that is not ours to show', () => {
  for (const secret of ['<html>hunter2</html>', '{"password":"hunter2"}', 'hunter2', 'hunter2;hunter2 1\n']) {
    assert.throws(
      () => decode(Buffer.from(secret)),
      (error) => error instanceof DecodeError && !error.message.includes('hunter2'),
    );
  }
});

test('each limit refuses by its name, and what is at the limit passes', () => {
  const limited = (limits: Partial<typeof defaultDecodeLimits>) =>
    new PprofDecoder({ ...defaultDecodeLimits, ...limits });
  const body = smallProfile();
  const labelled = smallProfile(
    profileField.sample([1], [1], profileField.textLabel(1, 1), profileField.textLabel(1, 2)),
  );
  const cases = [
    [limited({ bodyBytes: body.length - 1 }), limited({ bodyBytes: body.length }), body],
    [limited({ inflatedBytes: body.length - 1 }), limited({ inflatedBytes: body.length }), gzipSync(body)],
    [limited({ inflatedBytes: body.length - 1 }), limited({ inflatedBytes: body.length }), body],
    [limited({ samples: 1 }), limited({ samples: 2 }), body],
    [limited({ locations: 1 }), limited({ locations: 2 }), body],
    [limited({ strings: 7 }), limited({ strings: 8 }), body],
    [limited({ sampleTypes: 0 }), limited({ sampleTypes: 1 }), body],
    [limited({ labelsPerSample: 1 }), limited({ labelsPerSample: 2 }), labelled],
  ] as const;
  for (const [below, at, input] of cases) {
    assert.throws(() => below.decode(input), { code: 'too_large' });
    assert.ok(at.decode(input).sampleCount > 0);
  }
});

test('few bytes that unfold to very many frames are refused', () => {
  const lines = Array.from({ length: 20_000 }, () => profileField.line(1, 1));
  const body = message(
    ...tables(),
    profileField.location(3, 0, 0n, ...lines),
    profileField.sample(
      Array.from({ length: 600 }, () => 3),
      [1],
    ),
  );
  assert.throws(() => decode(body), /12000000 frames/);
});

test('a decoder that refused a body reads the next, and a giant leaves no memory behind', () => {
  const decoder = new PprofDecoder(defaultDecodeLimits);
  assert.throws(() => decoder.decode(smallProfile(profileField.sample([99], [1]))));
  const giant = message(
    ...tables(),
    ...Array.from({ length: 100_000 }, (_, i) => profileField.sample([1, 2, 1, 2], [i])),
  );
  assert.equal(decoder.decode(giant).sampleCount, 100_000);
  decoder.decode(smallProfile());
  const decoded = decoder.decode(smallProfile());
  assert.equal(textOfProfile(profileOf(decoded)), small);
  assert.ok(decoded.sampleLocation.length < 100_000 && decoded.values.length < 100_000);
});
