import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { LineSplitter } from '../../src/kubernetes/line-splitter.ts';

test('lines come out whole however their bytes arrive', () => {
  const text = fc.array(fc.constantFrom('a', 'é', '€', '😀')).map((letters) => letters.join(''));
  fc.assert(
    fc.property(fc.array(text), fc.array(fc.nat(9)), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const splitter = new LineSplitter(1000);
      const seen: string[] = [];
      for (const chunk of chunksOf(bytes, cuts)) for (const line of splitter.push(chunk)) seen.push(line.toString());
      assert.deepEqual(
        seen,
        lines.filter((line) => line !== ''),
      );
      assert.equal(splitter.pendingBytes, 0);
    }),
  );
});

test('a line that was cut is seen as pending bytes', () => {
  const splitter = new LineSplitter(1000);
  assert.equal([...splitter.push(Buffer.from('whole\nhal'))].length, 1);
  assert.equal(splitter.pendingBytes, 3);
});

test('a line above the limit is refused while it arrives', () => {
  const splitter = new LineSplitter(10);
  assert.equal([...splitter.push(Buffer.from('12345678'))].length, 0);
  assert.throws(() => [...splitter.push(Buffer.from('9ab'))], { kind: 'protocol' });
});

function* chunksOf(bytes: Buffer, cuts: readonly number[]): Generator<Buffer> {
  let start = 0;
  for (const cut of cuts) {
    yield bytes.subarray(start, start + cut);
    start += cut;
  }
  yield bytes.subarray(start);
}
