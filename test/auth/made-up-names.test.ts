import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minute, second } from '../../src/model/units.ts';
import { authOfCluster } from '../support/auth-cluster.ts';

const read = { verb: 'get', resource: 'profiles' } as const;

test('who makes up names of namespaces is busy above a share of his own, and takes nobody else’s turn', async (t) => {
  const { api, caller, clock, reviews } = await authOfCluster(t);
  api.reviews.grants = [{ to: 'bob', namespace: 'shop', ...read }];
  const mallory = await caller(api.reviews.tokenFor('mallory'));
  const bob = await caller(api.reviews.tokenFor('bob'));
  const outcomes: PromiseSettledResult<boolean>[] = [];
  for (let round = 0; round < 12; round++) {
    const tries = Array.from({ length: 500 }, (_, i) => mallory.may('read', `made-up-${round}-${i}`));
    outcomes.push(...(await Promise.allSettled(tries)));
  }
  const busy = outcomes.filter((each) => each.status === 'rejected');
  for (const { reason } of busy) assert.equal((reason as { code: string }).code, 'busy');
  assert.equal(outcomes.length - busy.length, 500);
  assert.equal(reviews('SubjectAccessReview'), 501, 'one for all namespaces, and those of the share');
  assert.equal(await bob.may('read', 'shop'), true);
  assert.deepEqual(await bob.scopeOf('read'), new Set(['shop']));
  const other = await caller(api.reviews.tokenFor('mallory', { extra: { id: ['another token'] } }));
  await assert.rejects(other.may('read', 'one-more'), { code: 'busy', status: 429 });
  assert.deepEqual(await mallory.scopeOf('read'), new Set(), 'what is known is not made up');
  clock.ms += second;
  assert.equal(await mallory.may('read', 'one-more'), false);
  clock.ms -= minute;
  await assert.doesNotReject(mallory.may('read', 'two-more'), 'a clock that is set back takes nothing away');
});

test('each new token of one account is asked about once, and what the account may do is asked once for all', async (t) => {
  const { api, caller, namespaces, reviews } = await authOfCluster(t);
  for (let namespace = 0; namespace < 100; namespace++) namespaces.add(`n-${namespace}`);
  const tokenOf = (id: number, pod: string) => {
    const extra = {
      'authentication.kubernetes.io/credential-id': [`JTI=${id}`],
      'authentication.kubernetes.io/pod-name': [pod],
    };
    return api.reviews.tokenFor('system:serviceaccount:shop:ci', { uid: 'u1', extra });
  };
  for (let token = 0; token < 20; token++) await (await caller(tokenOf(token, 'p'))).scopeOf('read');
  assert.equal(reviews('TokenReview'), 20);
  assert.equal(reviews('SubjectAccessReview'), 103);
  const { spec } = api.reviews.asked.find(({ kind }) => kind === 'SubjectAccessReview') ?? {};
  assert.deepEqual(Object.keys((spec as { extra: object }).extra).length, 2, 'the API server is told all');
  await (await caller(tokenOf(0, 'q'))).scopeOf('read');
  assert.equal(reviews('SubjectAccessReview'), 206, 'what else is told of somebody may matter');
});

test('what is remembered takes nothing of the share', async (t) => {
  const { api, caller, reviews } = await authOfCluster(t);
  api.reviews.grants = [{ to: 'bob', namespace: 'shop', ...read }];
  const bob = await caller(api.reviews.tokenFor('bob'));
  for (let asked = 0; asked < 2000; asked++) assert.equal(await bob.may('read', 'shop'), true);
  assert.equal(reviews('SubjectAccessReview'), 2);
});

test('a name that no namespace can have is denied without being asked or remembered, but to who may everywhere', async (t) => {
  const { api, caller, reviews, metric } = await authOfCluster(t);
  api.reviews.grants = [{ to: 'admin', ...read }];
  const [admin, bob] = [await caller(api.reviews.tokenFor('admin')), await caller(api.reviews.tokenFor('bob'))];
  for (let asked = 0; asked < 100; asked++) {
    const long = `${asked}-${'x'.repeat(16_000)}`;
    assert.equal(await bob.may('read', long), false);
    assert.equal(await admin.may('read', long), true);
  }
  assert.equal(reviews('SubjectAccessReview'), 2);
  assert.equal(await metric('flameherd_auth_cache_entries', { cache: 'access' }), 2);
});
