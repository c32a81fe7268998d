import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  NumberPacker,
  readPackedNumbers,
  skipPackedNumbers,
} from '../../../../src/store/sqlite/chunks/packed-numbers.ts';
import { TokenReader, TokenSteps } from '../../../../src/store/sqlite/chunks/token-reader.ts';
import { TokenTables } from '../../../../src/store/sqlite/chunks/token-tables.ts';
import { TokenWriter } from '../../../../src/store/sqlite/chunks/tokens.ts';
import { ByteReader, ByteWriter } from '../../../../src/store/sqlite/encoding/bytes.ts';

const someNumber = fc.oneof(
  { weight: 4, arbitrary: fc.nat(3) },
  { weight: 2, arbitrary: fc.nat(40) },
  fc.nat(2 ** 31 - 1),
  fc.maxSafeNat(),
  fc.constantFrom(15, 16, 17, 2 ** 26, 2 ** 27, 2 ** 31 - 1, 2 ** 31, 2 ** 47, 2 ** 52, 2 ** 53 - 1),
);

/** Numbers in contexts, by sections. */
const someSections = fc.array(fc.array(fc.tuple(fc.nat(6), someNumber), { maxLength: 60 }), {
  minLength: 1,
  maxLength: 4,
});

const writer = new TokenWriter();

test('numbers come back from each section alone, whatever their contexts and sizes', () => {
  fc.assert(
    fc.property(someSections, (sections) => {
      writer.start(7);
      for (const numbers of sections) {
        writer.reserve(numbers.length);
        for (const [context, value] of numbers) writer.put(context, value);
        writer.endSection();
      }
      const [bytes, tables] = [new ByteWriter(), TokenTables.of(writer)];
      tables.write(bytes);
      const steps = new TokenSteps(TokenTables.read(new ByteReader(bytes.bytes())));
      for (const [at, numbers] of sections.entries()) {
        const section = writer.sections[at];
        assert.ok(section);
        bytes.reset();
        tables.writeSection(bytes, writer, section);
        const alone = Uint8Array.from(bytes.bytes());
        const [reader, other] = [new TokenReader(steps, bytes.bytes()), new TokenReader(steps, alone)];
        for (const [context, value] of numbers) {
          assert.equal(reader.next(context), value);
          assert.equal(other.nextOfAny(context), value);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('a number takes about as many bits as it is rare', () => {
  const bitsOf = (share: number): number => {
    writer.start(1);
    writer.reserve(20_000);
    for (let at = 0; at < 20_000; at++) writer.put(0, (at * 0.618_033_988_75) % 1 < share ? 1 : 0);
    writer.endSection();
    const bytes = new ByteWriter();
    const [section] = writer.sections;
    assert.ok(section);
    TokenTables.of(writer).writeSection(bytes, writer, section);
    return (8 * bytes.length) / 20_000;
  };
  for (const share of [0.5, 0.1, 0.01]) {
    const entropy = -share * Math.log2(share) - (1 - share) * Math.log2(1 - share);
    assert.ok(Math.abs(bitsOf(share) - entropy) < 0.01, `${share}: ${bitsOf(share)} bits for ${entropy}`);
  }
});

test('contexts that are alike share a table, and others do not', () => {
  writer.start(3);
  writer.reserve(3000);
  for (let at = 0; at < 1000; at++) {
    writer.put(0, at % 3);
    writer.put(1, (at + 1) % 3);
    writer.put(2, 7 + (at % 2));
  }
  writer.endSection();
  const { tableOf } = TokenTables.of(writer);
  assert.deepEqual([...tableOf], [0, 0, 1]);
});

const packer = new NumberPacker();

test('packed numbers come back, one list after the other', () => {
  const someList = fc.oneof(
    fc.array(someNumber, { maxLength: 100 }),
    fc.tuple(someNumber, fc.nat(90)).map(([value, count]) => Array.from({ length: count }, () => value)),
  );
  fc.assert(
    fc.property(someList, someList, someList, (first, second, third) => {
      const bytes = new ByteWriter();
      for (const list of [first, second, third]) packer.write(bytes, list);
      const reader = new ByteReader(bytes.bytes());
      assert.deepEqual([...readPackedNumbers(reader, first.length)], first);
      skipPackedNumbers(reader);
      assert.deepEqual([...readPackedNumbers(reader, third.length)], third);
      assert.ok(reader.ended);
    }),
    { numRuns: 300 },
  );
});
