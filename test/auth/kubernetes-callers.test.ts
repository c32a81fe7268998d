import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minute, second } from '../../src/model/units.ts';
import { authOfCluster } from '../support/auth-cluster.ts';
import { injected } from '../support/http-fakes.ts';
import { until } from '../support/kubernetes-harness.ts';

const read = { verb: 'get', resource: 'profiles' } as const;

test('who calls is whom the API server names, with groups and all, and may what its RBAC says', async (t) => {
  const { api, caller } = await authOfCluster(t);
  const token = api.reviews.tokenFor('alice', { uid: 'u1', groups: ['shop-team'], extra: { 'example.com/a': ['b'] } });
  api.reviews.grants = [{ to: 'group:shop-team', namespace: 'shop', ...read }];
  const alice = await caller(token);
  assert.equal(alice.name, 'alice');
  assert.equal(alice.isProven, true);
  assert.deepEqual(await alice.scopeOf('read'), new Set(['shop']));
  assert.equal(await alice.may('read', 'shop'), true);
  assert.equal(await alice.may('read', 'bank'), false);
  assert.equal(await alice.may('read'), false);
  assert.equal(await alice.may('snap', 'shop'), false);
  const asked = api.reviews.asked.find(({ kind }) => kind === 'SubjectAccessReview');
  assert.deepEqual(asked?.spec, {
    user: 'alice',
    uid: 'u1',
    groups: ['shop-team'],
    extra: { 'example.com/a': ['b'] },
    resourceAttributes: { group: 'profiles.flameherd.dev', ...read },
  });
});

for (const [permission, verb, resource, isClusterWide] of [
  ['read', 'get', 'profiles', false],
  ['upload', 'create', 'profiles', false],
  ['snap', 'create', 'snaps', false],
  ['snapAny', 'create', 'snaps/any', false],
  ['pause', 'create', 'pauses', false],
  ['reload', 'update', 'configuration', true],
  ['status', 'get', 'status', true],
] as const) {
  test(`${permission} is ${verb} ${resource}${isClusterWide ? ', and a Role in a namespace does not grant it' : ''}`, async (t) => {
    const { api, caller } = await authOfCluster(t);
    api.reviews.grants = [
      { to: 'of-shop', verb, resource, namespace: 'shop' },
      { to: 'of-all', verb, resource },
    ];
    const [ofShop, ofAll] = [api.reviews.tokenFor('of-shop'), api.reviews.tokenFor('of-all')];
    assert.equal(await (await caller(ofShop)).may(permission, 'shop'), !isClusterWide);
    assert.equal(await (await caller(ofShop)).may(permission), false);
    assert.deepEqual(await (await caller(ofShop)).scopeOf(permission), new Set(isClusterWide ? [] : ['shop']));
    assert.equal(await (await caller(ofAll)).may(permission), true);
    assert.equal(await (await caller(ofAll)).may(permission, 'shop'), true);
    assert.equal(await (await caller(ofAll)).scopeOf(permission), 'all');
    const others = (['read', 'upload', 'snap', 'snapAny', 'pause', 'reload', 'status'] as const).filter(
      (other) => other !== permission,
    );
    for (const other of others) assert.equal(await (await caller(ofAll)).may(other), false, other);
  });
}

test('nobody is let in without a token, with one that is not known, or with one for somebody else', async (t) => {
  const { api, caller, metric } = await authOfCluster(t);
  await assert.rejects(caller(undefined), { code: 'unauthorized', message: 'a token of the cluster is needed' });
  await assert.rejects(caller(''), { code: 'unauthorized' });
  await assert.rejects(caller('made-up'), {
    code: 'unauthorized',
    message: /does not accept the token: invalid bearer/,
  });
  const other = api.reviews.tokenFor('alice', { audiences: ['https://kubernetes.default.svc'] });
  await assert.rejects(caller(other), { code: 'unauthorized', message: /is invalid for the target audiences/ });
  assert.equal(await metric('flameherd_auth_refusals_total', { reason: 'no_credentials' }), 2);
  assert.equal(await metric('flameherd_auth_refusals_total', { reason: 'bad_credentials' }), 2);
  assert.equal(await metric('flameherd_auth_reviews_total', { kind: 'token', result: 'no' }), 2);
});

for (const [what, status] of [
  ['names no audience', { authenticated: true, user: { username: 'alice' } }],
  ['names others than ours', { authenticated: true, user: { username: 'alice' }, audiences: ['api', 'other'] }],
] as const) {
  test(`a server that ${what} does not vouch for the token`, async (t) => {
    const { api, caller } = await authOfCluster(t);
    api.fail({ on: 'create', plural: 'tokenreviews', fault: { kind: 'text', text: JSON.stringify({ status }) } });
    await assert.rejects(caller('x'), {
      code: 'unauthorized',
      message: /it was made for (the API server itself|api, other)/,
    });
  });
}

test('a token that the API server cannot read is refused, and what it says of it is not repeated', async (t) => {
  const { api, caller } = await authOfCluster(t);
  const fault = { kind: 'status', code: 400, reason: 'BadRequest', message: 'bad token odd-token' } as const;
  api.fail({ on: 'create', plural: 'tokenreviews', fault });
  await assert.rejects(caller('odd-token'), {
    code: 'unauthorized',
    message: 'the API server does not accept the token: it cannot be read',
  });
});

for (const token of [' ', ' x', '\t', '\u00a0', 'a b', 'a\n', '\u0000']) {
  test(`${JSON.stringify(token)} is no token: the API server would take it for none, and who sends none for somebody`, async (t) => {
    const { api, authenticator, reviews } = await authOfCluster(t);
    const anonymous = { username: 'system:anonymous', groups: ['system:unauthenticated'], audiences: ['flameherd'] };
    api.reviews.tokens.set(token, anonymous);
    const { app } = await injected(t, {}, { authenticator });
    const authorization = `Basic ${Buffer.from(`flameherd:${token}`).toString('base64')}`;
    assert.equal((await app.inject({ url: '/api/v1/whoami', headers: { authorization } })).statusCode, 401);
    assert.equal(reviews('TokenReview'), 0);
  });
}

test('whom the API server takes for nobody is nobody', async (t) => {
  const { api, caller } = await authOfCluster(t);
  api.reviews.grants = [{ to: 'group:system:unauthenticated', ...read }];
  const token = api.reviews.tokenFor('system:anonymous', { groups: ['system:unauthenticated'] });
  await assert.rejects(caller(token), { code: 'unauthorized', message: /nobody/ });
});

test('one of several audiences is enough', async (t) => {
  const { api, caller } = await authOfCluster(t, { mode: 'kubernetes', kubernetes: { audiences: ['a', 'b'] } });
  assert.equal((await caller(api.reviews.tokenFor('alice', { audiences: ['b', 'c'] }))).name, 'alice');
});

const down = { code: 'auth_unavailable', status: 503 };
for (const [what, fault, hint] of [
  ['breaks the connection', { kind: 'reset' }, /send it again/],
  ['says nothing', { kind: 'hang' }, /send it again/],
  ['has a fault', { kind: 'status', code: 500, reason: 'InternalError' }, /send it again/],
  ['is too busy', { kind: 'status', code: 429, reason: 'TooManyRequests' }, /send it again/],
  ['answers nonsense', { kind: 'text', text: '<html>' }, /send it again/],
  ['answers nothing that is a review', { kind: 'text', text: '{"status":{"authenticated":true}}' }, /send it again/],
] as const) {
  test(`when the API server ${what}, nobody new is let in, and the next try asks again`, async (t) => {
    const { api, caller, metric } = await authOfCluster(t, undefined, fault.kind === 'hang' ? 500 : undefined);
    const token = api.reviews.tokenFor('alice');
    api.fail({ on: 'create', plural: 'tokenreviews', fault });
    await assert.rejects(caller(token), (error: { hint?: string }) => {
      assert.match(error.hint ?? '', hint);
      return Object.entries(down).every(([key, value]) => Reflect.get(error, key) === value);
    });
    assert.equal(await metric('flameherd_auth_reviews_total', { kind: 'token', result: 'failed' }), 1);
    assert.equal(await metric('flameherd_auth_refusals_total', { reason: 'unavailable' }), 1);
    assert.equal((await caller(token)).name, 'alice');
  });
}

test('without the right to make reviews it is said which rule is missing, and the rights are asked for anew', async (t) => {
  const { api, caller, forbidden } = await authOfCluster(t);
  const token = api.reviews.tokenFor('alice');
  api.authorize = ({ plural }) => plural !== 'tokenreviews';
  await assert.rejects(caller(token), {
    ...down,
    hint: /resources: \["tokenreviews"\][^]*apply deploy\/rbac\/auth\.yaml/,
  });
  api.authorize = ({ plural }) => plural !== 'subjectaccessreviews';
  const alice = await caller(token);
  await assert.rejects(alice.scopeOf('read'), { ...down, hint: /resources: \["subjectaccessreviews"\]/ });
  assert.equal(forbidden(), 2);
});

test('what is remembered goes on without the API server, for as long as it counts; nobody else comes in', async (t) => {
  const { api, caller, clock } = await authOfCluster(t);
  const token = api.reviews.tokenFor('alice');
  api.reviews.grants = [{ to: 'alice', namespace: 'shop', ...read }];
  await (await caller(token)).scopeOf('read');
  await api.down();
  clock.ms += 2 * minute - 1;
  const alice = await caller(token);
  // Longer than denials stand: `bank` stays denied, as nobody says otherwise.
  assert.deepEqual(await alice.scopeOf('read'), new Set(['shop']));
  assert.equal(await alice.may('read', 'shop').catch(({ code }: { code: string }) => code), 'auth_unavailable');
  await assert.rejects(alice.may('pause', 'shop'), down);
  await assert.rejects(caller(api.reviews.tokenFor('bob')), down);
  clock.ms += 1;
  await assert.rejects(caller(token), down);
  await api.listen();
  assert.deepEqual(await (await caller(token)).scopeOf('read'), new Set(['shop']));
});

test('an allowed right is never made older than it may be by an outage', async (t) => {
  const { api, caller, clock } = await authOfCluster(t);
  api.reviews.grants = [{ to: 'alice', namespace: 'shop', ...read }];
  const alice = await caller(api.reviews.tokenFor('alice'));
  await alice.scopeOf('read');
  await api.down();
  clock.ms += 5 * minute;
  await assert.rejects(alice.scopeOf('read'), down);
});

test('a namespace that nobody was asked about yet is not guessed while the API server is away', async (t) => {
  const { api, caller, namespaces } = await authOfCluster(t);
  api.reviews.grants = [{ to: 'alice', namespace: 'shop', ...read }];
  const alice = await caller(api.reviews.tokenFor('alice'));
  await alice.scopeOf('read');
  namespaces.add('new');
  await api.down();
  await assert.rejects(alice.scopeOf('read'), down);
});

test('a thousand requests with the same new token make one review of it, and one of each right', async (t) => {
  const { api, caller, reviews } = await authOfCluster(t);
  const token = api.reviews.tokenFor('alice');
  api.reviews.grants = [{ to: 'alice', namespace: 'shop', ...read }];
  const held = Promise.withResolvers<void>();
  api.reviews.hold = held.promise;
  const scopes = Promise.all(Array.from({ length: 1000 }, async () => (await caller(token)).scopeOf('read')));
  await until('the first is asked', () => reviews('TokenReview') > 0);
  held.resolve();
  for (const scope of await scopes) assert.deepEqual(scope, new Set(['shop']));
  assert.equal(reviews('TokenReview'), 1);
  assert.equal(reviews('SubjectAccessReview'), 3);
});

test('answers count as long as they should, and not a moment longer', async (t) => {
  const { api, caller, clock, reviews } = await authOfCluster(t);
  const token = api.reviews.tokenFor('alice');
  api.reviews.grants = [{ to: 'alice', namespace: 'shop', ...read }];
  const asked = async (ms: number) => {
    clock.ms += ms;
    const before = [reviews('TokenReview'), reviews('SubjectAccessReview')] as const;
    const scope = await (await caller(token)).scopeOf('read');
    const after = [reviews('TokenReview') - before[0], reviews('SubjectAccessReview') - before[1]];
    return [...after, ...(scope === 'all' ? ['all'] : scope)];
  };
  assert.deepEqual(await asked(0), [1, 3, 'shop']);
  assert.deepEqual(await asked(30 * second - 1), [0, 0, 'shop']);
  // All namespaces and `bank` were denied: those are asked again, `shop` is not.
  assert.deepEqual(await asked(1), [0, 2, 'shop']);
  assert.deepEqual(await asked(2 * minute - 30 * second - 1), [0, 2, 'shop']);
  assert.deepEqual(await asked(1), [1, 0, 'shop']);
  api.reviews.grants = [];
  assert.deepEqual(await asked(3 * minute - 1), [1, 2, 'shop']);
  assert.deepEqual(await asked(1), [0, 1]);
});

test('a right that is given counts after half a minute, one that is taken away after five', async (t) => {
  const { api, caller, clock } = await authOfCluster(t);
  const alice = await caller(api.reviews.tokenFor('alice'));
  assert.deepEqual(await alice.scopeOf('read'), new Set());
  api.reviews.grants = [{ to: 'alice', namespace: 'shop', ...read }];
  clock.ms += 30 * second;
  assert.deepEqual(await alice.scopeOf('read'), new Set(['shop']));
  api.reviews.grants = [];
  clock.ms += 5 * minute - 1;
  assert.deepEqual(await alice.scopeOf('read'), new Set(['shop']));
  clock.ms += 1;
  assert.deepEqual(await alice.scopeOf('read'), new Set());
});

test('in a large cluster denials of a list stand longer, and those of a single question do not', async (t) => {
  const { api, caller, clock, namespaces, reviews } = await authOfCluster(t);
  for (let i = 0; i < 298; i++) namespaces.add(`n${i}`);
  const alice = await caller(api.reviews.tokenFor('alice'));
  await alice.scopeOf('read');
  assert.equal(reviews('SubjectAccessReview'), 301);
  clock.ms += 90 * second - 1;
  await alice.scopeOf('read');
  assert.equal(reviews('SubjectAccessReview'), 302);
  assert.equal(await alice.may('read', 'shop'), false);
  assert.equal(reviews('SubjectAccessReview'), 303);
  clock.ms += 1;
  await alice.scopeOf('read');
  assert.equal(reviews('SubjectAccessReview'), 303 + 299);
});

test('a clock that is set back makes nothing count longer', async (t) => {
  const { api, caller, clock, reviews } = await authOfCluster(t);
  const token = api.reviews.tokenFor('alice');
  await caller(token);
  clock.ms -= 60 * minute;
  await caller(token);
  assert.equal(reviews('TokenReview'), 2);
});

const jwt = (claims: unknown): string =>
  ['{}', JSON.stringify(claims), 'signature'].map((part) => Buffer.from(part).toString('base64url')).join('.');

test('a token counts until it says that it ends, however long answers are remembered', async (t) => {
  const { api, caller, clock, reviews } = await authOfCluster(t);
  const token = jwt({ exp: clock.ms / 1000 + 60 });
  api.reviews.tokens.set(token, { username: 'alice', audiences: ['flameherd'] });
  await caller(token);
  clock.ms += 60 * second - 1;
  await caller(token);
  assert.equal(reviews('TokenReview'), 1);
  clock.ms += 1;
  api.reviews.tokens.delete(token);
  await assert.rejects(caller(token), { code: 'unauthorized' });
});

for (const claims of [{ exp: 'soon' }, { exp: null }, null, 'text', {}, []]) {
  test(`a token that says ${JSON.stringify(claims)} of its end is remembered as any other`, async (t) => {
    const { api, caller, reviews } = await authOfCluster(t);
    const token = jwt(claims);
    api.reviews.tokens.set(token, { username: 'alice', audiences: ['flameherd'] });
    await caller(token);
    await caller(token);
    assert.equal(reviews('TokenReview'), 1);
  });
}

test('a refused token is not asked about again for ten seconds', async (t) => {
  const { api, caller, clock, reviews } = await authOfCluster(t);
  const refused = async () => assert.rejects(caller('late'), { code: 'unauthorized' });
  await refused();
  api.reviews.tokens.set('late', { username: 'alice', audiences: ['flameherd'] });
  clock.ms += 10 * second - 1;
  await refused();
  assert.equal(reviews('TokenReview'), 1);
  clock.ms += 1;
  assert.equal((await caller('late')).name, 'alice');
});

test('made-up tokens are refused as busy above a bound; who was known before comes in all the same, and is not forgotten', async (t) => {
  const { api, caller, clock, metric, reviews } = await authOfCluster(t);
  const token = api.reviews.tokenFor('alice');
  await caller(token);
  const codes = new Map<string, number>();
  for (let second = 0; second < 5; second++) {
    const tries = Array.from({ length: 100 }, (_, i) => caller(`made-up-${second}-${i}`));
    for (const outcome of await Promise.allSettled(tries)) {
      const { code } = outcome.status === 'rejected' ? (outcome.reason as { code: string }) : { code: 'let in' };
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    clock.ms += 1000;
  }
  // 200 at once and 50 a second after that, alice's among them.
  assert.equal(codes.get('unauthorized'), 199 + 4 * 50);
  assert.equal(codes.get('busy'), 500 - 199 - 4 * 50);
  assert.equal(reviews('TokenReview'), 200 + 4 * 50);
  assert.equal(await metric('flameherd_auth_refusals_total', { reason: 'busy' }), codes.get('busy'));
  clock.ms += 2 * minute;
  await Promise.allSettled(Array.from({ length: 300 }, (_, i) => caller(`more-${i}`)));
  await assert.rejects(caller('one-more'), { code: 'busy', status: 429 });
  assert.equal((await caller(token)).name, 'alice');
});

test('when the API server falls silent, whoever waits is told with those that asked, and not one after the other', async (t) => {
  const { api, caller, reviews } = await authOfCluster(t, undefined, 500);
  api.reviews.hold = new Promise(() => {});
  const tries = await Promise.allSettled(Array.from({ length: 100 }, (_, i) => caller(`token-${i}`)));
  for (const each of tries) assert.equal((each as { reason: { code: string } }).reason.code, 'auth_unavailable');
  assert.ok(reviews('TokenReview') <= 2 * 16, `${reviews('TokenReview')} were asked`);
});

test('no token is told anywhere', async (t) => {
  const { api, caller } = await authOfCluster(t, undefined, 500);
  const secrets = ['made-up-0123456789', api.reviews.tokenFor('alice', { audiences: ['other'] })];
  api.fail({ on: 'create', plural: 'tokenreviews', fault: { kind: 'hang' } });
  for (const secret of [...secrets, ...secrets]) {
    const error = await caller(secret).then(
      () => assert.fail('let in'),
      (thrown: Error & { hint?: string }) => thrown,
    );
    for (const told of [
      error.message,
      error.hint ?? '',
      JSON.stringify(error),
      error.stack ?? '',
      String(error.cause),
    ]) {
      assert.ok(!told.includes(secret), told);
    }
  }
});
