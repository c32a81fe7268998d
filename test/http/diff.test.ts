import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainView } from '../../src/model/view.ts';
import type { DiffQuestion, DiffSide } from '../../src/query/engine.ts';
import { injected, minute, nowMs } from '../support/http-fakes.ts';

/** The question that a request becomes. */
async function asked(t: Parameters<typeof injected>[0], search: string): Promise<DiffQuestion> {
  const { app, asked } = await injected(t);
  const reply = await app.inject(`/api/v1/diff?${search}`);
  assert.equal(reply.statusCode, 200, reply.payload);
  return asked.questions[0] as DiffQuestion;
}

async function refused(t: Parameters<typeof injected>[0], search: string): Promise<string> {
  const { app } = await injected(t);
  const reply = await app.inject(`/api/v1/diff?format=top&${search}`);
  const { code, detail } = reply.json<{ code: string; detail: string }>();
  return `${reply.statusCode} ${code}: ${detail}`;
}

test('a diff compares the last hour with the hour before it, by shares, as pprof, when nothing else is given', async (t) => {
  const question = await asked(t, 'query=cpu');
  const { compare, base, ...rest } = question;
  assert.deepEqual(compare.window, { fromMs: nowMs - 60 * minute, toMs: nowMs });
  assert.deepEqual(base, { ...compare, window: { fromMs: nowMs - 120 * minute, toMs: nowMs - 60 * minute } });
  assert.deepEqual(rest, {
    kind: 'diff',
    normalize: 'share',
    aggregation: 'avg',
    format: 'pprof',
    maxNodes: 16_384,
    limit: 100,
    sort: 'self',
    view: plainView,
  });
});

for (const [given, from, to] of [
  ['', 40, 20],
  ['&base_query=cpu%7Brevision%3D%22a%22%7D', 20, 0],
  ['&base_from=now-3h', 180, 160],
  ['&base_to=now-3h', 200, 180],
  ['&base_from=now-3h&base_to=now-1h', 180, 60],
  ['&base_from=now-5m', 5, 0],
] as const) {
  test(`the base of the last 20 minutes${given} is from ${from} to ${to} minutes ago`, async (t) => {
    const { base } = await asked(t, `query=cpu&from=now-20m${given}`);
    assert.deepEqual((base as DiffSide).window, { fromMs: nowMs - from * minute, toMs: nowMs - to * minute });
  });
}

test('two selections are compared over the same window', async (t) => {
  const query = (revision: string): string => encodeURIComponent(`cpu{workload="checkout",revision="${revision}"}`);
  const { compare, base } = await asked(t, `query=${query('new')}&base_query=${query('old')}`);
  const revisionOf = ({ selector }: DiffSide): string | undefined => selector.matchers[1]?.value;
  assert.deepEqual([revisionOf(compare), revisionOf(base as DiffSide)], ['new', 'old']);
  assert.deepEqual((base as DiffSide).window, compare.window);
});

test('the latest roll-out finds its base by itself, and is normalised by process unless told otherwise', async (t) => {
  const question = await asked(t, 'query=cpu&rollout=latest&format=markdown');
  assert.deepEqual(
    [question.base, question.normalize, question.format],
    [{ rollout: 'latest' }, 'process', 'markdown'],
  );
  assert.equal((await asked(t, 'query=cpu&rollout=latest&normalize=none')).normalize, 'none');
});

test('filters and sizes reach the question', async (t) => {
  const search = 'focus=^main&tagignore=a%3Db&preset=runtime,libc&granularity=packages&collapse_recursion=true';
  const { view, ...rest } = await asked(t, `query=heap&aggregate=last&max_nodes=7&limit=8&sort=total&${search}`);
  assert.deepEqual(view, {
    filters: { focus: '^main', tagignore: 'a=b' },
    presets: ['runtime', 'libc'],
    granularity: 'packages',
    collapseRecursion: true,
  });
  assert.deepEqual([rest.aggregation, rest.maxNodes, rest.limit, rest.sort], ['last', 7, 8, 'total']);
});

for (const [search, error] of [
  ['query=cpu&rollout=latest&base_from=now-3h', '400 bad_parameter: rollout: cannot be given together with base_from'],
  ['query=cpu&base_query=cpu%7Ba%7D', /^400 bad_query: base_query: expected one of/],
  ['query=cpu&base_from=now-1h&base_to=now-2h', /^400 bad_time: base_from: now-1h is not before base_to: now-2h/],
  ['query=cpu&preset=glibc', '400 bad_parameter: preset: "glibc" is none; allowed are runtime, libc'],
] as const) {
  test(`${decodeURIComponent(search)} is refused with its reason`, async (t) => {
    const told = await refused(t, search);
    if (typeof error === 'string') assert.equal(told, error);
    else assert.match(told, error);
  });
}

test('a format that no diff has is refused, as text where a pprof was asked for', async (t) => {
  const { app } = await injected(t);
  const reply = await app.inject('/api/v1/diff?query=cpu&format=pgo');
  assert.deepEqual([reply.statusCode, reply.headers['x-go-pprof']], [422, '1']);
  assert.match(reply.payload, /^unsupported_format: format: a diff has no pgo; it has pprof, flamegraph/);
});
