import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { targetEntry } from '../targets/target-entry.ts';
import { expectAccessible } from './support/accessible.ts';
import { browserTest } from './support/browser-test.ts';
import { leakingFunction } from './support/story.ts';

const shop = { story: 'shop' } as const;
const card = (page: Page, name: string) =>
  page.locator('.home-card', { has: page.getByRole('link', { name, exact: true }) });
const names = (page: Page) =>
  page.locator('.home-card h3 > a:first-child').evaluateAll((all) => all.map((each) => each.textContent));
const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });

browserTest(
  'every service is there with its cores, heap and allocation rate, what grows and what was rolled out above',
  shop,
  async ({ page, url }) => {
    await page.goto(url);
    await card(page, 'cart').getByText('likely').waitFor();
    const heap = card(page, 'cart').getByRole('link', { name: /Live heap/ });
    assert.match((await heap.textContent()) ?? '', /Live heap5\d\d MiB/);
    assert.match((await heap.getByRole('img').getAttribute('aria-label')) ?? '', /^Live heap: .* MiB, at most .* MiB$/);
    await page.getByText('1.8.2 → 1.9.0').waitFor();
    await page.getByRole('link', { name: leakingFunction }).waitFor();
    await expectAccessible(page);

    await heap.click();
    assert.match(
      decodeURIComponent(page.url()),
      /\/explore\?query=heap\{namespace="shop",workload="cart",.*from=now-1h/,
    );
    await page.goBack();
    await page.getByRole('link', { name: 'What changed' }).click();
    assert.match(
      decodeURIComponent(page.url()),
      /\/diff\?query=cpu\{namespace="shop",workload="checkout",.*&rollout=latest/,
    );
    await page.goBack();
    await card(page, 'cart').getByRole('link', { name: 'likely' }).click();
    await heading(page, 'shop/cart').waitFor();
  },
);

browserTest(
  'services are searched from the keyboard, sorted and shown over another time, and the address keeps all of it',
  shop,
  async ({ page, url }) => {
    await page.goto(url);
    await card(page, 'mailer').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('SHOP ma');
    await card(page, 'cart').waitFor({ state: 'detached' });
    assert.deepEqual(await names(page), ['mailer']);
    await page.getByText(/1 of \d+ services/).waitFor({ state: 'attached' });
    await page.reload();
    await card(page, 'mailer').waitFor();
    assert.equal(await page.getByRole('searchbox').inputValue(), 'SHOP ma');

    await page.getByRole('searchbox').fill('shop/');
    await page.getByLabel('Sort by').selectOption('heap');
    await card(page, 'cart').waitFor();
    assert.deepEqual((await names(page)).slice(0, 2), ['cart', 'checkout']);
    await page.getByLabel('Time').selectOption('now-6h');
    await page.waitForFunction(() => location.search.includes('from=now-6h'));
    assert.match(page.url(), /sort=heap/);
    await page.goBack();
    await page.goBack();
    assert.equal(await page.getByLabel('Sort by').inputValue(), 'cpu');
    assert.deepEqual((await names(page))[0], 'checkout');

    await page.getByRole('searchbox').fill('nothing is called so');
    await page.getByRole('button', { name: 'Show all' }).click();
    await card(page, 'cart').waitFor();
  },
);

browserTest(
  'while nothing is profiled the page says how to begin, and what is found and why it is not profiled',
  { story: 'empty', alone: true },
  async ({ page, url }) => {
    const candidate = targetEntry({ state: 'candidate', reason: 'it is not annotated', health: 'unknown' });
    await page.route('**/api/v1/targets?*', (route) =>
      route.fulfill({ json: { targets: [candidate], counts: { candidate: 1 }, nextCursor: null } }),
    );
    await page.goto(url);
    await heading(page, 'Profile your first workload').waitFor();
    await page.getByRole('cell', { name: 'it is not annotated' }).waitFor();
    await page.getByRole('button', { name: 'Copy', exact: true }).first().click();
    assert.equal(
      await page.evaluate(() => navigator.clipboard.readText()),
      'kubectl -n shop annotate deployment/checkout flameherd.dev/scrape=true',
    );
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Explain' }).click();
    assert.match(decodeURIComponent(page.url()), /\/targets\?explain=shop\/Deployment\/checkout/);
  },
);

browserTest(
  'five hundred services are there some at a time; an answer that fails later leaves what is shown',
  shop,
  async ({ page, url, watch }) => {
    watch.expect(/503/);
    let isDown = false;
    await page.route('**/api/v1/query_range?*', (route) =>
      isDown
        ? route.fulfill({
            status: 503,
            contentType: 'application/problem+json',
            json: { detail: 'the store is busy', code: 'busy', hint: 'ask again soon' },
          })
        : route.fulfill({ json: manyServices(500) }),
    );
    await page.clock.install();
    await page.goto(url);
    await page.getByRole('button', { name: 'Show 48 more of 452' }).click();
    await page.getByRole('button', { name: 'Show 48 more of 404' }).waitFor();
    assert.equal((await names(page)).length, 96);
    await page.getByText('The 7 smallest are left out').waitFor();
    isDown = true;
    await page.clock.runFor(20_000);
    await page.getByRole('alert').getByText('the store is busy').first().waitFor();
    assert.equal((await names(page)).length, 96);
  },
);

function manyServices(count: number) {
  const minute = 60_000;
  const endMs = Math.floor(Date.now() / minute) * minute;
  const series = Array.from({ length: count }, (_, at) => ({
    labels: { namespace: `team-${at % 20}`, workload_kind: 'Deployment', workload: `service-${at}` },
    points: Array.from({ length: 60 }, (__, step) => [endMs - (60 - step) * minute, ((at * 7 + step) % 100) / 50, 60]),
  }));
  const meta = { fromMs: endMs - 60 * minute, toMs: endMs, warnings: [] };
  return { unit: 'cores', aggregation: 'rate', stepMs: minute, series, other: { series: 7, points: [] }, meta };
}
