import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { callTreeOf } from '../../src/profile/call-tree.ts';
import { collapsedOf } from '../../src/profile/collapsed.ts';
import { type FlameGraph, flameGraphOf, writeFlameGraph } from '../../src/profile/flame-graph.ts';
import { JsonBytes } from '../../src/profile/json-bytes.ts';
import { jsonNumber } from '../../src/profile/json-number.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { topOf, writeTop } from '../../src/profile/top.ts';
import { anyProfile } from '../support/pprof-arbitrary.ts';
import { profileFromText } from '../support/profile-from-text.ts';

const shop = profileFromText(`
  main;serve;query {route=/pay} 4
  main;serve;query              3
  main;serve                    1
  main;idle                     8
  fib;fib;fib                   2
  -                             1`);

/** The members of an object as they are written. */
function written(write: (json: JsonBytes) => void): string {
  const json = new JsonBytes().text('{');
  write(json);
  return new TextDecoder().decode(json.text('}').finish());
}

/** A flame graph as a person would draw it: total, self, name, indented by depth. */
function draw(graph: FlameGraph): string {
  const depth: number[] = [];
  return Array.from(graph.parent, (parent, i) => {
    depth[i] = parent < 0 ? 0 : (depth[parent] ?? 0) + 1;
    return `${graph.total[i]} ${graph.self[i]} ${'  '.repeat(depth[i] ?? 0)}${graph.names[graph.name[i] ?? 0]}`;
  }).join('\n');
}

test('a flame graph folds labels away and puts the heaviest child first, then by name', () => {
  assert.equal(
    draw(flameGraphOf(callTreeOf(shop, 0), { maxNodes: 100 })),
    `
19 1 total
16 0   main
8 8     idle
8 1     serve
7 7       query
2 0   fib
2 0     fib
2 2       fib`.slice(1),
  );
});

test('only the largest nodes stay, and what was folded is said', () => {
  const graph = flameGraphOf(callTreeOf(shop, 0), { maxNodes: 4 });
  assert.equal(draw(graph), '19 1 total\n16 0   main\n8 8     idle\n8 1     serve');
  assert.equal(graph.foldedShare, 9 / 19);
});

test('top counts a function once for each stack', () => {
  const rows = topOf(callTreeOf(shop, 0)).rows.map((row) => `${row.function} ${row.self} ${row.total}`);
  assert.deepEqual(rows, ['idle 8 8', 'query 7 7', 'fib 2 2', 'serve 1 8', 'main 0 16']);
  const byTotal = topOf(callTreeOf(shop, 0), { sort: 'total', limit: 3 }).rows.map((row) => row.function);
  assert.deepEqual(byTotal, ['main', 'idle', 'serve']);
});

test('collapsed stacks are lines, whatever is in a name', () => {
  assert.equal(
    collapsedOf(callTreeOf(shop, 0)),
    'fib;fib;fib 2\nmain;idle 8\nmain;serve 1\nmain;serve;query 7\ntotal 1\n',
  );
  const nasty = profileFromText('x 1');
  const frame = nasty.stacks.tree.frameAt(1);
  Object.assign(frame, { function: { ...frame.function, name: 'a;b\\c\nd' } });
  assert.equal(collapsedOf(callTreeOf(nasty, 0)), 'a\\;b\\\\c\\nd 1\n');
});

test('very deep stacks are no problem', () => {
  const deep = profileFromText(`${Array.from({ length: 50_000 }, () => 'fib').join(';')} 3`);
  assert.deepEqual(topOf(callTreeOf(deep, 0)).rows, [{ function: 'fib', file: '', self: 3, total: 3 }]);
  assert.equal(flameGraphOf(callTreeOf(deep, 0), { maxNodes: 100 }).parent.length, 100);
});

test('numbers in JSON have all their digits, and averages are decimals', () => {
  assert.equal(jsonNumber(2n ** 64n + 1n), '18446744073709551617');
  assert.equal(jsonNumber(7, 2), '3.5');
  assert.equal(jsonNumber(-1, 3), '-0.333333');
  assert.equal(jsonNumber(2, 3), '0.666667');
  assert.equal(jsonNumber(6, 3), '2');
  assert.equal(jsonNumber(2n ** 62n, 3), '1537228672809129301.333333');
  const big = profileFromText(`a ${2n ** 62n}\nb ${2n ** 62n}\nc ${2n ** 62n + 1n}`);
  assert.match(
    written((json) => writeTop(json, topOf(callTreeOf(big, 0)))),
    /"total":13835058055282163713}$/,
  );
});

test('numbers written as bytes are those written as text', () => {
  const whole = fc.oneof(
    fc.maxSafeInteger(),
    fc.integer({ min: -2e7, max: 2e7 }),
    fc.constantFrom(0, 2 ** 52, 1e7, 1e14 - 1),
  );
  const divisors = fc.oneof(fc.integer({ min: 1, max: 40 * 86_400 }), fc.integer({ min: 1, max: 2 ** 40 }));
  const property = fc.property(fc.array(whole), divisors, (values, divisor) => {
    const text = `[${values.map((value) => jsonNumber(value, divisor)).join(',')}]`;
    const amounts = [Float64Array.from(values), values.map(BigInt)];
    for (const written of amounts.map((column) => new JsonBytes().amounts(column, divisor).finish())) {
      assert.equal(new TextDecoder().decode(written), text);
    }
  });
  fc.assert(property);
  const integers = Int32Array.of(-1, 0, 9, 10, 2 ** 31 - 1, -(2 ** 31));
  assert.equal(new TextDecoder().decode(new JsonBytes().integers(integers).finish()), `[${integers.join(',')}]`);
});

test('what is written as bytes may stand inside a page, and grows as it must', () => {
  const names = Array.from({ length: 30_000 }, (_, at) => `</script>é${at}`);
  const bytes = new JsonBytes().text(JSON.stringify(names)).finish();
  assert.ok(!bytes.includes('<'.charCodeAt(0)));
  assert.deepEqual(JSON.parse(new TextDecoder().decode(bytes)), names);
});

test('of nodes that weigh the same, parents come first; what is 0 is not drawn', () => {
  const tree = callTreeOf(profileFromText('a;b;c 3\nd 3\nzero;below 0\ne 1'), 0);
  assert.equal(draw(flameGraphOf(tree, { maxNodes: 4 })), '7 0 total\n3 0   a\n3 0     b\n3 3       c');
  assert.equal(flameGraphOf(tree, { maxNodes: 100 }).name.length, 6);
});

test('the JSON of an average of a profile', () => {
  const average = profileFromText('main;a 3\nmain 4', { divisors: [2] });
  assert.deepEqual(
    JSON.parse(written((json) => writeFlameGraph(json, flameGraphOf(callTreeOf(average, 0), { maxNodes: 9 })))),
    {
      unit: 'count',
      names: ['total', 'main', 'a'],
      name: [0, 1, 2],
      parent: [-1, 0, 1],
      self: [0, 2, 1.5],
      total: [3.5, 3.5, 1.5],
    },
  );
});

test('in every flame graph a total is its self and its children, and the root is the whole', () => {
  fc.assert(
    fc.property(anyProfile(), (profile) => {
      const graph = flameGraphOf(callTreeOf(profile, 0), { maxNodes: 1_000 });
      const sums = Array.from(graph.self, BigInt);
      for (let i = graph.parent.length - 1; i > 0; i--) {
        const parent = graph.parent[i] ?? 0;
        assert.ok(parent < i);
        sums[parent] = (sums[parent] ?? 0n) + (sums[i] ?? 0n);
      }
      assert.deepEqual(sums, Array.from(graph.total, BigInt));
      assert.equal(sums[0], totalOf(profile));
      assert.equal(BigInt(topOf(callTreeOf(profile, 0)).total), totalOf(profile));
      assert.equal(graph.foldedShare, 0);
    }),
  );
});

function totalOf(profile: Profile): bigint {
  return Array.from(profile.values[0] ?? [], BigInt).reduce((sum, value) => sum + value, 0n);
}
