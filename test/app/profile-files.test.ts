import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { encodeProfile } from '../../src/pprof/encode.ts';
import { callTreeOf } from '../../src/profile/call-tree.ts';
import { comparedName } from '../../src/profile/compared-name.ts';
import { topOf } from '../../src/profile/top.ts';
import { flameherd } from '../support/app-command.ts';
import { corpusDir, corpusFile, noCorpus, realIndex } from '../support/corpus.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { goPprof } from '../support/go-pprof.ts';
import { noGo } from '../support/no-go.ts';
import { readProfile } from '../support/pprof-decode.ts';
import { profileFromText } from '../support/profile-from-text.ts';

const cpuTypes = [
  { type: 'samples', unit: 'count' },
  { type: 'cpu', unit: 'nanoseconds' },
];
/** Ten seconds of a program in two versions. */
const header = { durationNanos: 10_000_000_000n, periodType: { type: 'cpu', unit: 'nanoseconds' } };
const before = profileFromText(
  `main;serve;query {route=/pay} 6 60000000
   main;serve;hash.func1         2 20000000
   main;idle                     2 20000000`,
  { types: cpuTypes, header },
);
const after = profileFromText(
  `main;serve;query {route=/pay} 3 30000000
   main;serve;hash.func2         2 20000000`,
  { types: cpuTypes, header },
);

/** The command in a folder with both, written as `a.pb.gz` and `b.pb.gz`. */
async function withFiles(t: Parameters<typeof temporaryFolder>[0]) {
  const folder = await temporaryFolder(t);
  const file = (name: string): string => join(folder, name);
  await writeFile(file('a.pb.gz'), encodeProfile(before));
  await writeFile(file('b.pb.gz'), encodeProfile(after));
  return { file, a: file('a.pb.gz'), b: file('b.pb.gz') };
}

test('top of a file needs no server, and opens with what go tool pprof does', async (t) => {
  const { a } = await withFiles(t);
  const { code, stdout, stderr } = await flameherd(['top', a]);
  assert.equal(stderr, '');
  assert.equal(
    stdout,
    ` SELF          TOTAL          FUNCTION
60 ms  60.0%   60 ms   60.0%  query
20 ms  20.0%   20 ms   20.0%  hash.func1
20 ms  20.0%   20 ms   20.0%  idle
 0 ns   0.0%  100 ms  100.0%  main
 0 ns   0.0%   80 ms   80.0%  serve

total 100 ms (cpu) in ${a} over 10s
`,
  );
  assert.equal(code, 0);
});

test('filters, sample types and forms are those of the server', async (t) => {
  const { a } = await withFiles(t);
  const rowsOf = async (...flags: readonly string[]) => {
    const { stdout, stderr } = await flameherd(['top', a, '--json', ...flags]);
    assert.equal(stderr, '');
    const { rows } = JSON.parse(stdout) as { rows: { function: string; self: number; total: number }[] };
    return rows.map((row) => `${row.function} ${row.self} ${row.total}`);
  };
  assert.deepEqual(await rowsOf('--type', 'samples', '--limit', '1'), ['query 6 6']);
  assert.deepEqual(await rowsOf('--type', 'cpu', '--tagfocus', 'pay', '--hide', '^query$', '--limit', '2'), [
    'serve 60000000 60000000',
    'main 0 60000000',
  ]);
  assert.deepEqual(await rowsOf('--show-from', 'serve', '--sort', 'total', '--limit', '1'), ['serve 0 80000000']);
  const markdown = await flameherd(['top', a, '--format', 'markdown', '--focus', 'nothing']);
  assert.match(markdown.stdout, /^\*\*`cpu` of `.*a\.pb\.gz`: 0 ns\*\*\n\n`focus: "nothing" matched no samples`\n$/);
});

test('callers and callees of a function in a file', async (t) => {
  const { a } = await withFiles(t);
  const { stdout } = await flameherd(['callgraph', 'serve', a]);
  assert.equal(
    stdout,
    `TOTAL          FUNCTION
80 ms  100.0%    ↓ main
80 ms  100.0%  serve
60 ms   75.0%      ↳ query
20 ms   25.0%      ↳ hash.func1

self 0 ns
of 100 ms (cpu) in ${a} over 10s
`,
  );
  const unknown = await flameherd(['callgraph', 'srve', a]);
  assert.deepEqual([unknown.code, unknown.stdout], [1, '']);
  assert.equal(
    unknown.stderr,
    'flameherd: function: "srve" is on no stack of this profile\nhint: did you mean serve?\n',
  );
});

test('a diff of two files is of the second against the first, by shares; closures meet', async (t) => {
  const { a, b } = await withFiles(t);
  const { stdout, stderr, code } = await flameherd(['diff', a, b]);
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(
    stdout,
    `       CHANGE  BEFORE   AFTER       IN TOTAL  FUNCTION
+20.00 points  20.00%  40.00%  +20.00 points  hash.func
-20.00 points  20.00%   0.00%  -20.00 points  idle
  0.00 points   0.00%   0.00%  +20.00 points  serve

before: 100 ms (cpu) in ${a} over 10s
after:  50 ms (cpu) in ${b} over 10s
Compared as shares of each total.
How much of this is chance is not known: that takes several profiles on each side.
`,
  );
});

test('a diff of files per second, as measured, and of a profile with itself', async (t) => {
  const { a, b } = await withFiles(t);
  const changes = async (first: string, second: string, ...flags: readonly string[]) => {
    const { stdout, stderr } = await flameherd(['diff', first, second, '--json', ...flags]);
    assert.equal(stderr, '');
    const { rows, meta } = JSON.parse(stdout) as { rows: DiffRow[]; meta: { changeUnit: string } };
    assert.ok(rows.every((row) => row.unsure && row.selfSpread === null));
    return [meta.changeUnit, ...rows.map((row) => `${row.function} ${row.selfChange} ${row.totalChange}`)];
  };
  assert.deepEqual(await changes(a, b, '--normalize', 'process', '--limit', '1'), ['cores', 'query -0.003 -0.003']);
  assert.deepEqual(await changes(a, b, '--normalize', 'none', '--sort', 'total', '--limit', '2'), [
    'nanoseconds',
    'main 0 -50000000',
    'query -30000000 -30000000',
  ]);
  assert.deepEqual(await changes(a, a), ['share']);
  const same = await flameherd(['diff', a, a, '--format', 'markdown']);
  assert.match(same.stdout, /: 100 ms → 100 ms \(\+0 %\)\n\nNo function changed\.\n/);
});

test('a diff as markdown names what changed most in a table', async (t) => {
  const { a, b } = await withFiles(t);
  const { stdout } = await flameherd(['diff', a, b, '--format', 'markdown', '--limit', '1']);
  assert.equal(
    stdout,
    `**\`cpu\`, \`${a}\` → \`${b}\`**: 100 ms → 50 ms (-50 %)

| function | before | after | change |
| --- | ---: | ---: | ---: |
| \`hash.func\` | 20 % | 40 % | +20 points |

What functions do themselves, as a share of each side's total. One profile a side does not tell what is chance.
`,
  );
});

test('a diff as pprof opens in go tool pprof', { skip: noGo }, async (t) => {
  const { a, b, file } = await withFiles(t);
  const written = await flameherd(['diff', a, b, '--normalize', 'none', '--format', 'pprof', '-o', file('d.pb.gz')]);
  assert.match(written.stdout, /d\.pb\.gz: \d+ B\n$/);
  const { stdout, stderr } = await goPprof(['-top', file('d.pb.gz')]);
  assert.equal(stderr, '');
  assert.match(stdout.toString(), /^Type: cpu\n[^]*-30ms.* query\n[^]* -20ms.* idle\n/m);
  const nowhere = await flameherd(['diff', a, b, '--format', 'pprof']);
  assert.match(nowhere.stderr, /say where to with --output\nhint: -o diff\.pb\.gz/);
});

interface DiffRow {
  readonly function: string;
  readonly selfChange: number;
  readonly totalChange: number;
  readonly selfSpread: number | null;
  readonly unsure: boolean;
}

test('diffs of real pairs have the numbers of google/pprof', { skip: noCorpus }, async (t) => {
  const file = join(await temporaryFolder(t), 'diff.pb.gz');
  const pairs = realIndex().pairs.filter(({ base }) => /^(go-cpu|go-heap|go-mutex|profefe-cpu|dd-block)/.test(base));
  assert.equal(pairs.length, 5);
  for (const { base, next } of pairs) {
    const paths = [base, next].map((name) => join(corpusDir ?? '', 'real', name));
    const asked = ['diff', ...paths, '--normalize', 'none', '--limit', '100000'];
    await flameherd([...asked, '--format', 'pprof', '-o', file]);
    const labelled = readProfile(await readFile(file));
    for (const [type, { by_flat, by_cum }] of oracleTops(`pair-${base}+${next}.json`).entries()) {
      const name = labelled.sampleTypes[type]?.type ?? '';
      const { stdout } = await flameherd([...asked, '--json', '--type', name]);
      const { rows } = JSON.parse(stdout) as { rows: DiffRow[] };
      const byName = new Map(rows.map((row) => [row.function, `${row.selfChange} ${row.totalChange}`]));
      const pprofByName = new Map(
        topOf(callTreeOf(labelled, type)).rows.map((row) => [row.function, `${row.self} ${row.total}`]),
      );
      for (const { function: fn, flat, cum } of [...by_flat, ...by_cum]) {
        assert.equal(pprofByName.get(fn), `${flat} ${cum}`, `${base} ${name} ${fn}`);
        if (comparedName(fn) === fn) assert.equal(byName.get(fn), `${flat} ${cum}`, `${base} ${name} ${fn}`);
      }
    }
  }
});

interface OracleTop {
  readonly by_flat: readonly { readonly function: string; readonly flat: string; readonly cum: string }[];
  readonly by_cum: OracleTop['by_flat'];
}

function oracleTops(name: string): readonly OracleTop[] {
  const bytes = corpusFile('oracle', name);
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : Buffer.from(bytes)).toString();
  return (JSON.parse(text) as { diff: { top: OracleTop[] } }).diff.top;
}

test('what is no profile, not there, or not to be compared is said with what to do', async (t) => {
  const { a, file } = await withFiles(t);
  await writeFile(
    file('heap.pb'),
    encodeProfile(profileFromText('main 1', { types: [{ type: 'inuse_space', unit: 'bytes' }] })),
  );
  await writeFile(file('page.pb'), '<!doctype html><html></html>');
  const failed = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await flameherd(args);
    assert.deepEqual([code, stdout], [1, '']);
    return stderr;
  };
  assert.match(await failed('top', file('none.pb.gz')), /none\.pb\.gz cannot be read: there is no such file\nhint: /);
  assert.match(await failed('top', file('page.pb')), /page\.pb: .*HTML[^]*hint: .*pprof/);
  assert.match(
    await failed('top', 'haep'),
    /"haep" is no profile type, and there is no such file\nhint: did you mean heap\?/,
  );
  assert.match(
    await failed('top', a, '--type', 'cup'),
    /has no sample type "cup"; it has samples, cpu\nhint: did you mean cpu\?/,
  );
  assert.match(await failed('top', a, '--last', '1h'), /--last asks the server, and a file is one profile/);
  assert.match(await failed('top', a, '--limit', '0'), /--limit: "0" is no number of rows/);
  assert.match(await failed('top', a, '--focus', '('), /focus: .*hint: /s);
  assert.match(await failed('top', a, '--preset', 'jvm'), /preset: "jvm" is none; allowed are runtime, libc/);
  assert.match(await failed('diff', a), /hint: flameherd diff BASE FILE/);
  assert.match(await failed('diff', a, a, a), /a diff is of two/);
  assert.match(
    await failed('diff', file('heap.pb'), a),
    /looked at by cpu\/nanoseconds, which .*heap\.pb does not have/,
  );
  assert.match(await failed('diff', a, file('heap.pb'), '--normalize', 'process'), /looked at by inuse_space\/bytes/);
  assert.match(await failed('diff', a, a, '--base-last', '1h'), /--base-last asks the server/);
});
