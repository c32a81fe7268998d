import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Value } from 'typebox/value';
import type { WorkloadFilter } from '../../src/growth/contract.ts';
import { FlameherdError } from '../../src/model/errors.ts';
import type { GrowthEvent, GrowthVerdict } from '../../src/model/growth.ts';
import type { TimeWindow } from '../../src/model/units.ts';
import { eventOf, growthOf, leaking, still, verdictOf, workloadNamed } from '../support/growth-http.ts';
import { injected, minute, nowMs, targetStatus } from '../support/http-fakes.ts';

const hour = 60 * minute;
const checkout = workloadNamed('checkout');
const web = workloadNamed('web');

interface Signal {
  readonly tier: string | null;
  readonly whyNot: string | null;
  readonly eventId: string | null;
  readonly functions: readonly { function: string; functionId: string; link: string | null; page: string | null }[];
  readonly baseline: { text: string } | null;
  readonly links: Readonly<
    Record<'diff' | 'pprof' | 'profiles' | 'event' | 'diffPage' | 'explorePage' | 'eventPage', string | null>
  >;
}
interface Answer {
  readonly verdicts: readonly {
    workload: string;
    container: string;
    tier: string | null;
    skipped: string | null;
    signals: Signal[];
  }[];
  readonly events: readonly { id: string; state: string; stored: boolean; links: Record<string, string | null> }[];
  readonly nextCursor: string | null;
  readonly meta: Readonly<Record<string, unknown>> & { readonly hint?: string; readonly warnings: string[] };
}

async function asked(t: Parameters<typeof injected>[0], growth: ReturnType<typeof growthOf>, url = '/api/v1/growth') {
  const { app } = await injected(t, { growth, targets: () => [targetStatus('basket-1')] });
  const reply = await app.inject(url);
  assert.equal(reply.statusCode, 200, reply.payload);
  return reply.json<Answer>();
}

test('a leak is answered with its tier, times, slope, baseline in words, functions, pods and open event', async (t) => {
  const growth = growthOf({
    verdicts: [verdictOf(checkout, [leaking()])],
    events: [eventOf('00000000000000e1', checkout)],
  });
  const { verdicts, events, meta } = await asked(t, growth);
  const { links, functions, ...signal } = verdicts[0]?.signals[0] ?? assert.fail();
  assert.deepEqual(signal, {
    signal: 'heap',
    tier: 'likely',
    unit: 'bytes',
    slopeUnit: 'bytes/s',
    since: '2026-02-28T16:00:00.000Z',
    sinceMs: nowMs - 20 * hour,
    start: '2026-02-28T10:00:00.000Z',
    startMs: nowMs - 26 * hour,
    perSecond: (30 * 2 ** 20) / 3600,
    low: (0.9 * 30 * 2 ** 20) / 3600,
    high: 1.1 * ((30 * 2 ** 20) / 3600),
    rise: 780 * 2 ** 20,
    baseline: {
      kind: 'plateau',
      level: 40 * 2 ** 20,
      revision: 'r1',
      text: 'above the plateau of revision r1 (40 MiB)',
    },
    likelyBecause: 'ramp',
    pods: ['checkout-1'],
    judged: 3,
    whyNot: null,
    gates: [{ name: 'rise', passed: true, text: '780 MiB of 40 MiB', value: 780, needed: 40 }],
    eventId: '00000000000000e1',
  });
  assert.deepEqual(
    functions.map((each) => [each.function, each.functionId]),
    [
      ['main.(*auditTrail).record', '00000000000000aa'],
      ['main.(*index).put', '00000000000000bb'],
    ],
  );
  assert.deepEqual([links.event, links.eventPage], ['/api/v1/growth/00000000000000e1', '/a/00000000000000e1']);
  assert.match(links.diffPage ?? '', /^\/diff\?query=heap%7B.*&base_from=2026-02-28T09%3A00/);
  assert.match(functions[0]?.page ?? '', /^\/explore\?query=heap%7B.*&function=main\.%28\*auditTrail%29\.record$/);
  assert.deepEqual(
    events.map(({ id, state }) => [id, state]),
    [['00000000000000e1', 'open']],
  );
  assert.deepEqual(meta['tiers'], { likely: 1, suspected: 0, none: 0, skipped: 0 });
});

test('what shows nothing says which gate it failed, and what is not judged says why', async (t) => {
  const job = workloadNamed('nightly', { workloadKind: 'Job' });
  const growth = growthOf({ verdicts: [verdictOf(web, [still()]), verdictOf(job, [], { skipped: 'a Job' })] });
  const { verdicts, meta } = await asked(t, growth);
  assert.equal(verdicts[0]?.signals[0]?.whyNot, 'rise: 0.9 MiB of 32 MiB');
  const { diff, diffPage, explorePage } = verdicts[0]?.signals[0]?.links ?? assert.fail();
  assert.deepEqual([diff, diffPage, explorePage], [null, null, null]);
  assert.deepEqual([verdicts[1]?.skipped, verdicts[1]?.signals], ['a Job', []]);
  assert.equal(meta.hint, undefined);
});

test('the diff that is linked is asked for as it stands: the last hour against the hour before it began', async (t) => {
  const growth = growthOf({ verdicts: [verdictOf(checkout, [leaking()])] });
  const { app, asked: seen } = await injected(t, { growth });
  const { verdicts } = (await app.inject('/api/v1/growth')).json<Answer>();
  const { links, functions } = verdicts[0]?.signals[0] ?? assert.fail();
  for (const link of [links.diff, links.pprof, links.profiles, functions[0]?.link]) {
    assert.equal((await app.inject(link ?? '')).statusCode, 200, String(link));
  }
  const [diff, pprof, profiles, range] = seen.questions;
  assert.ok(
    diff?.kind === 'diff' && 'selector' in diff.base && profiles?.kind === 'profiles' && range?.kind === 'range',
  );
  const labels = { namespace: 'shop', workload_kind: 'Deployment', workload: 'checkout', container: 'app' };
  assert.deepEqual(Object.fromEntries(diff.compare.selector.matchers.map(({ name, value }) => [name, value])), labels);
  assert.equal(diff.compare.selector.type.sampleType, 'inuse_space');
  assert.deepEqual(diff.compare.window, { fromMs: nowMs - 65 * minute, toMs: nowMs - 5 * minute });
  // What grows since its process started has nothing before that.
  assert.deepEqual(diff.base.window, { fromMs: nowMs - 27 * hour, toMs: nowMs - 26 * hour + 20 * minute });
  assert.deepEqual([diff.format, diff.normalize], ['markdown', 'process']);
  assert.deepEqual(pprof, { ...diff, format: 'pprof' });
  assert.equal(range.functionName, 'main.(*auditTrail).record');
});

test('findings come first, then by workload; a tier has the tiers above it', async (t) => {
  const suspected = leaking('goroutines', { tier: 'suspected' });
  const growth = growthOf({
    verdicts: [
      verdictOf(workloadNamed('a'), [], { skipped: 'off' }),
      verdictOf(workloadNamed('b'), [still()]),
      verdictOf(workloadNamed('d'), [still(), suspected]),
      verdictOf(workloadNamed('c'), [leaking()]),
      verdictOf(workloadNamed('c', { namespace: 'bank' }), [leaking()]),
    ],
  });
  const names = async (search: string) =>
    (await asked(t, growth, `/api/v1/growth${search}`)).verdicts.map(({ workload }) => workload).join('');
  assert.equal(await names(''), 'ccdba');
  assert.equal(await names('?tier=suspected'), 'ccd');
  assert.equal(await names('?tier=likely'), 'cc');
  assert.equal(await names('?tier=likely&namespace=bank'), 'c');
  assert.equal(await names('?namespace=shop&workload=d&workload_kind=Deployment&container=app'), 'd');
  assert.equal(await names('?workload_kind=StatefulSet'), '');
  assert.equal(await names('?namespace=&workload=d&container='), 'd', 'alerts link with labels that are empty');
});

test('pages hold each verdict and each event once, whatever the limit', async (t) => {
  const tier = fc.constantFrom(undefined, 'suspected' as const, 'likely' as const);
  const drawn = fc.record({
    tiers: fc.array(tier, { maxLength: 9 }),
    events: fc.array(
      fc.record({
        ageMs: fc.integer({ min: 0, max: 6 * 24 * hour }),
        kind: fc.constantFrom('Deployment', 'StatefulSet'),
      }),
      { maxLength: 9 },
    ),
    limit: fc.integer({ min: 1, max: 6 }),
    kind: fc.constantFrom('', '&workload_kind=Deployment'),
  });
  await fc.assert(
    fc.asyncProperty(drawn, async ({ tiers, events, limit, kind }) => {
      const verdicts = tiers.map((each, i) =>
        verdictOf(workloadNamed(`w${i}`), [each ? leaking('heap', { tier: each }) : still()]),
      );
      const stored = events.map(({ ageMs, kind: workloadKind }, i) =>
        eventOf(`e${i}`, workloadNamed('w', { workloadKind }), { openedMs: nowMs - ageMs - 1 }),
      );
      const { app } = await injected(t, { growth: growthOf({ verdicts, events: stored }) });
      const seen = { verdicts: [] as string[], events: [] as string[] };
      let cursor = '';
      do {
        const answer: Answer = (await app.inject(`/api/v1/growth?limit=${limit}${kind}${cursor}`)).json();
        assert.ok(answer.verdicts.length <= limit && answer.events.length <= limit);
        seen.verdicts.push(...answer.verdicts.map(({ workload }) => workload));
        seen.events.push(...answer.events.map(({ id }) => id));
        cursor = answer.nextCursor === null ? '' : `&cursor=${answer.nextCursor}`;
      } while (cursor !== '');
      await app.close();
      const wanted = stored.filter(({ workload }) => kind === '' || workload.workloadKind === 'Deployment');
      assert.deepEqual(seen.verdicts.toSorted(), verdicts.map(({ workload }) => workload.workload).toSorted());
      assert.deepEqual(
        seen.events,
        wanted.toSorted((a, b) => b.openedMs - a.openedMs).map(({ id }) => id),
      );
    }),
    { numRuns: 30 },
  );
});

test('events are those that were open in the window: a week, or from what an alert links', async (t) => {
  const events = [
    eventOf('00000000000000e1', checkout, { openedMs: nowMs - 30 * 24 * hour, resolvedMs: nowMs - 29 * 24 * hour }),
    eventOf('00000000000000e2', checkout, { openedMs: nowMs - 20 * 24 * hour, resolvedMs: nowMs - 2 * 24 * hour }),
    eventOf('00000000000000e3', checkout, { openedMs: nowMs - hour }),
  ];
  const ids = async (search: string) =>
    (await asked(t, growthOf({ events }), `/api/v1/growth?${search}`)).events.map(({ id }) => id.slice(-2)).join(' ');
  assert.equal(await ids(''), 'e3 e2');
  assert.equal(await ids('from=now-1d'), 'e3');
  assert.equal(await ids('to=now-1d'), 'e2');
  assert.equal(await ids(`since=${Math.floor(nowMs / 1000) - 30 * 24 * 3600}`), 'e3 e2 e1');
  for (const since of ['', '0', 'NaN', '%2BInf', String(nowMs / 1000 - 60)])
    assert.equal(await ids(`since=${since}`), 'e3 e2');
});

test('at asks what would have been said then, and which events were open', async (t) => {
  const seen: [WorkloadFilter, number][] = [];
  const events = [
    eventOf('00000000000000e1', checkout, { openedMs: nowMs - 5 * hour, resolvedMs: nowMs - hour }),
    eventOf('00000000000000e2', checkout, { openedMs: nowMs - hour }),
  ];
  const growth = growthOf(
    { events, verdicts: [verdictOf(checkout, [still()])] },
    {
      verdictsAt: async (filter, atMs) => {
        seen.push([filter, atMs]);
        return [verdictOf(checkout, [leaking()], { atMs })];
      },
    },
  );
  const answer = await asked(t, growth, '/api/v1/growth?at=now-2h&workload=checkout');
  assert.deepEqual(seen, [
    [{ namespace: undefined, workload: 'checkout', workloadKind: undefined, container: undefined }, nowMs - 2 * hour],
  ]);
  assert.equal(answer.verdicts[0]?.tier, 'likely');
  assert.equal(answer.verdicts[0]?.signals[0]?.eventId, '00000000000000e1');
  assert.equal(answer.meta['atMs'], nowMs - 2 * hour);
  assert.deepEqual(
    answer.events.map(({ id }) => id),
    ['00000000000000e1'],
  );
  const empty = await asked(t, growthOf({}), '/api/v1/growth?at=now-90d');
  assert.match(empty.meta.hint ?? '', /nothing is stored of what was asked for at that time: floors are kept/);
});

for (const [name, known, rest, search, hint] of [
  [
    'growth that is switched off',
    {},
    { status: { enabled: false, bucketMs: 10 * minute, evaluatedMs: undefined, workloads: 0 } },
    '',
    /^growth.enabled is false/,
  ],
  [
    'a daemon that has judged nothing yet',
    {},
    { status: { enabled: true, bucketMs: 10 * minute, evaluatedMs: undefined, workloads: 0 } },
    '',
    /^nothing was judged yet: .* first 10m/,
  ],
  [
    'a name that is almost right',
    { verdicts: [verdictOf(checkout, [still()])] },
    {},
    '?namespace=shop&workload=chekcout',
    /^did you mean shop\/checkout\?$/,
  ],
  [
    'a name that nothing has',
    { verdicts: [verdictOf(checkout, [still()])] },
    {},
    '?namespace=x&workload=y',
    /^there are shop\/(basket, shop\/checkout|checkout, shop\/basket)$/,
  ],
  [
    'a target that is new',
    { verdicts: [verdictOf(checkout, [still()])] },
    {},
    '?namespace=shop&workload=basket',
    /^shop\/basket is scraped and has no verdict yet/,
  ],
  ['targets that are new, of all', {}, {}, '', /^shop\/basket.* ha(s|ve) no verdict yet/],
] as const) {
  test(`${name}: 200 with nothing, and why`, async (t) => {
    const answer = await asked(t, growthOf(known, rest), `/api/v1/growth${search}`);
    assert.deepEqual([answer.verdicts, answer.nextCursor], [[], null]);
    assert.match(answer.meta.hint ?? '', hint);
  });
}

test('a back-test asks for a window that is over, and links only to events that are stored', async (t) => {
  const seen: TimeWindow[] = [];
  const stored = eventOf('00000000000000e1', checkout);
  const events: readonly GrowthEvent[] = [stored, eventOf('00000000000000e2', web, { resolvedMs: nowMs - hour })];
  const verdicts: readonly GrowthVerdict[] = [verdictOf(checkout, [leaking()])];
  const growth = growthOf(
    { events: [stored] },
    {
      backtest: async (_, window) => {
        seen.push(window);
        return { window, bucketMs: 10 * minute, events, verdicts, evaluations: 144 };
      },
    },
  );
  const answer = await asked(t, growth, '/api/v1/growth/backtest?from=now-1d&to=now%2B1h&namespace=shop');
  await asked(t, growth, '/api/v1/growth/backtest');
  assert.deepEqual(seen, [
    { fromMs: nowMs - 24 * hour, toMs: nowMs },
    { fromMs: nowMs - 7 * 24 * hour, toMs: nowMs },
  ]);
  assert.deepEqual(
    answer.events.map(({ id, state, stored: isStored, links }) => [
      id.slice(-2),
      state,
      isStored,
      links['page'] ?? null,
    ]),
    [
      ['e1', 'open', true, '/a/00000000000000e1'],
      ['e2', 'resolved', false, null],
    ],
  );
  assert.equal(answer.meta['evaluations'], 144);
  assert.deepEqual(answer.meta.warnings, ['the window ends now: what is to come has no floors']);
});

test('a back-test of too much is refused in the words of whoever refuses it', async (t) => {
  const backtest = async () => {
    throw new FlameherdError('query_too_large', '900 workloads; allowed are 500', { hint: 'name a namespace' });
  };
  const { app } = await injected(t, { growth: growthOf({}, { backtest }) });
  const reply = await app.inject('/api/v1/growth/backtest');
  assert.deepEqual(
    [reply.statusCode, reply.json<{ detail: string }>().detail],
    [422, '900 workloads; allowed are 500'],
  );
});

test('what takes too long is stopped', async (t) => {
  const signals: AbortSignal[] = [];
  const verdictsAt = (_: WorkloadFilter, __: number, signal: AbortSignal) => {
    signals.push(signal);
    return new Promise<never>(() => {});
  };
  const limits = { bodyBytes: 1024, queryTimeoutMs: 5 };
  const { app } = await injected(t, { growth: growthOf({}, { verdictsAt }) }, { limits });
  const reply = await app.inject('/api/v1/growth?at=now-1h');
  assert.deepEqual([reply.statusCode, reply.json<{ code: string }>().code], [503, 'query_timeout']);
  assert.equal(signals[0]?.aborted, true);
});

test('answers have the shape that the OpenAPI document gives', async (t) => {
  const windows = { base: undefined, compare: { fromMs: nowMs - hour, toMs: nowMs } };
  const events = [eventOf('00000000000000e1', checkout, { profiles: windows }), eventOf('00000000000000e2', web)];
  const verdicts = [verdictOf(checkout, [leaking(), still('goroutines')]), verdictOf(web, [], { skipped: 'off' })];
  const backtest = async (_: WorkloadFilter, window: TimeWindow) => ({
    window,
    bucketMs: minute,
    events,
    verdicts,
    evaluations: 1,
  });
  const { app } = await injected(t, { growth: growthOf({ events, verdicts }, { backtest }) });
  const { paths } = (await app.inject('/api/v1/openapi.json')).json<{
    paths: Record<string, { get: { responses: Record<string, { content: Record<string, { schema: object }> }> } }>;
  }>();
  for (const [route, url] of [
    ['/api/v1/growth', '/api/v1/growth?limit=1'],
    ['/api/v1/growth', '/api/v1/growth?workload=none'],
    ['/growth', '/growth'],
    ['/api/v1/growth/backtest', '/api/v1/growth/backtest'],
    ['/api/v1/growth/{id}', '/api/v1/growth/00000000000000e1'],
    ['/a/{id}', '/a/00000000000000e2'],
  ] as const) {
    const schema = paths[route]?.get.responses['200']?.content['application/json']?.schema ?? assert.fail();
    const strict = JSON.parse(JSON.stringify(schema), (_, node: unknown) =>
      isObjectSchema(node) ? { ...node, additionalProperties: false } : node,
    ) as object;
    const reply = await app.inject({ url, headers: { accept: 'application/json' } });
    assert.deepEqual([...Value.Errors(strict, reply.json())], [], url);
  }
});

function isObjectSchema(node: unknown): node is object {
  return typeof node === 'object' && node !== null && 'type' in node && node.type === 'object';
}
