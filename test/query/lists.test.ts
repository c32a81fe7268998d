import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseMatchers, parseSelector } from '../../src/model/matcher.ts';
import type { LabelValuesQuestion, ListQuestion, Question } from '../../src/query/engine.ts';
import type { ProfileReader } from '../../src/store/profile-store.ts';
import { aroundNoon, ask, askError, askJson, cpuProfile, heapProfile, minuteMs, noonMs } from '../support/query-ask.ts';
import { memoryReader } from '../support/query-memory-reader.ts';

type ListAnswer = Readonly<Record<string, readonly unknown[]>> & {
  readonly nextCursor: string | null;
  readonly meta: { readonly hint?: string; readonly warnings: readonly string[] };
};

const bytes = { type: 'space', unit: 'bytes' };
const shop = memoryReader(
  [
    cpuProfile('a', noonMs, 'main 1 10'),
    heapProfile('a', noonMs, 'main 1 10', { version: '1.0' }),
    heapProfile('b', noonMs + minuteMs, 'main 1 10', { version: '2.0' }),
  ],
  bytes,
);

function listQuestion(kind: ListQuestion['kind'], options: Partial<ListQuestion> = {}): ListQuestion {
  return { kind, matchers: [], window: aroundNoon, limit: 100, cursor: undefined, ...options };
}

function valuesOf(name: string, options: Partial<LabelValuesQuestion> = {}): LabelValuesQuestion {
  return { kind: 'label-values', name, matchers: [], window: aroundNoon, limit: 100, cursor: undefined, ...options };
}

function list(reader: ProfileReader, question: Question): ListAnswer {
  return askJson(reader, question) as ListAnswer;
}

test('profile types come with alias, temporality and how many series have them', () => {
  const { profileTypes = [] } = list(shop, listQuestion('profile-types'));
  assert.deepEqual(profileTypes[1], {
    type: 'memory:inuse_space:bytes:space:bytes',
    alias: 'heap',
    kind: 'heap',
    sampleType: 'inuse_space',
    unit: 'bytes',
    temporality: 'gauge',
    series: 2,
  });
  assert.equal(profileTypes.length, 4);
});

test('labels and their values are sorted, and narrowed by matchers and time', () => {
  assert.deepEqual(list(shop, listQuestion('labels'))['labels'], ['namespace', 'pod', 'version', 'workload']);
  assert.deepEqual(list(shop, valuesOf('pod'))['values'], ['a', 'b']);
  const newest = parseMatchers('{version="2.0"}');
  assert.deepEqual(list(shop, valuesOf('pod', { matchers: newest }))['values'], ['b']);
  const firstMinute = { fromMs: noonMs, toMs: noonMs + minuteMs };
  assert.deepEqual(list(shop, valuesOf('pod', { window: firstMinute }))['values'], ['a']);
});

const labelled = memoryReader(
  [
    cpuProfile('a', noonMs, 'main{endpoint=/cart} 1 10\nmain{endpoint=/,workload=import,9lives=yes} 1 10'),
    heapProfile('b', noonMs, 'main{bytes=16} 1 10\nmain{bytes=8,tenant=t} 1 10', { team: 'red' }),
    heapProfile('c', noonMs, 'main{team=blue} 1 10', { workload: 'cart' }),
  ],
  bytes,
);

test('pprof labels are listed as a query writes them, and marked', () => {
  const names = (options: Partial<ListQuestion> = {}): unknown[] => {
    const { labels, sampleLabels } = list(labelled, listQuestion('labels', options));
    return [labels, sampleLabels];
  };
  const ofSamples = ['bytes', 'endpoint', 'tag_team', 'tag_workload', 'tenant'];
  assert.deepEqual(names(), [
    ['bytes', 'endpoint', 'namespace', 'pod', 'tag_team', 'tag_workload', 'team', 'tenant', 'workload'],
    ofSamples,
  ]);
  assert.deepEqual(names({ matchers: parseMatchers('{workload="cart"}') }), [
    ['namespace', 'pod', 'tag_team', 'workload'],
    ['tag_team'],
  ]);
  const { labels, sampleLabels, nextCursor } = list(labelled, listQuestion('labels', { limit: 3 }));
  assert.deepEqual(
    [labels, sampleLabels],
    [
      ['bytes', 'endpoint', 'namespace'],
      ['bytes', 'endpoint'],
    ],
  );
  assert.ok(nextCursor);
});

test('values of pprof labels are listed by the name that a query has for them', () => {
  const values = (name: string, options: Partial<LabelValuesQuestion> = {}): unknown => {
    const { values, sampleLabel } = list(labelled, valuesOf(name, options));
    return { values, sampleLabel };
  };
  assert.deepEqual(values('endpoint'), { values: ['/', '/cart'], sampleLabel: true });
  assert.deepEqual(values('workload'), { values: ['cart', 'checkout'], sampleLabel: false });
  assert.deepEqual(values('tag_workload'), { values: ['import'], sampleLabel: true });
  const cart = { matchers: parseMatchers('{workload="cart"}') };
  assert.deepEqual(values('tag_team', cart), { values: ['blue'], sampleLabel: true });
  assert.deepEqual(values('team', cart), { values: [], sampleLabel: false });
  assert.deepEqual(values('endpoint', cart), { values: [], sampleLabel: false });
});

test('a pprof label of numbers is listed without values, and how to match one is said', () => {
  const { values, sampleLabel, meta } = list(labelled, valuesOf('bytes')) as ListAnswer & { sampleLabel: unknown };
  assert.deepEqual([values, sampleLabel], [[], true]);
  assert.equal(
    meta.hint,
    'the values of bytes are numbers, which are not listed; a query matches one as it is written: {bytes="1024"}',
  );
});

test('a label that is called like a member of every object is one that nobody has', () => {
  const { values, meta } = list(shop, valuesOf('constructor'));
  assert.deepEqual(values, []);
  assert.match(meta.hint ?? '', /^no series and no sample has a label constructor;/);
  const { labels } = list(shop, listQuestion('labels', { matchers: parseMatchers('{toString=~".+"}') }));
  assert.deepEqual(labels, []);
});

test('series show what they are and when they were last seen', () => {
  const { series = [] } = list(shop, listQuestion('series', { matchers: parseMatchers('{pod="b"}') }));
  assert.deepEqual(series, [
    {
      labels: { namespace: 'shop', pod: 'b', version: '2.0', workload: 'checkout' },
      kind: 'heap',
      process: 'b',
      sampleTypes: [
        { type: 'alloc_space', unit: 'bytes', temporality: 'cumulative' },
        { type: 'inuse_space', unit: 'bytes', temporality: 'gauge' },
      ],
      first: '2026-03-01T12:01:00.000Z',
      firstMs: noonMs + minuteMs,
      last: '2026-03-01T12:01:00.000Z',
      lastMs: noonMs + minuteMs,
    },
  ]);
});

test('pages of any size give every entry once, in order', () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1, unit: 'grapheme' }), { maxLength: 12 });
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 5 }), (pods, limit) => {
      const reader = memoryReader(pods.map((pod) => cpuProfile(pod, noonMs, 'main 1 1')));
      const seen: unknown[] = [];
      for (let cursor: string | undefined; ; ) {
        const page = list(reader, valuesOf('pod', { limit, cursor }));
        seen.push(...(page['values'] ?? []));
        if (page.nextCursor === null) break;
        cursor = page.nextCursor;
      }
      assert.deepEqual(seen, [...pods].sort());
    }),
  );
});

test('single profiles come newest first, page by page', () => {
  const reader = memoryReader(
    [0, 1, 2].map((minute) => heapProfile('a', noonMs + minute * minuteMs, `main 1 ${minute}`)),
  );
  const question = { kind: 'profiles', selector: parseSelector('heap'), window: aroundNoon, limit: 2 } as const;
  const first = list(reader, { ...question, cursor: undefined });
  assert.deepEqual(first['profiles']?.[0], {
    id: '3',
    labels: { namespace: 'shop', workload: 'checkout', pod: 'a' },
    kind: 'heap',
    process: 'a',
    time: '2026-03-01T12:02:00.000Z',
    timeMs: noonMs + 2 * minuteMs,
    intervalMs: minuteMs,
    spanMs: minuteMs,
    sampleTypes: [
      { type: 'alloc_space', unit: 'bytes', temporality: 'cumulative', total: 1 },
      { type: 'inuse_space', unit: 'bytes', temporality: 'gauge', total: 2 },
    ],
  });
  const second = list(reader, { ...question, cursor: first.nextCursor ?? undefined });
  assert.deepEqual(
    second['profiles']?.map((profile) => (profile as { id: string }).id),
    ['1'],
  );
  assert.equal(second.nextCursor, null);
});

test('a cursor of someone else is refused', () => {
  assert.equal(
    askError(shop, valuesOf('pod', { cursor: 'not base64!' })),
    'bad_parameter: cursor: "not base64!" is none of ours (pass on nextCursor of the page before, as it stands; leave it out for the first page)',
  );
});

test('a window that ends before it begins, or begins ahead, is refused; one that ends ahead is cut', () => {
  const window = (fromMinutes: number, toMinutes: number): ListQuestion =>
    listQuestion('labels', {
      window: { fromMs: noonMs + fromMinutes * minuteMs, toMs: noonMs + toMinutes * minuteMs },
    });
  assert.match(askError(shop, window(1, 1)), /^bad_time: from \(2026-03-01T12:01:00.000Z\) must be before to/);
  assert.match(askError(shop, window(1500, 1501)), /^bad_time: from: 2026-03-02T13:00:00.000Z lies ahead by 1h/);
  const { meta } = list(shop, window(0, 1500));
  assert.deepEqual(meta.warnings, ['to lay ahead by 1h; the window ends now (2026-03-02T12:00:00.000Z)']);
});

test('an empty list says what exists nearby', () => {
  const hint = (question: ListQuestion | LabelValuesQuestion): string | undefined => list(shop, question).meta.hint;
  assert.equal(hint(listQuestion('labels')), undefined);
  assert.equal(
    hint(listQuestion('labels', { window: { fromMs: noonMs + 5 * minuteMs, toMs: noonMs + 6 * minuteMs } })),
    'the last profile is of 2026-03-01T12:01:00.000Z',
  );
  assert.equal(
    hint(valuesOf('verson')),
    'no series and no sample has a label verson; there are version, pod, workload, namespace',
  );
});

test('numbers beyond 2^53 keep all their digits, and names stay what they are', () => {
  const pod = 'a "quoted"\n</script> \u2028 \ud800';
  const reader = memoryReader([cpuProfile(pod, noonMs, 'main 1 9007199254740993')]);
  const question = {
    kind: 'profiles',
    selector: parseSelector('cpu'),
    window: aroundNoon,
    limit: 2,
    cursor: undefined,
  } as const;
  const answer = ask(reader, question);
  const text = answer.kind === 'answer' ? new TextDecoder().decode(answer.body) : '';
  assert.ok(text.includes('"total":9007199254740993'), text);
  assert.ok(!text.includes('<'), text);
  assert.equal((JSON.parse(text) as { profiles: { process: string }[] }).profiles[0]?.process, pod);
});
