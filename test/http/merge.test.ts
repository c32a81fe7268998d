import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainView } from '../../src/model/view.ts';
import type { MergeQuestion } from '../../src/query/engine.ts';
import { injected, jsonAnswer, minute, nowMs, pprofBytes } from '../support/http-fakes.ts';

test('merge asks for the last hour as pprof when nothing but the query is given', async (t) => {
  const { app, asked } = await injected(t);
  const reply = await app.inject('/api/v1/merge?query=cpu');
  assert.equal(reply.statusCode, 200);
  assert.equal(reply.headers['content-type'], 'application/octet-stream');
  assert.equal(reply.headers['content-disposition'], 'attachment; filename="checkout-cpu.pb.gz"');
  assert.deepEqual(new Uint8Array(reply.rawPayload), pprofBytes);
  assert.deepEqual(asked.questions, [
    {
      kind: 'merge',
      selector: {
        type: {
          name: 'process_cpu',
          sampleType: 'cpu',
          sampleUnit: 'nanoseconds',
          periodType: 'cpu',
          periodUnit: 'nanoseconds',
        },
        matchers: [],
      },
      window: { fromMs: nowMs - 60 * minute, toMs: nowMs },
      aggregation: 'avg',
      format: 'pprof',
      maxNodes: 16_384,
      limit: 100,
      sort: 'self',
      view: plainView,
    } satisfies MergeQuestion,
  ]);
});

test('every parameter of merge reaches the question', async (t) => {
  const { app, asked } = await injected(t, { answer: () => jsonAnswer({}) });
  const query = encodeURIComponent('heap{namespace="shop",workload=~"check.*"}');
  const url = `/api/v1/merge?query=${query}&from=now-2h&to=now-1h&format=top&aggregate=peak&limit=7&max_nodes=9&sort=total`;
  assert.equal((await app.inject(url)).statusCode, 200);
  const [question] = asked.questions as MergeQuestion[];
  assert.deepEqual(question?.selector.matchers, [
    { name: 'namespace', operator: '=', value: 'shop' },
    { name: 'workload', operator: '=~', value: 'check.*' },
  ]);
  assert.deepEqual(question?.window, { fromMs: nowMs - 120 * minute, toMs: nowMs - 60 * minute });
  const { aggregation, format, limit, maxNodes, sort } = question;
  assert.deepEqual(
    { aggregation, format, limit, maxNodes, sort },
    { aggregation: 'peak', format: 'top', limit: 7, maxNodes: 9, sort: 'total' },
  );
});

for (const [parameters, window] of [
  ['seconds=300', { fromMs: nowMs - 5 * minute, toMs: nowMs }],
  ['seconds=300&to=now-1h', { fromMs: nowMs - 65 * minute, toMs: nowMs - 60 * minute }],
  ['start=now-10m&end=now-5m', { fromMs: nowMs - 10 * minute, toMs: nowMs - 5 * minute }],
  ['from=2026-03-01T11:00:00Z', { fromMs: nowMs - 60 * minute, toMs: nowMs }],
  ['from=2026-03-01T13:00:00%2B02:00', { fromMs: nowMs - 60 * minute, toMs: nowMs }],
  [`from=${(nowMs - minute) / 1000}&to=${nowMs}`, { fromMs: nowMs - minute, toMs: nowMs }],
  ['at=now-1h', { fromMs: nowMs - 120 * minute, toMs: nowMs - 60 * minute }],
] as const) {
  test(`${parameters} is the window ${JSON.stringify(window)}`, async (t) => {
    const { app, asked } = await injected(t);
    const reply = await app.inject(`/api/v1/merge?query=heap&${parameters}`);
    assert.equal(reply.statusCode, 200, reply.payload);
    assert.deepEqual((asked.questions[0] as MergeQuestion).window, window);
  });
}

test('at=T asks for what stood at T', async (t) => {
  const { app, asked } = await injected(t);
  await app.inject('/api/v1/merge?query=heap&at=now-1h');
  assert.equal((asked.questions[0] as MergeQuestion).aggregation, 'last');
});

test('the short form names the namespace and the workload, decoded', async (t) => {
  const { app, asked } = await injected(t);
  assert.equal((await app.inject('/pprof/shop/check%20out%2F%22x/cpu?seconds=3600')).statusCode, 200);
  const [question] = asked.questions as MergeQuestion[];
  assert.deepEqual(question?.selector.matchers, [
    { name: 'namespace', operator: '=', value: 'shop' },
    { name: 'workload', operator: '=', value: 'check out/"x' },
  ]);
  assert.equal(question.selector.type.name, 'process_cpu');
});

test('the short form takes a whole profile type too', async (t) => {
  const { app, asked } = await injected(t);
  await app.inject('/pprof/shop/checkout/memory:alloc_space:bytes:space:bytes');
  assert.equal((asked.questions[0] as MergeQuestion).selector.type.sampleType, 'alloc_space');
});

test('an alias that is unknown is 404 as text that go tool pprof shows', async (t) => {
  const { app } = await injected(t);
  const reply = await app.inject('/pprof/shop/checkout/cpuu');
  assert.equal(reply.statusCode, 404);
  assert.equal(reply.headers['x-go-pprof'], '1');
  assert.equal(reply.headers['content-type'], 'text/plain; charset=utf-8');
  assert.equal(
    reply.payload,
    'not_found: "cpuu" is no profile type\nhint: use one of cpu, samples, heap, inuse_objects, allocs, alloc_objects, goroutine, block, block_count, mutex, mutex_count, or name:sample:unit:period:unit\n',
  );
});

test('a file name from data cannot leave its header', async (t) => {
  const { app } = await injected(t, {
    answer: () => ({
      kind: 'answer',
      contentType: 'application/octet-stream',
      body: pprofBytes,
      fileName: 'a"; filename="../ü\r\nx.pb.gz',
    }),
  });
  const reply = await app.inject('/api/v1/merge?query=cpu');
  assert.equal(reply.headers['content-disposition'], 'attachment; filename="a___filename__..____x.pb.gz"');
});

test('a pprof is never compressed again; JSON is, as the client likes it', async (t) => {
  const big = { rows: Array.from({ length: 500 }, (_, row) => ({ function: `f${row}` })) };
  const { app } = await injected(t, {
    answer: (question) =>
      question.kind === 'merge' && question.format === 'top'
        ? jsonAnswer(big)
        : { kind: 'answer', contentType: 'application/octet-stream', body: new Uint8Array(5000) },
  });
  const ask = (url: string, encoding: string) => app.inject({ url, headers: { 'accept-encoding': encoding } });
  const pprof = await ask('/api/v1/merge?query=cpu', 'gzip, br');
  assert.equal(pprof.headers['content-encoding'], undefined);
  assert.equal(pprof.rawPayload.length, 5000);
  const top = '/api/v1/merge?query=cpu&format=top';
  assert.equal((await ask(top, 'gzip')).headers['content-encoding'], 'gzip');
  assert.equal((await ask(top, 'gzip, deflate, br')).headers['content-encoding'], 'br');
  assert.deepEqual((await ask(top, 'identity')).json(), big);
});

test('a call graph is of one function, which it must be given', async (t) => {
  const { app, asked } = await injected(t, { answer: () => jsonAnswer({}) });
  const ask = (search: string) => app.inject(`/api/v1/merge?query=cpu&${search}`);
  assert.equal((await ask('format=callgraph&function=main.main')).statusCode, 200);
  assert.equal((asked.questions[0] as MergeQuestion).functionName, 'main.main');
  const without = (await ask('format=callgraph')).json<{ detail: string }>();
  assert.equal(without.detail, 'function: required by format=callgraph');
  const other = (await ask('format=top&function=main.main')).json<{ detail: string }>();
  assert.equal(other.detail, 'function: format=top is of all functions');
});

test('filters and the granularity of merge reach the question', async (t) => {
  const { app, asked } = await injected(t);
  await app.inject('/pprof/shop/checkout/cpu?hide=^runtime&show_from=main&granularity=lines&preset=libc');
  assert.deepEqual((asked.questions[0] as MergeQuestion).view, {
    filters: { hide: '^runtime', show_from: 'main' },
    presets: ['libc'],
    granularity: 'lines',
    collapseRecursion: false,
  });
});

test('root is a stack of names for a flame graph, in its short form and in a diff, too', async (t) => {
  const { app, asked } = await injected(t, { answer: () => jsonAnswer({}) });
  const root = encodeURIComponent(String.raw`main;a\;b;c\\d`);
  for (const path of ['/api/v1/merge?query=cpu&', '/pprof/shop/checkout/cpu?', '/api/v1/diff?query=cpu&']) {
    const reply = await app.inject(`${path}format=flamegraph&root=${root}`);
    assert.equal(reply.statusCode, 200, reply.payload);
    assert.deepEqual((asked.questions.at(-1) as MergeQuestion).root, ['main', 'a;b', String.raw`c\d`]);
  }
});

for (const [search, detail] of [
  ['root=main', 'root: format=pprof is of all stacks; allowed with format=flamegraph'],
  ['format=top&root=main', 'root: format=top is of all stacks; allowed with format=flamegraph'],
  ['format=flamegraph&root=a%5Cb', String.raw`root: "\\b" at character 2 means nothing`],
  ['format=flamegraph&root=', 'root: got ""; allowed is a text of 1 to 12288 characters'],
] as const) {
  test(`merge refuses ${search}, and so does a diff`, async (t) => {
    const { app } = await injected(t);
    for (const path of ['/api/v1/merge', '/api/v1/diff']) {
      const reply = await app.inject({
        url: `${path}?query=cpu&${search}`,
        headers: { accept: 'application/json' },
      });
      assert.equal(reply.statusCode, 400);
      const isJson = reply.headers['content-type']?.toString().includes('json');
      const said = isJson ? reply.json<{ detail: string }>().detail : reply.payload;
      assert.ok(said.includes(detail), said);
    }
  });
}
