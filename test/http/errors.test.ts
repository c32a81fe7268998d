import assert from 'node:assert/strict';
import { test } from 'node:test';
import { injected, jsonAnswer } from '../support/http-fakes.ts';

const emptyWindow = () =>
  ({
    kind: 'error',
    error: { code: 'empty_window', message: 'no cpu profile', hint: 'the newest is of 10:00' },
  }) as const;

test('where a pprof is asked for, an error of the engine is text with X-Go-Pprof', async (t) => {
  const { app } = await injected(t, { answer: emptyWindow });
  for (const url of ['/api/v1/merge?query=cpu', '/pprof/shop/checkout/cpu', '/api/v1/profiles/p-1']) {
    const reply = await app.inject(url);
    assert.equal(reply.statusCode, 404);
    assert.equal(reply.headers['x-go-pprof'], '1');
    assert.equal(reply.headers['content-type'], 'text/plain; charset=utf-8');
    assert.equal(reply.payload, 'empty_window: no cpu profile\nhint: the newest is of 10:00\n');
  }
});

test('everywhere else an error is a problem', async (t) => {
  const { app } = await injected(t, { answer: emptyWindow });
  for (const url of [
    '/api/v1/merge?query=cpu&format=top',
    '/pprof/shop/checkout/cpu?format=flamegraph',
    '/api/v1/query_range?query=cpu',
    '/api/v1/profiles?query=cpu',
  ]) {
    const reply = await app.inject(url);
    assert.equal(reply.headers['content-type'], 'application/problem+json; charset=utf-8');
    assert.deepEqual(reply.json(), {
      type: 'urn:flameherd:error:empty_window',
      title: 'Not Found',
      status: 404,
      code: 'empty_window',
      detail: 'no cpu profile',
      hint: 'the newest is of 10:00',
    });
  }
});

for (const [url, status, code, detail, hint] of [
  ['merge?format=top', 400, 'bad_parameter', 'query: is missing', /^A profile type or its alias/],
  ['merge?query=cpuu&format=top', 400, 'bad_query', 'query: "cpuu" is no profile type', /use one of cpu/],
  [
    'merge?query=cpu&format=top&fromm=now',
    400,
    'bad_parameter',
    '"fromm": no such parameter; allowed are query, from, to, start, end, seconds, format, aggregate, focus, ignore, hide, show, show_from, tagfocus, tagignore, preset, granularity, collapse_recursion, function, root, at, max_nodes, limit, sort',
    /^did you mean from\?$/,
  ],
  [
    'merge?query=cpu&format=xml',
    400,
    'bad_parameter',
    'format: got "xml"; allowed is one of pprof, flamegraph, top, callgraph, collapsed, speedscope, markdown, pgo',
    /speedscope for/,
  ],
  [
    'diff?query=cpu&format=speedscope',
    422,
    'unsupported_format',
    'format: a diff has no speedscope; it has pprof, flamegraph, top, collapsed, markdown',
    /opens in go tool pprof/,
  ],
  [
    'merge?query=cpu&format=top&granularity=addresses',
    400,
    'bad_parameter',
    'granularity: got "addresses"; allowed is one of functions, lines, files, packages',
    /./,
  ],
  [
    'merge?query=cpu&format=top&limit=-1',
    400,
    'bad_parameter',
    'limit: got -1; allowed is a whole number from 1 to 100000',
    /rows kept/,
  ],
  ['merge?query=cpu&format=top&limit=1.5', 400, 'bad_parameter', /^limit: got "1.5"; allowed is a whole number/, /./],
  ['merge?query=cpu&format=top&limit=', 400, 'bad_parameter', /^limit: got ""; allowed is a whole number/, /./],
  ['merge?query=cpu&format=top&limit=1&limit=2', 400, 'bad_parameter', 'limit: given 2 times; allowed is one', /./],
  ['merge?query=cpu&query=heap&format=top', 400, 'bad_parameter', 'query: given 2 times; allowed is one', /./],
  [
    'merge?query=cpu&format=top&aggregate=max',
    400,
    'bad_parameter',
    'aggregate: got "max"; allowed is one of avg, last, peak',
    /./,
  ],
  [
    'merge?query=cpu&format=top&from=yesterday',
    400,
    'bad_time',
    /^from: "yesterday" is no time; allowed are RFC 3339/,
    /./,
  ],
  [
    'merge?query=cpu&format=top&from=2026-03-01T12:00:00+01:00',
    400,
    'bad_time',
    /^from: "2026-03-01T12:00:00 01:00" is no time/,
    /%2B/,
  ],
  ['merge?query=cpu&format=top&from=now&to=now-1h', 400, 'bad_time', /^from: .* is not before to: /, /\[from, to\)/],
  [
    'merge?query=cpu&format=top&seconds=5&from=now-1h',
    400,
    'bad_parameter',
    'seconds: cannot be given together with from',
    /./,
  ],
  [
    'merge?query=cpu&format=top&from=now-1h&start=now-2h',
    400,
    'bad_parameter',
    'from: cannot be given together with start',
    /./,
  ],
  ['merge?query=cpu&format=top&at=now&to=now', 400, 'bad_parameter', 'at: cannot be given together with to', /./],
  [
    'merge?query=heap&format=top&at=now&aggregate=peak',
    400,
    'bad_parameter',
    /^at: cannot be given together with aggregate=peak$/,
    /./,
  ],
  ['query_range?query=cpu&step=0.5s', 400, 'bad_parameter', /^step: "0.5s"; allowed is a duration/, undefined],
  ['query_range?query=cpu&group_by=workload,a%20b', 400, 'bad_parameter', 'group_by: "a b" is no label name', /./],
  [
    'query_range?query=cpu&function=',
    400,
    'bad_parameter',
    'function: got ""; allowed is a text of 1 to 4096 characters',
    /^A function by its name, or by its id /,
  ],
  ['query_range?query=cpu&functions=main', 400, 'bad_parameter', /^"functions": no such parameter; /, /function\?$/],
  ['labels?match[]=%7Bx%7D', 400, 'bad_query', /^query: expected one of = /, /./],
  ['labels?match[]=%7B%7D&match[]=%7B%7D', 400, 'bad_parameter', 'match[]: 2 values; allowed is at most 1', /once/],
  [
    'labels?match[]=%7B%7D&match=%7B%7D',
    400,
    'bad_parameter',
    /^match\[\]: given more than once/,
    /all conditions into one/,
  ],
  ['targets?health=ill', 400, 'bad_parameter', 'health: got "ill"; allowed is one of unknown, up, down', /./],
  ['targets?cursor=abc', 400, 'bad_parameter', /^cursor: "abc" is none of ours$/, /./],
  ['status?verbose=1', 400, 'bad_parameter', '"verbose": no such parameter; this route has no parameters', undefined],
  ['explain?namespace=shop', 400, 'bad_parameter', /^workload: is missing/, /kind=StatefulSet/],
  ['explain?pod=a', 400, 'bad_parameter', 'namespace: is missing', /./],
  ['explain?namespace=a&pod=b&workload=c', 400, 'bad_parameter', /^pod: cannot be given together/, /./],
  ['tragets', 404, 'not_found', 'GET /api/v1/tragets: no such route', 'did you mean /api/v1/targets?'],
  ['growth?tier=sure', 400, 'bad_parameter', 'tier: got "sure"; allowed is one of suspected, likely', /at least/],
  ['growth?at=now%2B1h', 400, 'bad_time', /^at: 2026-03-01T13:00:00.000Z is in the future/, /until now/],
  ['growth?from=now-1h&to=now-2h', 400, 'bad_time', /^from: .*T11:00:00.000Z is not before to: /, /\[from, to\)/],
  ['growth?from=now-1h&since=1', 400, 'bad_parameter', /^from: cannot be given together with since/, /./],
  ['growth?since=yesterday', 400, 'bad_time', /^since: "yesterday" is no time/, /./],
  ['growth?cursor=abc', 400, 'bad_parameter', 'cursor: "abc" is none of ours', /nextCursor/],
  ['growth/backtest?from=now%2B1h&to=now%2B2h', 400, 'bad_time', /^from: .* is in the future/, /./],
  ['growth/backtest?at=now', 400, 'bad_parameter', /^"at": no such parameter; allowed are namespace/, undefined],
  ['growth/0123456789abcdef', 404, 'not_found', '"0123456789abcdef": no such event of growth', /there is none yet/],
] as const) {
  test(`/api/v1/${url} is ${status} ${code}`, async (t) => {
    const { app, asked } = await injected(t, { answer: () => jsonAnswer({}) });
    const reply = await app.inject(`/api/v1/${url}`);
    const problem = reply.json<{ code: string; detail: string; hint?: string }>();
    assert.equal(reply.statusCode, status, reply.payload);
    assert.equal(problem.code, code);
    if (typeof detail === 'string') assert.equal(problem.detail, detail);
    else assert.match(problem.detail, detail);
    if (hint === undefined || typeof hint === 'string') assert.equal(problem.hint, hint);
    else assert.match(problem.hint ?? '', hint);
    assert.deepEqual(asked.questions, [], 'nothing is asked of the engine');
  });
}

test('a bad parameter of a pprof is text', async (t) => {
  const { app } = await injected(t);
  const reply = await app.inject('/api/v1/merge?query=cpu&from=2026-03-01T12:00:00+01:00');
  assert.equal(reply.statusCode, 400);
  assert.equal(reply.headers['x-go-pprof'], '1');
  assert.match(reply.payload, /^bad_time: from: .*\nhint: .*%2B/);
});

test('the wrong method is told which ones there are', async (t) => {
  const { app } = await injected(t);
  const reply = await app.inject({ method: 'POST', url: '/api/v1/series' });
  assert.equal(reply.statusCode, 404);
  assert.equal(reply.json<{ hint: string }>().hint, 'it answers GET, HEAD');
});

test('half a short form is told the whole one', async (t) => {
  const { app } = await injected(t);
  const reply = await app.inject('/pprof/shop/checkout');
  assert.equal(
    reply.payload,
    'not_found: GET /pprof/shop/checkout: no such route\nhint: there is /pprof/{namespace}/{workload}/{alias}\n',
  );
});

test('a path that cannot be decoded is a bad parameter', async (t) => {
  const { app } = await injected(t);
  const reply = await app.inject('/api/v1/profiles/%zz?x');
  assert.equal(reply.statusCode, 400);
  assert.match(reply.payload, /^bad_parameter: /);
});

test('a fault of ours is 500, is logged, and does not say what broke', async (t) => {
  const { app, asked } = await injected(t, {
    answer: () => {
      throw new Error('secret path /var/lib');
    },
  });
  const reply = await app.inject('/api/v1/merge?query=cpu&format=top');
  assert.equal(reply.statusCode, 500);
  assert.equal(reply.json<{ code: string }>().code, 'internal');
  assert.ok(!reply.payload.includes('secret'));
  assert.deepEqual(asked.logged, ['a request failed']);
});

test('a slot is given back after every kind of end', async (t) => {
  let calls = 0;
  const { app } = await injected(t, {
    answer: () => {
      calls++;
      if (calls % 3 === 0) throw new Error('broken');
      return calls % 3 === 1 ? emptyWindow() : jsonAnswer({});
    },
  });
  for (let i = 0; i < 9; i++) {
    assert.notEqual((await app.inject('/api/v1/merge?query=cpu&format=top')).statusCode, 429);
  }
});
