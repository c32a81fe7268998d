import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { authOfCluster } from '../support/auth-cluster.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { injected } from '../support/http-fakes.ts';

const secret = 'proxy-0123456789abcdef';
const next = 'next-proxy-0123456789abcdef';

async function behindProxy(t: TestContext, header: object = {}) {
  const secretFile = `${await temporaryFolder(t)}/secret`;
  await writeFile(secretFile, `${secret}\n`);
  const auth = await authOfCluster(t, { mode: 'header', header: { secretFile, ...header } });
  const caller = (headers: Readonly<Record<string, string>>, token?: string) =>
    auth.authenticator.identify({ token, header: (name) => headers[name] });
  const from = (user: string, groups = '', own = secret) =>
    caller({ 'x-flameherd-proxy-secret': own, 'x-forwarded-user': user, 'x-forwarded-groups': groups });
  return { ...auth, secretFile, caller, from };
}

test('who calls is whom the proxy names, and may what the RBAC says of the name and the groups', async (t) => {
  const { api, from } = await behindProxy(t);
  api.reviews.grants = [
    { to: 'group:shop team', verb: 'get', resource: 'profiles', namespace: 'shop' },
    { to: 'ann@example.com', verb: 'create', resource: 'pauses' },
  ];
  const ann = await from('ann@example.com', ' shop team ,, night, shop team');
  assert.equal(ann.name, 'ann@example.com');
  assert.equal(ann.isProven, true);
  assert.deepEqual(await ann.scopeOf('read'), new Set(['shop']));
  assert.equal(await ann.may('pause'), true);
  assert.deepEqual(await (await from('bob')).scopeOf('read'), new Set());
  assert.deepEqual(api.reviews.asked[0]?.spec.groups, ['shop team', 'night']);
});

for (const [what, headers] of [
  ['no secret', {}],
  ['an empty secret', { 'x-flameherd-proxy-secret': '' }],
  ['another secret', { 'x-flameherd-proxy-secret': `${secret}x` }],
  ['a part of the secret', { 'x-flameherd-proxy-secret': secret.slice(0, -1) }],
  ['the secret in another header', { 'x-proxy-secret': secret }],
] as const) {
  test(`with ${what} the headers mean nothing`, async (t) => {
    const { api, caller, metric } = await behindProxy(t, { authorize: 'admin' });
    const refused = caller({ ...headers, 'x-forwarded-user': 'ann', 'x-forwarded-groups': 'admins' });
    await assert.rejects(refused, { code: 'unauthorized', message: /not come by way of the proxy/ });
    assert.equal(await metric('flameherd_auth_refusals_total', { reason: 'not_the_proxy' }), 1);
    assert.equal(api.reviews.asked.length, 0);
  });
}

test('a token of the cluster alone lets nobody in, and beside the headers it means nothing', async (t) => {
  const { api, caller } = await behindProxy(t);
  const token = api.reviews.tokenFor('admin');
  api.reviews.grants = [{ to: 'admin', verb: 'get', resource: 'profiles' }];
  await assert.rejects(caller({}, token), { code: 'unauthorized', message: /not come by way of the proxy/ });
  const ann = await caller({ 'x-flameherd-proxy-secret': secret, 'x-forwarded-user': 'ann' }, token);
  assert.equal(ann.name, 'ann');
  assert.deepEqual(await ann.scopeOf('read'), new Set());
  assert.ok(api.reviews.asked.every(({ kind }) => kind === 'SubjectAccessReview'));
});

for (const user of ['', ' ', undefined]) {
  test(`whom the proxy names ${JSON.stringify(user)} is nobody`, async (t) => {
    const { caller } = await behindProxy(t, { authorize: 'admin' });
    const headers = { 'x-flameherd-proxy-secret': secret, ...(user === undefined ? {} : { 'x-forwarded-user': user }) };
    await assert.rejects(caller(headers), { code: 'unauthorized', message: /the proxy named nobody/ });
  });
}

for (const [user, groups] of [
  ['system:admin', ''],
  ['system:serviceaccount:kube-system:clusterrole-aggregation-controller', ''],
  ['ann', 'system:masters'],
  ['ann', 'shop, system:masters'],
  [' system:admin', ''],
] as const) {
  test(`${JSON.stringify(user)} of ${JSON.stringify(groups)} is a name that only the cluster gives`, async (t) => {
    const { api, from, metric } = await behindProxy(t);
    await assert.rejects(from(user, groups), {
      code: 'unauthorized',
      message: /names with system: are the cluster's own/,
    });
    assert.equal(api.reviews.asked.length, 0);
    assert.equal(await metric('flameherd_auth_refusals_total', { reason: 'reserved_name' }), 1);
  });
}

test('where all may the same, no cluster is asked', async (t) => {
  const reader = await (await behindProxy(t, { authorize: 'read' })).from('ann');
  assert.equal(await reader.scopeOf('read'), 'all');
  assert.equal(await reader.may('pause', 'shop'), false);
  const { api, from } = await behindProxy(t, { authorize: 'admin' });
  assert.equal(await (await from('ann')).may('reload'), true);
  assert.equal(api.reviews.asked.length, 0);
});

test('the secret is exchanged with no gap: of several lines each counts, and the file is read again', async (t) => {
  const { clock, secretFile, from } = await behindProxy(t, { authorize: 'read' });
  await assert.rejects(from('ann', '', next), { code: 'unauthorized' });
  for (const [text, before, after] of [
    [`${secret}\n${next}\n`, true, true],
    [`${next}\r\n`, false, true],
    ['short', false, true],
    ['', false, true],
  ] as const) {
    await writeFile(secretFile, text);
    clock.ms += 1000;
    const isGood = (own: string) =>
      from('ann', '', own).then(
        () => true,
        () => false,
      );
    assert.deepEqual([await isGood(secret), await isGood(next)], [before, after], JSON.stringify(text));
  }
});

test('tokens that the proxy passes on mean nothing, so that nobody locks others out by wrong ones', async (t) => {
  const { authenticator } = await behindProxy(t, { authorize: 'read' });
  const { app } = await injected(t, {}, { authenticator });
  const ask = async (user: string, token: string) => {
    const proxy = { 'x-flameherd-proxy-secret': secret, 'x-forwarded-user': user };
    const reply = await app.inject({ url: '/api/v1/targets', headers: { ...proxy, authorization: `Bearer ${token}` } });
    return reply.statusCode;
  };
  for (let asked = 0; asked < 100; asked++) assert.equal(await ask('', `wrong-${asked}`), 401);
  assert.equal(await ask('ann', 'of the proxy'), 200);
});

test('names in other scripts come as they were written', async (t) => {
  const { caller } = await behindProxy(t, { authorize: 'read' });
  const sent = Buffer.from('Жанна Müller').toString('latin1');
  assert.equal((await caller({ 'x-flameherd-proxy-secret': secret, 'x-forwarded-user': sent })).name, 'Жанна Müller');
});

test('over HTTP a header that came twice is none, so nobody adds to what the proxy says', async (t) => {
  const { api, authenticator } = await behindProxy(t);
  api.reviews.grants = [{ to: 'group:admins', verb: 'get', resource: 'profiles' }];
  const { app } = await injected(t, {}, { authenticator });
  const status = async (more: Readonly<Record<string, string | string[]>>) => {
    const headers = { 'x-flameherd-proxy-secret': secret, 'x-forwarded-user': 'ann', ...more };
    return (await app.inject({ url: '/api/v1/targets', headers })).statusCode;
  };
  assert.equal(await status({ 'x-forwarded-groups': 'admins' }), 200);
  assert.equal(await status({ 'x-forwarded-groups': ['admins', 'ann-s-own'] }), 403);
  assert.equal(await status({ 'x-forwarded-groups': 'admins', 'x-forwarded-user': ['ann', 'bob'] }), 401);
  assert.equal(await status({ 'x-forwarded-groups': 'admins', 'x-flameherd-proxy-secret': [secret, secret] }), 401);
});

for (const [text, message] of [
  ['', /it holds nothing/],
  ['\n\n', /it holds nothing/],
  ['short', /a line is shorter than 16 characters/],
  [undefined, /ENOENT/],
] as const) {
  test(`a secret file with ${JSON.stringify(text)} is refused at the start`, async (t) => {
    const folder = await temporaryFolder(t);
    const secretFile = `${folder}/secret`;
    if (text !== undefined) await writeFile(secretFile, text);
    const opened = authOfCluster(t, { mode: 'header', header: { secretFile } });
    await assert.rejects(opened, {
      code: 'bad_config',
      message: new RegExp(`^auth.header.secretFile .*${message.source}`),
    });
  });
}
