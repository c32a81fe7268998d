import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { IngestJob } from '../../src/ingest/messages.ts';
import { gate, injected, minute, nowMs, pprofBytes, type Script, stored } from '../support/http-fakes.ts';

async function uploads(t: TestContext, script: Script = {}) {
  const { app, asked } = await injected(t, script);
  const post = (parameters: string, payload: Uint8Array | string = pprofBytes, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url: `/api/v1/profiles?${parameters}`,
      payload: Buffer.from(payload),
      headers: { 'content-type': 'application/octet-stream', ...headers },
    });
  return { app, asked, post };
}

function form(parts: readonly { name: string; value: string | Uint8Array; file?: string }[]) {
  const boundary = 'flameherd-test-boundary';
  const chunks = parts.flatMap(({ name, value, file }) => [
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file === undefined ? '' : `; filename="${file}"`}\r\n\r\n`,
    value,
    '\r\n',
  ]);
  const payload = Buffer.concat([...chunks, `--${boundary}--\r\n`].map((chunk) => Buffer.from(chunk)));
  return { payload, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } };
}

test('an upload becomes a job with all that its parameters say, and answers its id', async (t) => {
  const { asked, post } = await uploads(t);
  const reply = await post(
    'service_name=checkout-svc&namespace=shop&workload=checkout&workload_kind=Deployment&container=app&pod=checkout-1' +
      '&node=n1&revision=r1&image=v7&version=7.0&label.team=pay&kind=heap&process=uid-1/abc&time=now-1m&started=now-1h' +
      '&ended=now&interval=15s',
  );
  assert.equal(reply.statusCode, 200, reply.payload);
  assert.deepEqual(reply.json(), { id: 'p-1', duplicate: false, samples: 3, trimmed: 0, warnings: [] });
  assert.deepEqual(asked.jobs, [
    {
      source: 'upload:shop/checkout/checkout-1/app/uid-1%2Fabc',
      labels: {
        container: 'app',
        image: 'v7',
        namespace: 'shop',
        node: 'n1',
        pod: 'checkout-1',
        revision: 'r1',
        service_name: 'checkout-svc',
        team: 'pay',
        version: '7.0',
        workload: 'checkout',
        workload_kind: 'Deployment',
      },
      process: {
        id: 'upload:shop/checkout/checkout-1/app/uid-1%2Fabc',
        slot: 'upload:shop/checkout/checkout-1/app',
        startedMs: nowMs - 60 * minute,
      },
      processNamed: true,
      kind: 'heap',
      bytes: pprofBytes,
      stampMs: nowMs - minute,
      intervalMs: 15_000,
      origin: 'upload',
      firstKnownMs: undefined,
      asDelta: false,
      endedMs: nowMs,
    } satisfies IngestJob,
  ]);
});

test('a service name is enough; the rest has defaults', async (t) => {
  const { asked, post } = await uploads(t);
  await post('service_name=checkout');
  const [job] = asked.jobs;
  assert.deepEqual(job?.labels, { namespace: 'local', service_name: 'checkout', workload: 'checkout' });
  assert.equal(job.stampMs, nowMs);
  assert.equal(job.kind, undefined);
  assert.equal(job.processNamed, false);
  assert.equal(job.process.slot, job.process.id, 'without a pod no process ends another');
});

test('the same process name in two workloads is two processes', async (t) => {
  const { asked, post } = await uploads(t);
  await post('workload=a&process=1');
  await post('workload=b&process=1');
  assert.notEqual(asked.jobs[0]?.process.id, asked.jobs[1]?.process.id);
});

test('the bytes of a job have a buffer of their own, so that it can be moved to another thread', async (t) => {
  const { app, asked, post } = await uploads(t);
  await post('workload=a');
  const { payload, headers } = form([{ name: 'profile', value: pprofBytes, file: 'x' }]);
  await app.inject({ method: 'POST', url: '/api/v1/profiles?workload=a', payload, headers });
  for (const { bytes } of asked.jobs) {
    assert.deepEqual(new Uint8Array(bytes), pprofBytes);
    assert.equal(bytes.buffer.byteLength, bytes.byteLength);
  }
  assert.equal(asked.jobs.length, 2);
});

test('curl --data-binary, which calls everything a form, is taken as it is', async (t) => {
  const { asked, post } = await uploads(t);
  assert.equal(
    (await post('workload=a', pprofBytes, { 'content-type': 'application/x-www-form-urlencoded' })).statusCode,
    200,
  );
  assert.deepEqual(new Uint8Array(asked.jobs[0]?.bytes ?? []), pprofBytes);
});

test('a form has one file, and its fields are parameters', async (t) => {
  const { app, asked } = await uploads(t);
  const { payload, headers } = form([
    { name: 'workload', value: 'checkout' },
    { name: 'label.team', value: 'pay' },
    { name: 'profile', value: pprofBytes, file: 'heap.pb.gz' },
    { name: 'kind', value: 'heap' },
  ]);
  const reply = await app.inject({ method: 'POST', url: '/api/v1/profiles?process=1', payload, headers });
  assert.equal(reply.statusCode, 200, reply.payload);
  const [job] = asked.jobs;
  assert.deepEqual(new Uint8Array(job?.bytes ?? []), pprofBytes);
  assert.equal(job?.labels['workload'], 'checkout');
  assert.equal(job.labels['team'], 'pay');
  assert.equal(job.kind, 'heap');
  assert.equal(job.processNamed, true);
});

for (const [what, parts, url, detail] of [
  ['no file', [{ name: 'workload', value: 'a' }], '', 'the form has no file'],
  ['an empty file', [{ name: 'p', value: '', file: 'x' }], 'workload=a', 'the body is empty'],
  [
    'an unknown field',
    [
      { name: 'worklaod', value: 'a' },
      { name: 'p', value: 'x', file: 'x' },
    ],
    '',
    /^"worklaod": no such parameter/,
  ],
  [
    'a parameter in both places',
    [
      { name: 'workload', value: 'a' },
      { name: 'p', value: 'x', file: 'x' },
    ],
    'workload=a',
    'workload: is in the URL and in the form; allowed is one',
  ],
  [
    'a field twice',
    [
      { name: 'workload', value: 'a' },
      { name: 'workload', value: 'b' },
      { name: 'p', value: 'x', file: 'x' },
    ],
    '',
    'workload: given 2 times; allowed is one',
  ],
] as const) {
  test(`a form with ${what} is refused`, async (t) => {
    const { app, asked } = await uploads(t);
    const { payload, headers } = form(parts);
    const reply = await app.inject({ method: 'POST', url: `/api/v1/profiles?${url}`, payload, headers });
    assert.equal(reply.statusCode, 400, reply.payload);
    const problem = reply.json<{ detail: string }>();
    if (typeof detail === 'string') assert.equal(problem.detail, detail);
    else assert.match(problem.detail, detail);
    assert.deepEqual(asked.jobs, []);
  });
}

for (const [parameters, code, detail] of [
  ['', 'bad_parameter', 'workload: is missing; allowed is workload or service_name'],
  [
    'workload=a&kind=heap',
    'process_required',
    'process: is missing, and heap profiles count since their process started',
  ],
  ['workload=a&time=now%2B6m', 'bad_time', 'time: 2026-03-01T12:06:00.000Z is more than 5m ahead'],
  ['workload=a&time=now-8d', 'bad_time', 'time: 2026-02-21T12:00:00.000Z is older than what is kept in detail'],
  ['workload=a&time=noon', 'bad_time', /^time: "noon" is no time/],
  ['workload=a&interval=0s', 'bad_parameter', /^interval: "0s"; allowed is a duration/],
  ['workload=a&as=sum', 'bad_parameter', 'as: got "sum"; allowed is one of delta'],
  ['workload=a&kind=a/b', 'bad_parameter', /^kind: got "a\/b"/],
  ['workload=a&label.pod=x', 'bad_parameter', 'label.pod: this label cannot be set so'],
  ['workload=a&label.__x=x', 'bad_parameter', 'label.__x: this label cannot be set so'],
  ['workload=a&label.a-b=x', 'bad_parameter', /^"label.a-b": no such parameter/],
  ['workload=a&team=x', 'bad_parameter', /^"team": no such parameter; allowed are service_name, /],
  ['workload=a&workload=b', 'bad_parameter', 'workload: given 2 times; allowed is one'],
] as const) {
  test(`an upload with ${parameters || 'nothing'} is ${code}`, async (t) => {
    const { asked, post } = await uploads(t);
    const reply = await post(parameters);
    const problem = reply.json<{ code: string; detail: string }>();
    assert.equal(reply.statusCode, 400);
    assert.equal(problem.code, code);
    if (typeof detail === 'string') assert.equal(problem.detail, detail);
    else assert.match(problem.detail, detail);
    assert.deepEqual(asked.jobs, []);
  });
}

test('as=delta needs no process; 5 minutes ahead and the horizon itself are taken', async (t) => {
  const { asked, post } = await uploads(t);
  for (const parameters of ['kind=heap&as=delta', 'time=now%2B5m', 'time=now-7d']) {
    assert.equal((await post(`workload=a&${parameters}`)).statusCode, 200, parameters);
  }
  assert.equal(asked.jobs[0]?.asDelta, true);
});

test('what the ingest refuses is answered with its code', async (t) => {
  for (const [code, status] of [
    ['bad_profile', 400],
    ['out_of_order', 409],
    ['duplicate_time', 409],
    ['storage_full', 503],
  ] as const) {
    const { post } = await uploads(t, { outcome: { kind: 'refused', error: { code, message: 'because' } } });
    const reply = await post('workload=a');
    assert.equal(reply.statusCode, status);
    assert.equal(reply.json<{ code: string }>().code, code);
  }
});

test('a dropped upload is busy, to be sent again', async (t) => {
  const { post } = await uploads(t, { outcome: { kind: 'dropped', queuedBytes: 1024 ** 2 } });
  const reply = await post('workload=a');
  assert.equal(reply.statusCode, 429);
  assert.equal(reply.headers['retry-after'], '1');
  assert.equal(reply.json<{ detail: string }>().detail, 'the ingest queue is full: 1MiB wait');
});

test('a body over the limit is 413, raw and in a form', async (t) => {
  const { app, post } = await uploads(t);
  const large = new Uint8Array(64 * 1024 + 1);
  assert.equal((await post('workload=a', large)).statusCode, 413);
  const { payload, headers } = form([{ name: 'p', value: large, file: 'x' }]);
  const reply = await app.inject({ method: 'POST', url: '/api/v1/profiles?workload=a', payload, headers });
  assert.equal(reply.statusCode, 413, reply.payload);
  assert.equal(reply.json<{ detail: string }>().detail, 'the body is larger than 64KiB');
});

test('an empty body and an encoding that is unknown are refused', async (t) => {
  const { post } = await uploads(t);
  assert.equal((await post('workload=a', '')).json<{ code: string }>().code, 'bad_profile');
  assert.equal(
    (await post('workload=a', pprofBytes, { 'content-encoding': 'br' })).json<{ code: string }>().code,
    'bad_parameter',
  );
  assert.equal((await post('workload=a', pprofBytes, { 'content-encoding': 'gzip' })).statusCode, 200);
});

test('uploads under way hold at most twice the largest body, and what waits is told', async (t) => {
  const { opened, open } = gate();
  const both = gate();
  let submitted = 0;
  const { post } = await uploads(t, {
    ingest: {
      submit: async () => {
        submitted++;
        if (submitted === 2) both.open();
        await opened;
        return stored;
      },
    },
  });
  const large = new Uint8Array(64 * 1024);
  const taken = [post('workload=a', large), post('workload=a', large)].map((reply) =>
    reply.then(({ statusCode }) => statusCode),
  );
  await both.opened;
  const refused = await post('workload=a');
  assert.equal(refused.statusCode, 429);
  assert.equal(refused.json<{ detail: string }>().detail, 'uploads of 128KiB are under way, as much as may');
  open();
  assert.deepEqual(await Promise.all(taken), [200, 200]);
  assert.equal((await post('workload=a', large)).statusCode, 200);
});
