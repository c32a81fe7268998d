import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainView, type View } from '../../src/model/view.ts';
import type { MergeQuestion } from '../../src/query/engine.ts';
import { ask, askError, askJson, askPprof, askText, cpuProfile, mergeQuestion, noonMs } from '../support/query-ask.ts';
import { memoryReader } from '../support/query-memory-reader.ts';

const reader = memoryReader(
  [
    cpuProfile(
      'a',
      noonMs,
      `
      main;serve;query{endpoint=/cart} 3 30
      main;serve;query;query 1 10
      main;serve;write 2 20
      main;idle 4 40`,
    ),
  ],
  { type: 'cpu', unit: 'nanoseconds' },
);
const query = 'cpu{namespace="shop",workload="checkout"}';

/** `function self total`, a line for each row. */
function top(view: Partial<View>, of = query): string[] {
  const question = mergeQuestion(of, { view: { ...plainView, ...view } });
  const { rows } = askJson(reader, question) as { rows: { function: string; self: number; total: number }[] };
  return rows.map(({ function: name, self, total }) => `${name} ${self} ${total}`);
}

const text = (options: Partial<MergeQuestion>): string => askText(reader, mergeQuestion(query, options));

test('a top is of the samples and frames that its filters leave', () => {
  assert.deepEqual(top({ filters: { focus: 'serve' } }), ['query 40 40', 'write 20 20', 'main 0 60', 'serve 0 60']);
  assert.deepEqual(top({ filters: { hide: 'query' } }), ['serve 40 60', 'idle 40 40', 'write 20 20', 'main 0 100']);
  assert.deepEqual(top({ filters: { tagfocus: 'endpoint=/cart' } }), ['query 30 30', 'main 0 30', 'serve 0 30']);
});

test('filters and matchers on labels of samples go together', () => {
  const inCart = 'cpu{endpoint="/cart"}';
  assert.deepEqual(top({ filters: { ignore: 'idle' } }, inCart), ['query 30 30', 'main 0 30', 'serve 0 30']);
});

test('a filter that matches nothing says so, and is no error', () => {
  const question = mergeQuestion(query, { view: { ...plainView, filters: { ignore: 'nobody' } } });
  const { total, meta } = askJson(reader, question) as { total: number; meta: { warnings: string[] } };
  assert.equal(total, 100);
  assert.match(meta.warnings.join(), /ignore.*nobody/);
});

test('an expression that is none is refused by the name of its parameter', () => {
  const question = mergeQuestion(query, { view: { ...plainView, filters: { focus: '(' } } });
  assert.match(askError(reader, question), /^bad_parameter: focus: /);
});

test('a call graph is of one function', () => {
  const graph = JSON.parse(text({ format: 'callgraph', functionName: 'serve' })) as Record<string, unknown>;
  assert.deepEqual(
    { ...graph, meta: undefined },
    {
      unit: 'nanoseconds',
      function: 'serve',
      file: 'serve.go',
      self: 0,
      total: 60,
      callers: [{ function: 'main', file: 'main.go', value: 60 }],
      callees: [
        { function: 'query', file: 'query.go', value: 40 },
        { function: 'write', file: 'write.go', value: 20 },
      ],
      profileTotal: 100,
      meta: undefined,
    },
  );
  const unknown = mergeQuestion(query, { format: 'callgraph', functionName: 'serv' });
  assert.match(askError(reader, unknown), /^not_found: .*serv.*serve/);
});

test('folded stacks, speedscope and markdown come from the same tree', () => {
  assert.equal(
    text({ format: 'collapsed' }),
    'main;idle 40\nmain;serve;query 30\nmain;serve;query;query 10\nmain;serve;write 20\n',
  );
  const { profiles } = JSON.parse(text({ format: 'speedscope' })) as { profiles: { endValue: number; unit: string }[] };
  assert.deepEqual(
    profiles.map(({ endValue, unit }) => [endValue, unit]),
    [[100, 'nanoseconds']],
  );
  const markdown = text({ format: 'markdown', limit: 1 });
  assert.match(markdown, /^\*\*cpu of `\{namespace="shop",workload="checkout"\}`: 100 ns\*\*/);
  assert.match(markdown, /\| 40 ns \| 40.0 % \| 40 ns \| 40.0 % \| `idle` \|/);
  assert.match(markdown, /1 profile of 1 process, 2026-03-01T12:00:00/);
});

test('files are named by what is in them, and by the tool that takes them', () => {
  const fileName = (format: MergeQuestion['format']): string | undefined => {
    const answer = ask(reader, mergeQuestion(query, { format }));
    return answer.kind === 'answer' ? answer.fileName : answer.error.message;
  };
  assert.equal(fileName('pprof'), 'checkout-cpu-20260301T120000Z.pb.gz');
  assert.equal(fileName('speedscope'), 'checkout-cpu-20260301T120000Z.speedscope.json');
  assert.equal(fileName('pgo'), 'checkout-cpu-20260301T120000Z.pgo');
});

test('a filtered pprof has all sample types of what is left, and says in its comments which filter found nothing', () => {
  const view: View = { ...plainView, filters: { focus: 'write', ignore: 'nobody' } };
  const { message, text: textOf } = askPprof(reader, mergeQuestion(query, { format: 'pprof', view }));
  assert.deepEqual(
    message.sampleType.map(({ type }) => textOf(type)),
    ['samples', 'cpu'],
  );
  assert.deepEqual(
    message.sample.map(({ value }) => value.map(Number)),
    [[2, 20]],
  );
  assert.match(message.comment.map(textOf).join('\n'), /nobody/);
});

test('a view in which nothing is left is a top of nothing', () => {
  assert.deepEqual(top({ filters: { focus: 'nobody' } }), []);
});
