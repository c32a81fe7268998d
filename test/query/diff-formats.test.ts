import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseSelector } from '../../src/model/matcher.ts';
import { plainView } from '../../src/model/view.ts';
import type { DiffQuestion } from '../../src/query/engine.ts';
import { laneOf } from '../../src/query/lane.ts';
import type { ProfileReader } from '../../src/store/profile-store.ts';
import { corpusFile, noCorpus } from '../support/corpus.ts';
import { goPprof } from '../support/go-pprof.ts';
import { noGo } from '../support/no-go.ts';
import { readProfile } from '../support/pprof-decode.ts';
import { textOfProfile } from '../support/profile-from-text.ts';
import { ask, askBody, askJson, askText, cpuProfile, heapProfile, minuteMs, noonMs } from '../support/query-ask.ts';
import { afternoon, type DiffTopAnswer, diffQuestion, morning, scrapesOf } from '../support/query-diff.ts';
import { type MemoryProfile, memoryReader } from '../support/query-memory-reader.ts';
import { readRows } from '../support/query-profile.ts';
import { drawnPods } from '../support/query-rollouts.ts';
import { readerOfTwo } from '../support/query-two-profiles.ts';

const before = (minutes: number): number => noonMs - minutes * minuteMs;
const after = (minutes: number): number => noonMs + minutes * minuteMs;

function pprof(reader: ProfileReader, query: string, options: Partial<DiffQuestion> = {}) {
  return readProfile(askBody(reader, diffQuestion(query, { format: 'pprof', ...options })));
}

const twoPods = memoryReader(
  [
    cpuProfile('a', before(20), 'main;x{tenant=t} 3 30\nmain;y 1 10'),
    cpuProfile('a', after(5), 'main;x{tenant=t} 2 20\nmain;z 6 60'),
    cpuProfile('b', after(5), 'main;x{tenant=t} 4 40'),
  ],
  { type: 'cpu', unit: 'nanoseconds' },
);

test('a pprof has the samples of both sides, those of the base negative and labelled', () => {
  const diff = pprof(twoPods, 'cpu{workload="checkout"}', { normalize: 'none' });
  assert.equal(
    textOfProfile(diff),
    [
      'main;x {pprof::base=true,tenant=t} -3 -30',
      'main;x {tenant=t} 6 60',
      'main;y {pprof::base=true} -1 -10',
      'main;z 6 60',
    ].join('\n'),
  );
  const { durationNanos, timeNanos, defaultSampleType, comments } = diff.header;
  assert.deepEqual([durationNanos, timeNanos, defaultSampleType], [30_000_000_000n, 1772364600000000000n, 'cpu']);
  assert.deepEqual(comments, [
    'compare: flameherd: 2 profiles of 2 processes, 2026-03-01T12:00:00.000Z to 2026-03-01T12:30:00.000Z; samples, cpu: sum',
    'base: flameherd: 1 profile of 1 process, 2026-03-01T11:30:00.000Z to 2026-03-01T12:00:00.000Z; samples, cpu: sum',
    'normalize=none: values as measured',
  ]);
});

test('a pprof says in its comments which filters matched nothing, and on which side', () => {
  const view = { ...plainView, filters: { focus: 'main', hide: '^z$' } };
  const { comments } = pprof(twoPods, 'cpu{workload="checkout"}', { view }).header;
  assert.deepEqual(
    comments.filter((comment) => comment.includes('matched no samples')),
    ['base: hide: "^z$" matched no samples'],
  );
});

test('a pprof by shares scales the compared side to the total of the base, each type by itself', () => {
  const diff = pprof(twoPods, 'cpu');
  assert.equal(
    textOfProfile(diff),
    // 12 samples to 4, and 120 ns to 40: what is rounded away goes to the largest remainders.
    [
      'main;x {pprof::base=true,tenant=t} -3 -30',
      'main;x {tenant=t} 2 20',
      'main;y {pprof::base=true} -1 -10',
      'main;z 2 20',
    ].join('\n'),
  );
  assert.match(diff.header.comments.at(-1) ?? '', /^normalize=share: .* samples × 0\.3333333, cpu × 0\.3333333$/);
});

test('rounding keeps the total: what is scaled adds up to the base', () => {
  const rows = Array.from({ length: 7 }, (_, index) => `main;f${index} 1 1`).join('\n');
  const reader = memoryReader([cpuProfile('a', before(3), 'main;old 5 5'), cpuProfile('a', after(3), rows)]);
  const { values } = pprof(reader, 'cpu');
  assert.deepEqual(
    values.map((column) => Array.from(column, Number).reduce((sum, value) => sum + value, 0)),
    [0, 0],
  );
});

test('a pprof by process scales to as many profiled seconds, and gauges to as many processes', () => {
  const perSecond = pprof(twoPods, 'cpu', { normalize: 'process' });
  assert.match(textOfProfile(perSecond), /^main;x \{tenant=t\} 3 30$/m);
  assert.match(textOfProfile(perSecond), /^main;z 3 30$/m);
  const heaps = memoryReader([
    heapProfile('old', before(2), 'main;cache 5 100'),
    heapProfile('a', after(1), 'main;cache 5 100'),
    heapProfile('b', after(1), 'main;cache 7 300'),
  ]);
  assert.equal(
    textOfProfile(pprof(heaps, 'heap', { normalize: 'process' })),
    'main;cache 6 200\nmain;cache {pprof::base=true} -5 -100',
  );
});

test('averages in a pprof are rounded, each side by itself', () => {
  const heaps = memoryReader([
    heapProfile('old', before(3), 'main;x 1 10\nmain;y 1 11'),
    heapProfile('old', before(2), 'main;x 1 11\nmain;y 1 12'),
    heapProfile('a', after(1), 'main;x 1 7'),
  ]);
  assert.equal(
    textOfProfile(pprof(heaps, 'heap', { normalize: 'none' })),
    // 10.5 and 11.5 are 22 together; allocations are sums.
    ['main;x 1 7', 'main;x {pprof::base=true} -2 -11', 'main;y {pprof::base=true} -2 -11'].join('\n'),
  );
});

test('the file is named by the workload, the type and the window', () => {
  const answer = ask(twoPods, diffQuestion('cpu{workload="checkout"}', { format: 'pprof' }));
  assert.equal(answer.kind === 'answer' && answer.fileName, 'checkout-cpu-diff-20260301T120000Z.pb.gz');
});

for (const [base, next, type] of [
  ['profefe-cpu-1.pb.gz', 'profefe-cpu-2.pb.gz', 'cpu:nanoseconds'],
  ['parca-heap-first.pb.gz', 'parca-heap-last.pb.gz', 'inuse_space:bytes'],
] as const) {
  test(`go tool pprof shows our diff of ${base} and ${next} as its own`, { skip: noGo || noCorpus }, async () => {
    const reader = readerOfTwo(readProfile(corpusFile('real', next)), readProfile(corpusFile('real', base)), afternoon);
    const folder = mkdtempSync(join(tmpdir(), 'flameherd-diff-'));
    try {
      const [ours, compared, other] = ['ours', 'compared', 'base'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      writeFileSync(compared, corpusFile('real', next));
      writeFileSync(other, corpusFile('real', base));
      const question = diffQuestion(`any:${type}:${type}`, { format: 'pprof', normalize: 'none' });
      writeFileSync(ours, askBody(reader, question));
      const top = ['-top', '-nodecount=1000', `-sample_index=${type.split(':')[0]}`];
      const [own, theirs] = [await goPprof([...top, ours]), await goPprof([...top, '-diff_base', other, compared])];
      assert.equal(own.exitCode, 0, own.stderr);
      assert.deepEqual(tableOf(own.stdout), tableOf(theirs.stdout));
      assert.ok(tableOf(own.stdout).length > 20);
      // By shares, too, as far as it shows: it rounds each sample by itself, so that sums end at 2e-06 % instead of 0.
      writeFileSync(ours, askBody(reader, { ...question, normalize: 'share' }));
      const first = [...top.filter((flag) => !flag.includes('nodecount')), '-nodecount=40'];
      const [share, theirShare] = [
        await goPprof([...first, ours]),
        await goPprof([...first, '-normalize', '-diff_base', other, compared]),
      ];
      assert.deepEqual(tableOf(share.stdout).map(withoutSum).sort(), tableOf(theirShare.stdout).map(withoutSum).sort());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

/** What stands below the heading: the functions with their numbers. */
function tableOf(output: Buffer): string[] {
  const lines = output.toString().split('\n');
  return lines.slice(lines.findIndex((line) => line.includes('flat%'))).sort();
}

/** Without the third column, of percentages added up. */
function withoutSum(line: string): string {
  return line.replace(/^(\s*\S+\s+\S+)\s+\S+/, '$1');
}

const rolledOut = (options: Partial<DiffQuestion> = {}): DiffQuestion => {
  const side = (revision: string) => parseSelector(`cpu{workload="checkout",revision="${revision}"}`);
  return diffQuestion('cpu', {
    compare: { selector: side('8c1e5d7f9'), window: afternoon },
    base: { selector: side('7d9f8c6b5'), window: morning },
    normalize: 'process',
    format: 'markdown',
    ...options,
  });
};

function ofRevision(revision: string, profiles: readonly MemoryProfile[]): MemoryProfile[] {
  return profiles.map((profile) => ({ ...profile, labels: { ...profile.labels, revision } }));
}

test('markdown says on one screen what changed, sure rows first, and what it was made of', () => {
  const reader = memoryReader([
    ...ofRevision(
      '7d9f8c6b5',
      scrapesOf('a', morning, (minute) => ({ slow: 300, wild: minute < 15 ? 0 : 900, work: 100 })),
    ),
    ...ofRevision(
      '8c1e5d7f9',
      scrapesOf('b', afternoon, () => ({ slow: 10, work: 100, 'a|b`c': 40, wild: 0 })),
    ),
  ]);
  assert.equal(
    askText(reader, rolledOut()),
    `**\`checkout\` \`cpu\`, \`7d9f8c6b5\` → \`8c1e5d7f9\`**: 0.85 cores → 0.15 cores per process (-82.4 %)

| function | before | after | change |
| --- | ---: | ---: | ---: |
| \`slow\` | 0.3 cores | 0.01 cores | -0.29 cores |
| \`\`a\\|b\`c\`\` | 0 cores | 0.04 cores | +0.04 cores |
| \`wild\` | 0.45 cores | 0 cores | -0.45 cores, unsure |

Before: 2026-03-01T11:30:00Z to 2026-03-01T12:00:00Z, 30 profiles of 1 process. After: 2026-03-01T12:00:00Z to 2026-03-01T12:30:00Z, 30 profiles of 1 process. What functions do themselves, per process. Unsure is what lies within the 99 % interval of what scrapes differ by.
`,
  );
});

test('markdown has five rows at most, by shares or with all they call as asked, and tells where there are too few scrapes', () => {
  const rows = (times: number): string =>
    Array.from({ length: 9 }, (_, at) => `main;f${at} 1 ${10 + times * at}`).join('\n');
  const reader = memoryReader([cpuProfile('a', before(3), rows(1)), cpuProfile('a', after(3), rows(2))]);
  const text = askText(reader, diffQuestion('cpu', { format: 'markdown', sort: 'total' }));
  const lines = text.split('\n');
  assert.equal(lines.filter((line) => line.startsWith('| `')).length, 5);
  assert.match(text, /\| `f8` \| 14.3 % \| 16 % \| \+1.76 points, unsure \|/);
  assert.match(text, /11:30:00Z to 12:00:00Z → 12:00:00Z to 12:30:00Z/);
  assert.match(text, /Functions with all they call, as a share of each side's total/);
  assert.match(text, /`too few scrapes to tell how sure a change is: each side needs at least 3`/);
});

/** A revision with a slow function, and the one that took its place; both ran for twelve minutes. */
const rollOut = drawnPods(`
  r1 a ####################....
  r1 b ##################......
  r2 c ......##################
  r2 d ......##################`).map((profile) => ({
  ...profile,
  rows: readRows(
    `main;slow ${profile.labels['revision'] === 'r1' ? '200 2000000000' : '3 30000000'}\nmain;work 50 500000000`,
  ),
}));
const latest: Partial<DiffQuestion> = {
  compare: { selector: parseSelector('cpu{namespace="shop",workload="checkout"}'), window: window(23, 24) },
  base: { rollout: 'latest' },
  normalize: 'process',
};

function window(fromMinute: number, toMinute: number) {
  return { fromMs: after(fromMinute), toMs: after(toMinute) };
}

test('the latest roll-out is compared with the revision before it, in one call without a time', () => {
  const reader = memoryReader(rollOut);
  const markdown = askText(reader, diffQuestion('cpu', { ...latest, format: 'markdown' }));
  assert.deepEqual(markdown.split('\n').slice(0, 5), [
    '**`checkout` `cpu`, `r1` → `r2`**: 0.25 cores → 0.053 cores per process (-78.8 %)',
    '',
    '| function | before | after | change |',
    '| --- | ---: | ---: | ---: |',
    '| `slow` | 0.2 cores | 0.003 cores | -0.197 cores |',
  ]);
  assert.match(markdown, /Before: 2026-03-01T12:08:00Z to 2026-03-01T12:20:00Z, /);
  const { rows, meta } = askJson(reader, diffQuestion('cpu', latest)) as DiffTopAnswer;
  assert.deepEqual(
    rows.map((row) => [row.function, row.selfChange, row.unsure]),
    [
      ['slow', -0.197, false],
      ['main', 0, true],
    ],
  );
  const { compare, base, notes } = meta['rollout'] as Record<'compare' | 'base', { revision: string }> & {
    notes: string[];
  };
  assert.deepEqual([compare.revision, base.revision, notes.length > 0], ['r2', 'r1', true]);
  assert.deepEqual([meta['fromMs'], meta['toMs']], [after(8), after(20)]);
});

test('names and warnings from outside do nothing in markdown', () => {
  const name = '<img/src=x>[a](http://b)@team\u202e*x*';
  const reader = memoryReader([
    cpuProfile('a', before(3), 'main;x 1 1'),
    cpuProfile('a', after(3), `main;${name} 1 1`),
  ]);
  const text = askText(reader, diffQuestion('cpu', { format: 'markdown' }));
  assert.ok(text.includes('| `<img/src=x>[a](http://b)@team *x*` |'), text);
});

test('a diff is answered in the lane of its wider side', () => {
  const narrow = { selector: parseSelector('cpu{workload="a"}'), window: afternoon };
  const wide = { selector: parseSelector('cpu'), window: afternoon };
  const lane = (compare: typeof narrow, base: DiffQuestion['base']) => laneOf(diffQuestion('cpu', { compare, base }));
  assert.deepEqual([lane(narrow, narrow), lane(narrow, wide), lane(wide, narrow)], ['small', 'wide', 'wide']);
  assert.deepEqual([lane(narrow, { rollout: 'latest' }), lane(wide, { rollout: 'latest' })], ['small', 'wide']);
});
