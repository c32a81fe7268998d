import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { callTreeOf } from '../../src/profile/call-tree.ts';
import { collapsedOf } from '../../src/profile/collapsed.ts';
import { JsonBytes } from '../../src/profile/json-bytes.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { writeSpeedscope } from '../../src/profile/speedscope.ts';
import { corpusFile, noCorpus } from '../support/corpus.ts';
import { anyProfile } from '../support/pprof-arbitrary.ts';
import { readProfile } from '../support/pprof-decode.ts';
import { profileFromText } from '../support/profile-from-text.ts';

interface Speedscope {
  readonly $schema: string;
  readonly name: string;
  readonly activeProfileIndex: number;
  readonly shared: { readonly frames: readonly { readonly name: string; readonly file?: string }[] };
  readonly profiles: readonly {
    readonly type: string;
    readonly name: string;
    readonly unit: string;
    readonly startValue: number;
    readonly endValue: number;
    readonly events: readonly { readonly type: 'O' | 'C'; readonly frame: number; readonly at: number }[];
  }[];
}

function written(profile: Profile, type = 0): Speedscope {
  const json = new JsonBytes();
  writeSpeedscope(json, callTreeOf(profile, type), { name: 'shop cpu' });
  return JSON.parse(new TextDecoder().decode(json.finish())) as Speedscope;
}

/** Reads a file by the rules of its schema and importer, back into folded stacks, their lengths summed by stack. */
function readBack({ $schema, shared, profiles }: Speedscope): Map<string, number> {
  assert.equal($schema, 'https://www.speedscope.app/file-format-schema.json');
  assert.equal(profiles.length, 1);
  const [profile] = profiles;
  assert.ok(profile && profile.type === 'evented' && profile.startValue === 0);
  assert.match(profile.unit, /^(none|(nano|micro|milli)?seconds|bytes)$/);
  const open: number[] = [];
  const stacks = new Map<string, number>();
  let last = 0;
  const spend = (until: number): void => {
    assert.ok(until >= last, 'time goes on');
    const stack = open.map((frame) => shared.frames[frame]?.name).join(';');
    if (until > last) stacks.set(stack, (stacks.get(stack) ?? 0) + until - last);
    last = until;
  };
  for (const { type, frame, at } of profile.events) {
    assert.ok(frame >= 0 && frame < shared.frames.length);
    spend(at);
    if (type === 'O') open.push(frame);
    else assert.equal(open.pop(), frame, 'calls end in the order in which they began');
  }
  assert.deepEqual(open, []);
  spend(profile.endValue);
  return stacks;
}

test('a call tree is calls that begin and end, the heaviest first', () => {
  const file = written(profileFromText('main;serve;query 4\nmain;serve 1\nmain;idle 8\n- 2\nnothing 0'));
  const [profile] = file.profiles;
  const names = file.shared.frames.map(({ name }) => name);
  assert.deepEqual(
    profile?.events.map(({ type, frame, at }) => `${type} ${names[frame]} ${at}`),
    ['O main 2', 'O idle 2', 'C idle 10', 'O serve 10', 'O query 11', 'C query 15', 'C serve 15', 'C main 15'],
  );
  assert.deepEqual([profile?.unit, profile?.endValue, file.name], ['none', 15, 'shop cpu']);
  assert.deepEqual(Object.fromEntries(readBack(file)), {
    '': 2,
    'main;idle': 8,
    'main;serve': 1,
    'main;serve;query': 4,
  });
});

test('units that speedscope knows stay, averages are decimals, files are told', () => {
  const memory = profileFromText('main;a 3\nmain 4', { types: [{ type: 'space', unit: 'bytes' }], divisors: [2] });
  Object.assign(memory.stacks.tree.frameAt(1).function ?? {}, { file: '/src/main.go' });
  const file = written(memory);
  assert.deepEqual([file.profiles[0]?.unit, file.profiles[0]?.endValue], ['bytes', 3.5]);
  assert.deepEqual(Object.fromEntries(readBack(file)), { main: 2, 'main;a': 1.5 });
  assert.deepEqual(file.shared.frames[1], { name: 'main', file: '/src/main.go' });
});

test('values below 0 cannot be shown and are told', () => {
  const file = written(profileFromText('main;freed -7\nmain;kept 3\ngone -1'));
  assert.equal(file.name, 'shop cpu (without values below 0, which add up to -8)');
  assert.deepEqual(Object.fromEntries(readBack(file)), { 'main;kept': 3 });
});

test('very deep stacks are no problem, and the work can be stopped', () => {
  const deep = profileFromText(`${Array.from({ length: 50_000 }, () => 'fib').join(';')} 3`);
  assert.equal(written(deep).profiles[0]?.events.length, 100_000);
  const stop = () => {
    throw new Error('stopped');
  };
  const tree = callTreeOf(deep, 0);
  assert.throws(() => writeSpeedscope(new JsonBytes(), tree, { name: '', check: stop }), /stopped/);
});

test('what is drawn is what was counted, stack by stack', () => {
  fc.assert(
    fc.property(anyProfile(), (profile) => {
      fc.pre(profile.values.every((column) => column.every((value) => value >= 0 && value < 2 ** 50)));
      checkStacks(profile, 0);
    }),
  );
});

test('real profiles hold every stack of theirs', { skip: noCorpus }, () => {
  for (const name of ['speedscope-simple', 'go-http-cpu', 'go-heap-caches-a', 'made-recursion-and-empty-stack']) {
    const profile = readProfile(corpusFile('real', `${name}.pb.gz`));
    profile.sampleTypes.forEach((_, type) => checkStacks(profile, type));
  }
});

function checkStacks(profile: Profile, type: number): void {
  const lines = [...readBack(written(profile, type))].map(([stack, value]) => `${stack || 'total'} ${value}`);
  const collapsed = collapsedOf(callTreeOf(profile, type)).split('\n').filter(Boolean);
  const plain = (line: string): string => line.replaceAll(/\\(.)/g, (_, c: string) => ({ n: '\n', r: '\r' })[c] ?? c);
  assert.deepEqual(lines.sort(), collapsed.map(plain).sort());
}
