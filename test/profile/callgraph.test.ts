import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { FlameherdError } from '../../src/model/errors.ts';
import { frameName } from '../../src/model/frame.ts';
import { callTreeOf } from '../../src/profile/call-tree.ts';
import { type CallGraph, callGraphOf, writeCallGraph } from '../../src/profile/callgraph.ts';
import { JsonBytes } from '../../src/profile/json-bytes.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { topOf } from '../../src/profile/top.ts';
import { corpusDir, corpusFile, noCorpus } from '../support/corpus.ts';
import { noGo } from '../support/no-go.ts';
import { anyProfile } from '../support/pprof-arbitrary.ts';
import { readProfile } from '../support/pprof-decode.ts';
import { profileFromText } from '../support/profile-from-text.ts';

/** As a person would draw it: callers, the function with self and total, callees. */
function draw({ callers, callees, function: name, self, total }: CallGraph): string {
  const edges = (list: CallGraph['callers']) => list.map((edge) => `${edge.function} ${edge.value}`).join(', ');
  return `${edges(callers)} -> ${name} ${self}/${total} -> ${edges(callees)}`;
}

const shop = profileFromText(`
  main;serve;query {route=/pay} 4
  main;serve;query;read         3
  cron;query;parse              5
  query;read                    6
  main;idle                     8
  -                             1`);

test('callers and callees of a function, by size', () => {
  const graph = callGraphOf(callTreeOf(shop, 0), 'query');
  assert.equal(draw(graph), 'serve 7, cron 5 -> query 4/18 -> read 9, parse 5');
  assert.equal(graph.profileTotal, 27);
  assert.equal(draw(callGraphOf(callTreeOf(shop, 0), 'main')), ' -> main 0/15 -> idle 8, serve 7');
  assert.equal(draw(callGraphOf(callTreeOf(shop, 0), 'query', { limit: 1 })), 'serve 7 -> query 4/18 -> read 9');
});

test('a recursive stack counts once for each pair of functions, and a function calling itself is none', () => {
  const tree = callTreeOf(profileFromText('main;fib;fib;fib 5\nmain;even;odd;even;odd;leaf 3\nodd;even 1'), 0);
  assert.equal(draw(callGraphOf(tree, 'fib')), 'main 5 -> fib 5/5 -> ');
  assert.equal(draw(callGraphOf(tree, 'even')), 'odd 4, main 3 -> even 1/4 -> odd 3');
  assert.equal(draw(callGraphOf(tree, 'odd')), 'even 3 -> odd 0/4 -> even 4, leaf 3');
});

test('as JSON, averages are decimals and names are data', () => {
  const tree = callTreeOf(profileFromText('</script>;a"b 3', { divisors: [2] }), 0);
  const json = new JsonBytes().text('{');
  writeCallGraph(json, callGraphOf(tree, 'a"b'));
  const text = new TextDecoder().decode(json.text('}').finish());
  assert.ok(!text.includes('<'));
  assert.deepEqual(JSON.parse(text), {
    unit: 'count',
    function: 'a"b',
    file: '',
    self: 1.5,
    total: 1.5,
    callers: [{ function: '</script>', file: '', value: 1.5 }],
    callees: [],
    profileTotal: 1.5,
  });
});

test('an unknown function is told with those that may have been meant', () => {
  const tree = callTreeOf(profileFromText('main.main;shop/db.(*Conn).Query 1\nmain.main;shop/db.Query.func1 1'), 0);
  const hintOf = (name: string): string => {
    let hint = '';
    assert.throws(
      () => callGraphOf(tree, name),
      (error) => {
        assert.ok(error instanceof FlameherdError && error.code === 'not_found');
        assert.match(error.message, /^function: ".*" is on no stack of this profile$/);
        hint = error.hint ?? '';
        return true;
      },
    );
    return hint;
  };
  assert.equal(hintOf('query'), 'did you mean shop/db.Query.func1 or shop/db.(*Conn).Query?');
  assert.equal(hintOf('main.mian'), 'did you mean main.main?');
  assert.match(hintOf('zzz'), /format=top lists/);
  assert.match(hintOf('total'), /format=top lists/);
  assert.match(hintOf(''), /format=top lists/);
});

test('very deep stacks are no problem, and the work can be stopped', () => {
  const deep = Array.from({ length: 200_000 }, (_, at) => (at % 2 === 0 ? 'even' : 'odd')).join(';');
  const tree = callTreeOf(profileFromText(`${deep} 3`), 0);
  assert.equal(draw(callGraphOf(tree, 'even')), 'odd 3 -> even 0/3 -> odd 3');
  const stop = () => {
    throw new Error('stopped');
  };
  assert.throws(() => callGraphOf(tree, 'even', { check: stop }), /stopped/);
});

test('every call graph is that of its stacks', () => {
  fc.assert(
    fc.property(anyProfile(), (profile) => {
      const tree = callTreeOf(profile, 0);
      for (const { function: name, self, total } of topOf(tree).rows) {
        const graph = callGraphOf(tree, name);
        const { callers, callees } = byStacks(profile, name);
        const shown = (edges: CallGraph['callers']) => edges.map((edge) => `${edge.value} ${edge.function}`).sort();
        assert.deepEqual([graph.self, graph.total].map(BigInt), [self, total].map(BigInt));
        assert.deepEqual(shown(graph.callers), callers);
        assert.deepEqual(shown(graph.callees), callees);
      }
    }),
  );
});

/** The pairs around a function, stack by stack. */
function byStacks({ stacks, values }: Profile, name: string): { callers: string[]; callees: string[] } {
  const sums = { callers: new Map<string, bigint>(), callees: new Map<string, bigint>() };
  for (let row = 0; row < stacks.size; row++) {
    const names = stacks.stack(row).frames.map(frameName);
    const pairs = names.flatMap((callee, at) => (at === 0 ? [] : [[names[at - 1] ?? '', callee] as const]));
    const others = pairs.filter(([caller, callee]) => caller !== callee);
    const value = BigInt(values[0]?.[row] ?? 0);
    for (const caller of new Set(others.filter((pair) => pair[1] === name).map((pair) => pair[0])))
      sums.callers.set(caller, (sums.callers.get(caller) ?? 0n) + value);
    for (const callee of new Set(others.filter((pair) => pair[0] === name).map((pair) => pair[1])))
      sums.callees.set(callee, (sums.callees.get(callee) ?? 0n) + value);
  }
  const sorted = (edges: ReadonlyMap<string, bigint>) =>
    [...edges]
      .filter(([, value]) => value !== 0n)
      .map(([other, value]) => `${value} ${other}`)
      .sort();
  return { callers: sorted(sums.callers), callees: sorted(sums.callees) };
}

test('real profiles have the callers and callees of go tool pprof -peek', { skip: noCorpus || noGo }, () => {
  for (const file of ['made-recursion-and-empty-stack', 'go-http-cpu', 'parca-go-cpu', 'go-goroutine-recursion-500']) {
    const profile = readProfile(corpusFile('real', `${file}.pb.gz`));
    const type = profile.sampleTypes.length - 1;
    const tree = callTreeOf(profile, type);
    const peeked = peek(`${file}.pb.gz`);
    assert.ok(peeked.length > 3, file);
    for (const { name, callers, callees, total } of peeked) {
      const graph = callGraphOf(tree, name);
      const shown = (edges: CallGraph['callers']) => edges.map((edge) => `${edge.value} ${edge.function}`).sort();
      assert.equal(String(graph.total), total, `${file}: ${name}`);
      assert.deepEqual([shown(graph.callers), shown(graph.callees)], [callers, callees], `${file}: ${name}`);
    }
  }
});

interface Peeked {
  readonly name: string;
  readonly total: string;
  readonly callers: string[];
  readonly callees: string[];
}

/** The blocks of `-peek .` of a file, numbers in its smallest unit. */
function peek(file: string): Peeked[] {
  const args = ['tool', 'pprof', '-peek', '.', '-unit', 'ns', join(corpusDir ?? '', 'real', file)];
  const { stdout } = spawnSync('go', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  return stdout
    .split(/^-+\+-+\n/m)
    .slice(2)
    .filter((block) => block !== '')
    .map(peekedIn);
}

/** Lines of callers, the function's own, lines of callees. */
function peekedIn(block: string): Peeked {
  const lines = block.trimEnd().split('\n');
  const own = lines.findIndex((line) => /\| \S/.test(line));
  const [, total = '', name = ''] = /(\d+)(?:ns)?\s+[\d.]+%\s+\| (.*)$/.exec(lines[own] ?? '') ?? [];
  const edge = (line: string): string =>
    line.replace(/^\s*(\d+)(?:ns)?\s+[\d.]+%\s\|\s{3}(.*?)(?: \(inline\))?$/, '$1 $2');
  return {
    name,
    total,
    callers: lines.slice(0, own).map(edge).sort(),
    callees: lines
      .slice(own + 1)
      .map(edge)
      .sort(),
  };
}
