import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Value } from 'typebox/value';
import { statusSchema } from '../../src/http/status-schema.ts';
import { FlameherdError } from '../../src/model/errors.ts';
import {
  gate,
  idleStatus,
  injected,
  jsonAnswer,
  minute,
  noGrowth,
  nowMs,
  pprofBytes,
  targetStatus,
} from '../support/http-fakes.ts';

const hour = 60 * minute;
const lastHour = { fromMs: nowMs - hour, toMs: nowMs };

test('lists ask for matchers, window, limit and cursor', async (t) => {
  const { app, asked } = await injected(t, { answer: () => jsonAnswer([]) });
  const match = encodeURIComponent('{namespace="shop"}');
  const matchers = [{ name: 'namespace', operator: '=', value: 'shop' }];
  await app.inject(`/api/v1/profile-types?match[]=${match}&limit=5&cursor=abc`);
  await app.inject(`/api/v1/labels?match=${match}`);
  await app.inject('/api/v1/series?start=now-2h&end=now-1h');
  await app.inject('/api/v1/label/workload/values');
  assert.deepEqual(asked.questions, [
    { kind: 'profile-types', matchers, window: lastHour, limit: 5, cursor: 'abc' },
    { kind: 'labels', matchers, window: lastHour, limit: 1000, cursor: undefined },
    {
      kind: 'series',
      matchers: [],
      window: { fromMs: nowMs - 2 * hour, toMs: nowMs - hour },
      limit: 1000,
      cursor: undefined,
    },
    { kind: 'label-values', name: 'workload', matchers: [], window: lastHour, limit: 1000, cursor: undefined },
  ]);
});

test('single profiles are listed by query and fetched by id', async (t) => {
  const { app, asked } = await injected(t);
  await app.inject('/api/v1/profiles?query=goroutine&limit=3');
  await app.inject('/api/v1/profiles/20260301T11-42');
  const [list, one] = asked.questions;
  assert.equal(list?.kind === 'profiles' && list.limit, 3);
  assert.equal(list?.kind === 'profiles' && list.selector.type.name, 'goroutine');
  assert.deepEqual(one, { kind: 'profile', id: '20260301T11-42' });
});

test('query_range reads step and group_by', async (t) => {
  const { app, asked } = await injected(t, { answer: () => jsonAnswer({}) });
  for (const [parameters, stepMs] of [
    ['step=1m', minute],
    ['step=30', 30_000],
    ['', 0],
  ] as const) {
    await app.inject(`/api/v1/query_range?query=cpu&group_by=workload,%20revision,workload&limit=4&${parameters}`);
    const question = asked.questions.at(-1);
    assert.ok(question?.kind === 'range');
    assert.equal(question.stepMs, stepMs);
    assert.deepEqual(question.groupBy, ['workload', 'revision']);
    assert.equal(question.limit, 4);
  }
});

test('query_range reads the function that is asked for, and takes any text for one', async (t) => {
  const { app, asked } = await injected(t, { answer: () => jsonAnswer({}) });
  const name = 'shop.(*Cart).Price[go.shape.int] <a href="x">&+%';
  await app.inject('/api/v1/query_range?query=cpu');
  await app.inject(`/api/v1/query_range?query=cpu&function=${encodeURIComponent(name)}`);
  const names = asked.questions.map((question) => (question.kind === 'range' ? question.functionName : question.kind));
  assert.deepEqual(names, [undefined, name]);
});

test('query_range takes the id of a function that growth knows for its name', async (t) => {
  const functionName = (id: string) => (id === '00000000000000aa' ? 'main.(*cache).Put' : undefined);
  const { app, asked } = await injected(t, { answer: () => jsonAnswer({}), growth: { ...noGrowth, functionName } });
  for (const given of ['00000000000000aa', '00000000000000bb', 'main.leak', '00000000000000AA']) {
    await app.inject(`/api/v1/query_range?query=heap&function=${given}`);
  }
  assert.deepEqual(
    asked.questions.map((question) => question.kind === 'range' && question.functionName),
    ['main.(*cache).Put', '00000000000000bb', 'main.leak', '00000000000000AA'],
  );
});

const targets = () => [
  targetStatus('web-2', 'down'),
  targetStatus('checkout-1'),
  targetStatus('web-1'),
  targetStatus('old-1', 'unknown', { kind: 'candidate', reason: 'annotated for Grafana' }),
];
interface TargetsAnswer {
  readonly targets: {
    labels: { pod: string };
    reason: string;
    warnings: string[];
    scrapes: Record<string, unknown>[];
  }[];
  readonly counts: Record<string, number>;
  readonly nextCursor: string | null;
}

test('targets come in order, with health, times under two names, and counts', async (t) => {
  const { app } = await injected(t, { targets });
  const answer = (await app.inject('/api/v1/targets')).json<TargetsAnswer>();
  assert.deepEqual(
    answer.targets.map(({ labels }) => labels.pod),
    ['checkout-1', 'old-1', 'web-1', 'web-2'],
  );
  assert.deepEqual(answer.counts, { up: 2, down: 1, unknown: 0, unresolved: 0, held: 0, candidate: 1 });
  assert.equal(answer.targets[1]?.reason, 'annotated for Grafana');
  assert.deepEqual(answer.targets[0]?.warnings, ['heap: the label "id" is left out'], 'of its last profile');
  assert.deepEqual(answer.targets[3]?.scrapes, [
    {
      kind: 'heap',
      url: 'http://10.0.0.1:6060/debug/pprof/heap',
      health: 'down',
      lastError: 'connection refused',
      lastScrape: '2026-03-01T11:59:00.000Z',
      lastScrapeMs: nowMs - minute,
      nextScrape: null,
      nextScrapeMs: null,
      durationMs: 12,
      bytes: 4096,
      samples: 10,
      seconds: null,
      intervalMs: minute,
    },
  ]);
});

for (const [parameters, pods] of [
  ['health=down', ['web-2']],
  ['health=unknown', []],
  ['state=candidate', ['old-1']],
  ['workload=web', ['web-1', 'web-2']],
  ['namespace=shop&pod=web-1', ['web-1']],
  ['namespace=other', []],
  ['match[]=%7Bworkload=~%22web%7Cold%22,pod!=%22web-1%22%7D', ['old-1', 'web-2']],
] as const) {
  test(`targets with ${parameters}: ${pods.join(', ') || 'none'}`, async (t) => {
    const { app } = await injected(t, { targets });
    const answer = (await app.inject(`/api/v1/targets?${parameters}`)).json<TargetsAnswer>();
    assert.deepEqual(
      answer.targets.map(({ labels }) => labels.pod),
      pods,
    );
  });
}

test('pages of targets hold each target once', async (t) => {
  const { app } = await injected(t, { targets });
  const pods: string[] = [];
  let cursor = '';
  do {
    const answer: TargetsAnswer = (await app.inject(`/api/v1/targets?limit=3${cursor}`)).json();
    pods.push(...answer.targets.map(({ labels }) => labels.pod));
    cursor = answer.nextCursor === null ? '' : `&cursor=${answer.nextCursor}`;
  } while (cursor !== '');
  assert.deepEqual(pods, ['checkout-1', 'old-1', 'web-1', 'web-2']);
});

test('explain asks for a pod, or for a workload that is a Deployment unless said otherwise', async (t) => {
  const { app } = await injected(t);
  for (const [parameters, subject] of [
    ['pod=a', { namespace: 'shop', pod: 'a' }],
    ['workload=a', { namespace: 'shop', workloadKind: 'Deployment', workload: 'a' }],
    ['kind=StatefulSet&workload=a', { namespace: 'shop', workloadKind: 'StatefulSet', workload: 'a' }],
  ] as const) {
    const reply = await app.inject(`/api/v1/explain?namespace=shop&${parameters}`);
    assert.deepEqual(JSON.parse(reply.json<{ subject: string }>().subject), subject);
  }
});

test('a scope is paused, listed, and resumed by DELETE or resume=true', async (t) => {
  const { app } = await injected(t);
  const url = '/api/v1/pause?namespace=shop';
  const post = (more = '') => app.inject({ method: 'POST', url: `${url}${more}` });
  assert.deepEqual((await post()).json(), { pauses: [{ namespace: 'shop' }] });
  assert.deepEqual((await post('&workload=web')).json<{ pauses: unknown[] }>().pauses.length, 2);
  assert.deepEqual((await post('&resume=true')).json(), { pauses: [{ namespace: 'shop', workload: 'web' }] });
  assert.equal((await app.inject('/api/v1/pause')).json<{ pauses: unknown[] }>().pauses.length, 1);
  const gone = await app.inject({ method: 'DELETE', url });
  assert.equal(gone.statusCode, 404);
  assert.equal(gone.json<{ hint: string }>().hint, 'paused are: shop/web; a pause is lifted as it was set');
  const last = await app.inject({ method: 'DELETE', url: `${url}&workload=web` });
  assert.deepEqual(last.json(), { pauses: [] });
});

test('a scope in the body is refused, not ignored: it would pause everything', async (t) => {
  const { app, asked } = await injected(t);
  for (const headers of [
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': 'application/json' },
  ]) {
    const reply = await app.inject({ method: 'POST', url: '/api/v1/pause', payload: 'namespace=shop', headers });
    assert.equal(reply.statusCode, 400);
    assert.equal(reply.json<{ detail: string }>().detail, 'body: this route takes none');
  }
  const workload = await app.inject({ method: 'POST', url: '/api/v1/pause?workload=web' });
  assert.match(workload.json<{ detail: string }>().detail, /^namespace: is missing/);
  assert.deepEqual(asked.pauses, []);
});

test('reload is there only when there is something to reload, and a bad config is told', async (t) => {
  const without = await injected(t);
  assert.equal((await without.app.inject({ method: 'POST', url: '/-/reload' })).statusCode, 404);
  let bad = false;
  const reload = async () => {
    if (bad) throw new FlameherdError('bad_config', 'scrape.interval: got "x"');
    return { live: ['growth.deny'], needRestart: ['http.listen'] };
  };
  const { app } = await injected(t, { reload });
  assert.deepEqual((await app.inject({ method: 'POST', url: '/-/reload' })).json(), {
    reloaded: true,
    inForce: ['growth.deny'],
    needRestart: ['http.listen'],
  });
  bad = true;
  const refused = await app.inject({ method: 'POST', url: '/-/reload' });
  assert.equal(refused.statusCode, 400);
  assert.equal(refused.json<{ code: string }>().code, 'bad_config');
});

test('status is what it is given, without what is undefined', async (t) => {
  const { app } = await injected(t);
  const reply = await app.inject('/api/v1/status');
  assert.deepEqual(reply.json(), JSON.parse(JSON.stringify(idleStatus)));
  assert.deepEqual([...Value.Errors(statusSchema, reply.json())], []);
});

test('ready says why it is not', async (t) => {
  const { app } = await injected(t, {
    ready: () => ({ ready: false, reasons: ['disk is full', 'still listing pods'] }),
  });
  const reply = await app.inject('/-/ready');
  assert.equal(reply.statusCode, 503);
  assert.equal(reply.json<{ detail: string }>().detail, 'disk is full; still listing pods');
  assert.equal((await app.inject('/-/healthy')).payload, 'healthy\n');
});

test('metrics keep the content type of their format', async (t) => {
  const { app } = await injected(t);
  const reply = await app.inject('/metrics');
  assert.equal(reply.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(reply.payload, 'flameherd_build_info 1\n');
});

test('own profiles are where go tool pprof looks for them', async (t) => {
  const asked: number[] = [];
  const cpu = async (seconds: number) => {
    asked.push(seconds);
    return pprofBytes;
  };
  const { app } = await injected(t, { selfProfiler: { cpu, heap: async () => pprofBytes } });
  for (const url of ['/debug/pprof/profile', '/debug/pprof/profile?seconds=5', '/debug/pprof/heap']) {
    const reply = await app.inject(url);
    assert.equal(reply.headers['content-type'], 'application/octet-stream');
    assert.deepEqual(new Uint8Array(reply.rawPayload), pprofBytes);
  }
  assert.deepEqual(asked, [30, 5]);
  for (const url of ['/debug/pprof', '/debug/pprof/']) {
    assert.match((await app.inject(url)).payload, /Types of profiles available/);
  }
  for (const [url, status] of [
    ['/debug/pprof/profile?seconds=301', 400],
    ['/debug/pprof/heap?debug=1', 400],
    ['/debug/pprof/mutex', 404],
  ] as const) {
    const reply = await app.inject(url);
    assert.equal(reply.statusCode, status);
    assert.equal(reply.headers['x-go-pprof'], '1');
  }
});

test('a second CPU profile at the same time is told that one is in use', async (t) => {
  const { opened, open } = gate<Uint8Array>();
  const started = gate();
  const cpu = () => {
    started.open();
    return opened;
  };
  const { app } = await injected(t, { selfProfiler: { cpu, heap: async () => pprofBytes } });
  const first = app.inject('/debug/pprof/profile').then((reply) => reply);
  await started.opened;
  const second = await app.inject('/debug/pprof/profile');
  assert.equal(second.statusCode, 429);
  assert.match(second.payload, /cpu profiling already in use/);
  open(pprofBytes);
  assert.equal((await first).statusCode, 200);
});
