import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { describe, describeNode } from '../../../src/ui/flame/describe.ts';
import { fitText } from '../../../src/ui/flame/fit-text.ts';
import { foldedText, nodeAtPath, pathOf, pathOfText, pathText, prepareFlame } from '../../../src/ui/flame/model.ts';
import { moved, nextMatch } from '../../../src/ui/flame/moves.ts';
import { partsOf } from '../../../src/ui/flame/names.ts';
import { boxesOf } from '../../../src/ui/flame/scene.ts';
import { anyGraph, diffOf, folded, graphOf } from './answers.ts';

const formatValue = (value: number): string => `${value} B`;
/** Every letter is ten wide. */
const measure = (text: string): number => 10 * text.length;

test('a path leads to its node and a node to its path, as text too', () => {
  fc.assert(
    fc.property(anyGraph, (answer) => {
      const model = prepareFlame(answer);
      for (let node = 0; node < model.size; node++) {
        const path = pathOf(model, node);
        assert.equal(nodeAtPath(model, path), node);
        assert.deepEqual(pathOfText(pathText(path)), path);
      }
    }),
  );
});

test('any names survive being a path in a URL', () => {
  const name = fc.string({ unit: fc.constantFrom('a', ';', '\\', '\n', '\r', 'n', 'ü') });
  fc.assert(
    fc.property(fc.array(name, { minLength: 1 }), (path) => {
      fc.pre(path.length > 1 || path[0] !== '');
      assert.deepEqual(pathOfText(pathText(path)), path);
    }),
  );
  assert.equal(nodeAtPath(prepareFlame(graphOf('a;b 1')), ['a', 'c']), -1);
  assert.equal(nodeAtPath(prepareFlame(graphOf('a;b 1')), pathOfText(String.raw`a;\b`)), -1);
});

test('text that does not fit keeps its end and some of its beginning', () => {
  assert.equal(fitText('cart.(*Basket).Add', 200, measure), 'cart.(*Basket).Add');
  assert.equal(fitText('cart.(*Basket).Add', 110, measure), 'cart…t).Add');
  assert.equal(fitText('cart.(*Basket).Add', 20, measure), '');
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 0, max: 300 }), (text, room) => {
      assert.ok(measure(fitText(text, room, measure)) <= Math.max(0, room));
    }),
  );
});

test('package, module and what is written into a box, of names of several languages', () => {
  const cases = [
    ['main.main', 'main', 'main', 'main.main'],
    [
      'github.com/acme/shop/cart.(*Basket).Add',
      'github.com/acme/shop/cart',
      'github.com/acme/shop',
      'cart.(*Basket).Add',
    ],
    [
      'slices.SortFunc[go.shape.[]github.com/x/y.Z]',
      'slices',
      'slices',
      'slices.SortFunc[go.shape.[]github.com/x/y.Z]',
    ],
    ['net/http.(*conn).serve', 'net/http', 'net', 'http.(*conn).serve'],
    ['std::vec::Vec<T>::push', 'std::vec', 'std', 'std::vec::Vec<T>::push'],
    ['java.util.HashMap.get', 'java.util', 'java.util', 'java.util.HashMap.get'],
    ['handle', 'handle', 'handle', 'handle'],
    ['(anonymous:L#1:C#2)', '(anonymous:L#1:C#2)', '(anonymous:L#1:C#2)', '(anonymous:L#1:C#2)'],
  ] as const;
  for (const [name, own, module, short] of cases) {
    const parts = partsOf(name);
    assert.deepEqual([parts.package, parts.module, parts.short], [own, module, short], name);
  }
  assert.ok(partsOf('runtime.mallocgc').isRuntime && partsOf('(program)').isRuntime);
  assert.ok(!partsOf('runtimes.of').isRuntime && !partsOf('(anonymous:L#1:C#2)').isRuntime);
});

test('a frame is described by its amounts, their shares, and its part of its caller', () => {
  const model = prepareFlame(graphOf('main;serve;query 10\nmain;serve 2\nmain;idle 4\ngc 4'));
  assert.deepEqual(describeNode(nodeAtPath(model, ['main', 'serve']), { model, formatValue }), {
    title: 'serve',
    lines: ['total 12 B (60 %, 75 % of its caller)', 'self 2 B (10 %)'],
  });
});

test('a frame of a diff is described by how its share moved, and whether that is sure', () => {
  const model = prepareFlame(diffOf('scan 30 10\nserve 70 90\nnew 0 0'));
  const unsure = Uint8Array.from(model.names, (name) => Number(name === 'scan'));
  assert.deepEqual(describeNode(nodeAtPath(model, ['scan']), { model, formatValue, unsure }).lines, [
    'total 10 % → 30 % (+20 points)',
    'self 10 % → 30 % (+20 points)',
    '10 B → 30 B',
    'Not sure: scrapes differ by as much anyway.',
  ]);
});

test('a grey box says how many frames it stands for, their share, and the largest', () => {
  const model = prepareFlame(graphOf('wide 96\nb 1\nc 2\nd 1'));
  const run = boxesOf(model, 1, { start: 0, end: 1, pixels: 30 }).find(({ kind }) => kind === 'run');
  assert.deepEqual(run && describe(run, { model, formatValue }), {
    title: '3 frames, 4 %',
    lines: ['each narrower than a pixel', 'largest: c (2 %)', 'Click to zoom to them.'],
  });
});

test('the sentence for the header says what is not seen, and nothing where all is', () => {
  const whole = { start: 0, end: 1, pixels: 100 };
  assert.equal(foldedText(prepareFlame(graphOf('a 1\nb 1')), whole), '');
  const dust = graphOf(`wide 900\n${Array.from({ length: 50 }, (_, at) => `f${at} 2`).join('\n')}`);
  assert.equal(foldedText(prepareFlame(dust), whole), '10 % is in frames below 1 px, merged into grey boxes');
  assert.equal(foldedText(prepareFlame(folded(dust, 100)), whole), '10 % has no frames of its own in this answer');
});

test('keys lead to the caller, the widest callee, and neighbours below other callers too', () => {
  const model = prepareFlame(graphOf('a;b 1\na;c 5\nd;e 2'));
  const at = (...path: string[]): number => nodeAtPath(model, path);
  assert.equal(moved(model, 0, 'child'), at('a'));
  assert.equal(moved(model, at('a'), 'child'), at('a', 'c'));
  assert.equal(moved(model, at('a', 'c'), 'after'), at('d', 'e'));
  assert.equal(moved(model, at('d', 'e'), 'before'), at('a', 'c'));
  assert.equal(moved(model, at('d', 'e'), 'after'), at('d', 'e'));
  assert.equal(moved(model, at('d', 'e'), 'parent'), at('d'));
  assert.equal(moved(model, 0, 'parent'), 0);
});

test('matches follow each other around the end, in both directions', () => {
  const model = prepareFlame(graphOf('a;x 1\nb;x 1\nc 1'));
  const names = Uint8Array.from(model.names, (name) => Number(name === 'x'));
  const [first, second] = [nodeAtPath(model, ['a', 'x']), nodeAtPath(model, ['b', 'x'])];
  assert.deepEqual(
    [nextMatch(model, names, 0, 1), nextMatch(model, names, first, 1), nextMatch(model, names, second, 1)],
    [first, second, first],
  );
  assert.equal(nextMatch(model, names, first, -1), second);
  assert.equal(nextMatch(model, new Uint8Array(names.length), 0, 1), undefined);
});
