import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DecodeError } from '../../src/pprof/decode-error.ts';
import { openInflateEngine } from '../../src/pprof/inflate-engine.ts';
import { Inflater } from '../../src/pprof/inflater.ts';
import { padding } from '../../src/pprof/wire-reader.ts';

const limit = 1 << 20;
/** With Node's engine, and the way that needs none. */
const ways: readonly (readonly [name: string, make: () => Inflater])[] = [
  ['one engine for all', () => new Inflater(limit, openInflateEngine())],
  ['an engine for each', () => new Inflater(limit, undefined)],
];

test('this Node has the engine', () => {
  assert.notEqual(openInflateEngine(), undefined);
});

for (const [name, make] of ways) {
  test(`${name}: bodies one after the other, of any size, with room behind them`, () => {
    const inflater = make();
    for (const size of [1, 100_000, 3, 900_000, 10, 10, 65_536]) {
      const message = randomBytes(size);
      const body = gzipSync(message);
      const { buffer, length, consumed } = inflater.inflate(body);
      assert.deepEqual(Buffer.from(buffer.subarray(0, length)), message);
      assert.equal(consumed, body.length);
      assert.ok(buffer.length >= length + padding);
    }
  });

  test(`${name}: members of a stream are read as one, whatever the last one's length says`, () => {
    const members = [Buffer.alloc(700_000, 'a'), Buffer.alloc(40, 'b')];
    const { buffer, length } = make().inflate(Buffer.concat(members.map((member) => gzipSync(member))));
    assert.deepEqual(Buffer.from(buffer.subarray(0, length)), Buffer.concat(members));
  });

  test(`${name}: more than the limit is refused, also when the trailer promises less; the limit itself passes`, () => {
    const inflater = make();
    const lying = gzipSync(Buffer.alloc(limit + 1));
    lying.writeUInt32LE(5, lying.length - 4);
    for (const body of [gzipSync(Buffer.alloc(limit + 1)), lying, gzipSync(Buffer.alloc(50 * limit))]) {
      assert.throws(() => inflater.inflate(body), DecodeError);
    }
    assert.throws(() => inflater.inflate(gzipSync(Buffer.alloc(limit + 1))), /above the limit of 1048576 bytes/);
    assert.equal(inflater.inflate(gzipSync(Buffer.alloc(limit))).length, limit);
  });

  test(`${name}: a broken body is refused with its reason, and the next one is read`, () => {
    const inflater = make();
    const good = gzipSync('hello');
    const badCrc = Buffer.from(good);
    badCrc[badCrc.length - 8] = (badCrc[badCrc.length - 8] ?? 0) ^ 1;
    assert.throws(() => inflater.inflate(good.subarray(0, -3)), /gzip cut off/);
    assert.throws(() => inflater.inflate(badCrc), /gzip is broken: incorrect data check/);
    assert.equal(inflater.inflate(Buffer.concat([good, Buffer.alloc(9)])).consumed, good.length);
    const { buffer, length } = inflater.inflate(good);
    assert.equal(Buffer.from(buffer.subarray(0, length)).toString(), 'hello');
  });
}

test('a giant leaves no memory behind', () => {
  const inflater = new Inflater(64 << 20, openInflateEngine());
  inflater.inflate(gzipSync(Buffer.alloc(32 << 20)));
  inflater.inflate(gzipSync('small'));
  assert.ok(inflater.inflate(gzipSync('small')).buffer.length < 1 << 20);
});
