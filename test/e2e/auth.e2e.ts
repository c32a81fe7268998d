import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../support/daemon.ts';
import { authLab, bound, startAuthDaemon, unbind, untilStored } from '../support/e2e-auth.ts';
import { endingAt, tokenOf, withoutKey } from '../support/e2e-tokens.ts';
import { kubectl } from '../support/kubectl.ts';

const minute = 60_000;

/** Who may ask a route, beside the admin: anyone, who may read anything, who may read all, or nobody else. */
type Askers = 'anyone' | 'readers' | 'reader of all' | 'admin';

interface Route {
  readonly method?: string;
  readonly url: string;
  readonly askers: Askers;
}

function routesOf(shop: string, bank: string): readonly Route[] {
  const heap = encodeURIComponent(`heap{namespace=~"${shop}|${bank}"}`);
  const readers = [
    `/api/v1/merge?query=${heap}&format=top`,
    `/api/v1/merge?query=${heap}&format=pprof`,
    `/api/v1/diff?query=${heap}&base=-30m&format=top`,
    `/api/v1/query_range?query=${heap}`,
    `/api/v1/scrapes?query=${heap}`,
    '/api/v1/profile-types',
    '/api/v1/labels',
    '/api/v1/series',
    '/api/v1/label/namespace/values',
    '/api/v1/label/workload/values',
    '/api/v1/label/pod/values',
    `/api/v1/profiles?query=${heap}`,
    '/api/v1/profiles/none',
    `/api/v1/rollouts?namespace=${shop}&workload=app-of-${shop}`,
    `/pprof/${shop}/app-of-${shop}/heap`,
    '/api/v1/growth',
    '/api/v1/growth/backtest',
    '/api/v1/growth/none',
    '/api/v1/growth/none/profile',
    '/api/v1/targets',
    `/api/v1/explain?namespace=${shop}&pod=app-of-${shop}`,
    '/api/v1/pause',
    '/api/v1/sidecars',
    '/api/v1/whoami',
    '/api/v1/openapi.json',
    '/',
    '/explore',
    '/diff',
    '/rollouts',
    '/targets',
    '/status',
    '/growth',
    '/a/none',
  ];
  const ofBank = [
    `/api/v1/targets?namespace=${bank}`,
    `/api/v1/rollouts?namespace=${bank}&workload=app-of-${bank}`,
    `/pprof/${bank}/app-of-${bank}/heap`,
    `/api/v1/explain?namespace=${bank}&pod=app-of-${bank}`,
  ];
  const none = `namespace=${shop}&pod=none`;
  return [
    ...['/-/healthy', '/-/ready', '/login', '/runbooks/FlameherdAllocationRateRegression'].map((url) => ({
      url,
      askers: 'anyone' as const,
    })),
    ...readers.map((url) => ({ url, askers: 'readers' as const })),
    ...ofBank.map((url) => ({ url, askers: 'reader of all' as const })),
    ...['/api/v1/status', '/metrics'].map((url) => ({ url, askers: 'admin' as const })),
    { method: 'POST', url: '/-/reload', askers: 'admin' },
    { method: 'POST', url: `/api/v1/pause?namespace=${shop}&workload=none`, askers: 'admin' },
    { method: 'DELETE', url: `/api/v1/pause?namespace=${shop}&workload=none`, askers: 'admin' },
    { method: 'POST', url: `/api/v1/snap?${none}&profile=heap`, askers: 'admin' },
    { method: 'POST', url: `/api/v1/profiles?kind=heap&${none}`, askers: 'admin' },
  ];
}

test('each route lets in whom the RBAC of the cluster lets, and shows nobody more', {
  timeout: 5 * minute,
}, async (t) => {
  const lab = await authLab(t, 'auth');
  const { home, shop, bank } = lab;
  await bound(lab, 'shop-reader', [{ role: 'read', namespace: shop }], t);
  await bound(lab, 'reader', [{ role: 'read' }], t);
  await bound(lab, 'admin', [{ role: 'admin' }], t);
  await bound(lab, 'nobody', [], t);
  const [ofShop, ofAll, admin, nobody] = await Promise.all(
    ['shop-reader', 'reader', 'admin', 'nobody'].map((name) => tokenOf(home, name)),
  );
  assert.ok(ofShop && ofAll && admin && nobody);
  const collector = await startAuthDaemon(t, lab);
  const { ask, daemon } = collector;
  await untilStored(collector, admin, [shop, bank]);
  const routes = routesOf(shop, bank);

  await t.test('the table has every route that is described', async () => {
    const { paths } = JSON.parse((await ask('/api/v1/openapi.json', admin)).text) as { paths: Record<string, object> };
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ path, method: method.toUpperCase() })),
    );
    const missing = described.filter(({ path, method }) => {
      const pattern = new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/?]+')}(\\?|$)`);
      // Whoever connects from this machine may ask these.
      if (path.startsWith('/debug/pprof/')) return false;
      return !routes.some((route) => (route.method ?? 'GET') === method && pattern.test(route.url));
    });
    assert.deepEqual(missing, []);
  });

  const strangers: Record<string, string | undefined> = {
    'no token': undefined,
    'a made-up token': 'made-up-0123456789abcdef',
    'a token that was changed': `${admin.slice(0, -6)}AAAAAA`,
    'a token for another audience': await tokenOf(home, 'admin', 'somebody-else'),
    'a token for the API server': await tokenOf(home, 'admin', ''),
  };
  for (const [who, token] of Object.entries(strangers)) {
    await t.test(`${who} opens nothing but what is for anyone`, async () => {
      for (const { method = 'GET', url, askers } of routes) {
        const { status, text } = await ask(url, token, { method });
        if (askers === 'anyone') assert.ok(status < 400, `${method} ${url}: ${status} ${text}`);
        else assert.equal(status, 401, `${method} ${url}: ${text}`);
        assert.ok(!text.includes(shop) && !text.includes(bank), `${method} ${url}: ${text}`);
      }
    });
  }

  await t.test(
    'an expired token opens nothing, and the same one before its end does',
    { skip: withoutKey },
    async () => {
      const before = await ask('/api/v1/targets', endingAt(admin, Date.now() + 10 * minute));
      assert.equal(before.status, 200, before.text);
      const after = endingAt(admin, Date.now() - 10 * minute);
      for (const { method = 'GET', url, askers } of routes.filter((route) => route.askers !== 'anyone')) {
        const { status, text } = await ask(url, after, { method });
        assert.equal(status, 401, `${method} ${url} ${askers}: ${text}`);
      }
    },
  );

  for (const [who, token, may] of [
    ['a ServiceAccount without rights', nobody, ['anyone']],
    ['a reader of one namespace', ofShop, ['anyone', 'readers']],
    ['a reader of the cluster', ofAll, ['anyone', 'readers', 'reader of all']],
    ['an admin', admin, ['anyone', 'readers', 'reader of all', 'admin']],
  ] as const) {
    await t.test(`${who} opens what its rights say`, async () => {
      for (const { method = 'GET', url, askers } of routes) {
        const { status, text } = await ask(url, token, { method });
        const isLetIn = (may as readonly string[]).includes(askers) || (token === nobody && url === '/api/v1/whoami');
        if (isLetIn) assert.ok(![401, 403, 503].includes(status), `${method} ${url}: ${status} ${text}`);
        else assert.equal(status, 403, `${method} ${url}: ${text}`);
        if (token === ofShop && !url.includes(bank)) assert.ok(!text.includes(bank), `${method} ${url}: ${text}`);
        if (token === nobody) assert.ok(!text.includes(`app-of-`), `${method} ${url}: ${text}`);
      }
    });
  }

  await t.test('a reader of one namespace sees it, and one of the cluster sees both', async () => {
    const names = async (token: string) =>
      (JSON.parse((await ask('/api/v1/label/namespace/values', token)).text) as { values: string[] }).values;
    assert.deepEqual(await names(ofShop), [shop]);
    assert.deepEqual(await names(ofAll), [bank, shop].sort());
  });

  await t.test('metrics tell of it, and the log holds no token', async () => {
    const page = (await ask('/metrics', admin)).text;
    assert.match(page, /^flameherd_auth_reviews_total\{kind="token",result="yes"\} [1-9]/m);
    assert.match(page, /^flameherd_auth_reviews_total\{kind="access",result="no"\} [1-9]/m);
    assert.match(page, /^flameherd_auth_refusals_total\{reason="bad_credentials"\} [1-9]/m);
    const log = JSON.stringify(daemon.log);
    for (const token of [ofShop, ofAll, admin, nobody, ...Object.values(strangers)]) {
      if (token !== undefined) assert.ok(!log.includes(token));
    }
  });

  await t.test('without the API server nobody new comes in, and who was there goes on', async () => {
    assert.equal((await ask('/api/v1/targets', ofShop)).status, 200);
    const fresh = await tokenOf(home, 'reader');
    await collector.cut();
    const refused = await ask('/api/v1/targets', fresh);
    assert.equal(refused.status, 503, refused.text);
    assert.match(refused.text, /"code":"auth_unavailable"/);
    assert.equal((await ask('/api/v1/targets', ofShop)).status, 200);
    await collector.mend();
    await eventually(async () => (await ask('/api/v1/targets', fresh)).status === 200, 30_000, 'answer');
  });
});

test('rights that are taken away end, and new ones begin, without a restart', { timeout: 5 * minute }, async (t) => {
  const lab = await authLab(t, 'auth-change');
  const { home, shop, bank } = lab;
  const both = [shop, bank].map((namespace) => ({ role: 'read', namespace }));
  await bound(lab, 'reader', both, t);
  await bound(lab, 'admin', [{ role: 'admin' }], t);
  const [reader, admin] = [await tokenOf(home, 'reader'), await tokenOf(home, 'admin')];
  const collector = await startAuthDaemon(t, lab, {
    FLAMEHERD_AUTH_KUBERNETES_REMEMBER_TOKEN: '2s',
    FLAMEHERD_AUTH_KUBERNETES_REMEMBER_ALLOWED: '2s',
    FLAMEHERD_AUTH_KUBERNETES_REMEMBER_DENIED: '1s',
  });
  await untilStored(collector, admin, [shop, bank]);
  const names = async (): Promise<string> => (await collector.ask('/api/v1/label/namespace/values', reader)).text;
  const sees = async (namespace: string): Promise<boolean> => (await names()).includes(`"${namespace}"`);
  assert.ok((await sees(shop)) && (await sees(bank)));

  await unbind(lab, 'reader', 'read', bank);
  await eventually(async () => !(await sees(bank)), 15_000, 'end of what was taken away');
  assert.ok(await sees(shop));

  await bound(lab, 'reader', both, t);
  await eventually(() => sees(bank), 15_000, 'return of what was given back');

  await kubectl('-n', home, 'delete', 'serviceaccount', 'reader');
  // The API server itself remembers a token for some ten seconds.
  const isRefused = async () => (await collector.ask('/api/v1/targets', reader)).status === 401;
  await eventually(isRefused, 45_000, 'end of the tokens of an account that is gone');

  const missing = `ClusterRoleBinding/flameherd-auth-${home}`;
  await kubectl('delete', missing);
  await eventually(
    async () => {
      const { status, text } = await collector.ask('/api/v1/targets', admin);
      return status === 503 && text.includes('deploy/rbac/auth.yaml');
    },
    30_000,
    'word of the rule that is missing',
  );
});
