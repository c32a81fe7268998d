import type { Page } from 'playwright-core';
import { hour } from '../../../src/model/units.ts';
import { browserTest } from './support/browser-test.ts';
import { screenshots } from './support/screenshots.ts';
import { leakingFunction, namespace, slowFunction } from './support/story.ts';
import type { World } from './support/world.ts';

/** A page as docs/ui shows it. `ready` is what it is not worth looking at without. */
interface Shown {
  readonly name: string;
  readonly story?: 'shop' | 'empty';
  readonly path: (world: World) => string | Promise<string>;
  readonly ready: (page: Page) => Promise<unknown>;
}

const checkout = `cpu{namespace="${namespace}",workload="checkout"}`;
const place = (path: string, parameters: Readonly<Record<string, string>>): string =>
  `${path}?${new URLSearchParams(parameters).toString()}`;
const seen = (text: string | RegExp) => (page: Page) => page.locator('main').getByText(text).first().waitFor();

const shown: readonly Shown[] = [
  { name: 'services', path: () => '/', ready: seen('What changed') },
  {
    name: 'services-empty',
    story: 'empty',
    path: () => '/',
    ready: seen(/annotate a workload/),
  },
  {
    name: 'explore',
    path: () => place('/explore', { query: checkout, from: 'now-2h' }),
    ready: seen('pricing.(*Engine).scanCampaigns'),
  },
  {
    name: 'explore-function',
    path: () =>
      place('/explore', {
        query: `heap{namespace="${namespace}",workload="cart"}`,
        from: 'now-34h',
        function: leakingFunction,
      }),
    ready: seen('cart.(*sessions).remember'),
  },
  {
    name: 'explore-sandwich',
    path: () => place('/explore', { query: checkout, from: 'now-2h', view: 'sandwich', function: slowFunction }),
    ready: seen('pricing.(*Engine).scanCampaigns'),
  },
  {
    name: 'diff',
    path: () => place('/diff', { query: checkout, rollout: 'latest', function: slowFunction }),
    ready: seen('Surely moved most'),
  },
  {
    name: 'rollouts',
    path: () => place('/rollouts', { namespace, workload: 'checkout' }),
    ready: seen('7c9b4d6f55'),
  },
  { name: 'growth', path: () => '/growth', ready: seen(leakingFunction) },
  {
    name: 'growth-workload',
    path: ({ endMs }) =>
      place('/growth', {
        namespace,
        workload_kind: 'Deployment',
        workload: 'cart',
        container: 'app',
        since: String(Math.floor((endMs - 30 * hour) / 1000)),
      }),
    ready: seen(leakingFunction),
  },
  { name: 'event', path: eventPath, ready: seen(leakingFunction) },
  { name: 'targets', path: () => '/targets', ready: seen('catalog') },
  {
    name: 'explain',
    path: () => place('/targets', { explain: `${namespace}/Deployment/payments` }),
    ready: seen(/did you mean/),
  },
  { name: 'status', path: () => '/status', ready: seen(/profiles/) },
];

for (const { name, story = 'shop', path, ready } of process.env['SCREENSHOTS'] ? shown : []) {
  browserTest(`${name} has its pictures`, { story }, async ({ page, url, world }) => {
    await page.goto(url + (await path(world)));
    await ready(page);
    await screenshots(page, name);
  });
}

async function eventPath({ daemon }: World): Promise<string> {
  const { events } = await daemon.getJson<{
    events: readonly { readonly workload: string; readonly links: { readonly page: string } }[];
  }>('/api/v1/growth?from=now-2d');
  return events.find(({ workload }) => workload === 'cart')?.links.page ?? '/growth';
}
