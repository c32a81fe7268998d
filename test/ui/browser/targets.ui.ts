import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { TargetEntry } from '../../../src/ui/api/answers.ts';
import { scrapeEntry, targetEntry } from '../targets/target-entry.ts';
import { expectAccessible } from './support/accessible.ts';
import { browserTest } from './support/browser-test.ts';

const shop = { story: 'shop' } as const;
const row = (page: Page, name: string) =>
  page.locator('tr.targets-row', { has: page.getByRole('button', { name, exact: true }) });
const names = (page: Page) =>
  page.locator('.targets-toggle').evaluateAll((all) => all.map((each) => each.textContent?.slice(2)));

/** The pages are told these targets, whatever the daemon scrapes. */
async function withTargets(page: Page, targets: readonly TargetEntry[]): Promise<void> {
  await page.route('**/api/v1/targets?*', (route) =>
    route.fulfill({ json: { targets, counts: {}, nextCursor: null } }),
  );
}

browserTest(
  'sources stand by workload with what is wrong, and what is filtered stands in the address',
  shop,
  async ({ page, url }) => {
    await page.goto(`${url}/targets`);
    await row(page, 'gateway').getByText('up').waitFor();
    await row(page, 'legacy').getByText('1 down').waitFor();
    await row(page, 'legacy')
      .getByText(/: 403 on .*asks for credentials/)
      .waitFor({ timeout: 20_000 });
    await row(page, 'gone')
      .getByText(/ECONNREFUSED/)
      .waitFor();
    assert.match((await row(page, 'gateway').locator('time').first().textContent()) ?? '', /ago|now/);
    await expectAccessible(page);

    await page.getByRole('button', { name: /down/ }).click();
    assert.match(page.url(), /\?health=down$/);
    assert.ok(!(await names(page)).includes('gateway'));
    await page.getByRole('searchbox', { name: 'Search targets' }).fill('econn');
    assert.match(page.url(), /health=down&search=econn$/);
    assert.deepEqual(await names(page), ['gone']);

    await page.goBack();
    await row(page, 'gateway').waitFor();
    await page.goForward();
    assert.deepEqual(await names(page), ['gone']);
    await page.getByRole('searchbox').fill('nothing is called so');
    await page.getByText('No target is meant by these filters').waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await row(page, 'gateway').waitFor();
  },
);

browserTest(
  'a workload opens to its kinds, by mouse and by keyboard, and stays open in the address',
  { ...shop, alone: true },
  async ({ page, url }) => {
    await page.goto(`${url}/targets`);
    await row(page, 'legacy').locator('td').nth(1).click();
    await page.getByText('Pause this workload').waitFor();
    const command = page.getByRole('button', { name: 'Copy curl' }).first();
    await command.click();
    assert.match(
      await page.evaluate(() => navigator.clipboard.readText()),
      /^curl -fsS -o legacy-cpu\.pb\.gz .*\/legacy\/debug\/pprof/,
    );
    await page.getByRole('button', { name: 'gateway' }).press('Enter');
    assert.match(decodeURIComponent(page.url()), /open=local\/Static\/legacy,local\/Static\/gateway$/);
    await page.reload();
    const gateway = page.getByRole('button', { name: 'gateway' });
    await gateway.waitFor();
    assert.equal(await gateway.getAttribute('aria-expanded'), 'true');
    await expectAccessible(page);
    await gateway.press('Space');
    await page.getByRole('button', { name: 'legacy' }).click();
    assert.equal(await page.getByText('Pause this workload').count(), 0);
    await page.goBack();
    await page.getByText('Pause this workload').waitFor();
  },
);

browserTest(
  'explain is asked from a field, and tells rules, near misses and what to do',
  shop,
  async ({ page, url }) => {
    await page.goto(`${url}/targets`);
    await page.getByLabel('Why is it (not) scraped?').fill('shop/deploy/payments');
    await page.keyboard.press('Enter');
    await page.getByText('not scraped', { exact: true }).waitFor();
    await page.getByText('did you mean flameherd.dev/scrape?').first().waitFor();
    assert.ok((await page.locator('.targets-rules li').count()) >= 3);
    await page.getByText('kubectl -n shop annotate deployment/payments flameherd.dev/scrape=true').waitFor();
    await expectAccessible(page);

    await page.getByLabel('Why is it (not) scraped?').fill('nonsense');
    await page.getByRole('button', { name: 'Explain', exact: true }).click();
    await page.getByText('for a pod, or').waitFor();
    await page.goBack();
    await page.getByText('did you mean flameherd.dev/scrape?').first().waitFor();
    await page.getByRole('button', { name: 'Close the explanation' }).click();
    assert.equal(new URL(page.url()).search, '');
  },
);

browserTest(
  'a pod is scraped now, and what came of it is a link away; one that does not answer says why',
  { ...shop, alone: true },
  async ({ page, url, watch }) => {
    watch.expect(/502|503|404/);
    await page.goto(`${url}/targets?namespace=shop&workload=catalog`);
    await page
      .getByRole('button', { name: /^Scrape now: heap of catalog-/ })
      .first()
      .click();
    const told = page.locator('.targets-toast');
    await told.getByText(/heap of shop\/catalog-/).waitFor();
    await told.getByText(/stored; port-forward/).waitFor();
    await expectAccessible(page);
    const link = new URL((await told.getByRole('link', { name: 'Explore it' }).getAttribute('href')) ?? '', url);
    assert.match(link.searchParams.get('query') ?? '', /^heap\{namespace="shop",pod="catalog-/);
    const download = page.waitForEvent('download');
    await told.getByRole('link', { name: 'Download pprof' }).click();
    assert.equal(await (await download).failure(), null);

    await page.goto(`${url}/targets?namespace=shop&workload=ledger`);
    await page.getByRole('button', { name: /^Scrape now: heap of ledger-/ }).click();
    await told.getByText(/was not scraped/).waitFor();
    await told.getByRole('alert').waitFor();
    await told.getByRole('button', { name: 'Dismiss' }).click();
    assert.equal(await told.count(), 0);
  },
);

browserTest(
  'a workload is paused after a question, is listed as held, and is resumed',
  { ...shop, alone: true },
  async ({ page, url }) => {
    await page.goto(`${url}/targets?namespace=shop&workload=catalog`);
    await page.getByRole('button', { name: 'Pause this workload' }).click();
    const dialog = page.getByRole('dialog', { name: 'Pause workload shop/catalog?' });
    await dialog.getByText('2 sources are meant').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    assert.equal(await dialog.count(), 0);
    await page.getByRole('button', { name: 'Pause this workload' }).click();
    await dialog.getByRole('button', { name: 'Pause workload shop/catalog' }).click();

    await page.getByRole('heading', { name: /Held/ }).waitFor();
    await page.getByText('paused by an operator: shop/catalog').waitFor();
    await page.getByRole('region', { name: 'Paused' }).getByText('workload shop/catalog').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Resume workload shop/catalog' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Resume workload shop/catalog' }).click();
    await row(page, 'catalog').waitFor();
    assert.equal(await page.getByRole('region', { name: 'Paused' }).count(), 0);
  },
);

browserTest('a pause that is refused says why, and nothing changes', shop, async ({ page, url, watch }) => {
  watch.expect(/403/);
  await page.route('**/api/v1/pause?*', (route) =>
    route.fulfill({
      status: 403,
      json: { detail: 'this needs the role admin', code: 'forbidden', hint: 'use another token' },
    }),
  );
  await page.goto(`${url}/targets?namespace=shop`);
  await page.getByRole('button', { name: 'Pause namespace shop' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Pause namespace shop' }).click();
  await dialog.getByText('this needs the role admin').waitFor();
  await dialog.getByText('use another token').waitFor();
});

browserTest(
  'candidates and what is unresolved stand apart, each with what to do',
  { ...shop, alone: true },
  async ({ page, url }) => {
    const reason = 'profiles.grafana.com/cpu.scrape="true" is of grafana';
    await withTargets(page, [
      targetEntry({ labels: { pod: 'suggest-1', workload: 'suggest' }, state: 'candidate', health: 'unknown', reason }),
      targetEntry({
        labels: { pod: 'query-1', workload: 'query' },
        state: 'unresolved',
        health: 'unknown',
        reason: 'no such port',
      }),
      targetEntry({
        labels: { pod: 'ads-1', workload: 'ads' },
        state: 'held',
        reason: 'there are more than limits.targets (1)',
      }),
    ]);
    await page.goto(`${url}/targets`);
    await page.getByText(reason).waitFor();
    await page.getByText('Raise limits.targets in the configuration').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Copy the annotate command' }).click();
    assert.equal(
      await page.evaluate(() => navigator.clipboard.readText()),
      'kubectl -n shop annotate deployment/suggest flameherd.dev/scrape=true',
    );
    await page.getByRole('button', { name: /unresolved/ }).click();
    assert.match(page.url(), /state=unresolved$/);
    assert.equal(await page.getByText(reason).count(), 0);
    await page.locator('tr', { hasText: 'no such port' }).getByRole('button', { name: 'Explain' }).click();
    assert.match(decodeURIComponent(page.url()), /explain=shop\/Deployment\/query$/);
  },
);

browserTest(
  'of thousands of targets few rows are drawn, more while scrolling, and a search finds the last',
  shop,
  async ({ page, url, t }) => {
    const kinds = ['cpu', 'heap', 'goroutine', 'block', 'mutex'];
    const targets = Array.from({ length: 3000 }, (_, at) => {
      const workload = `service-${String(Math.floor(at / 3)).padStart(4, '0')}`;
      return targetEntry({
        source: `uid-${at}`,
        labels: { namespace: `team-${at % 40}`, workload, pod: `${workload}-${at}` },
        scrapes: kinds.map((kind) => scrapeEntry(kind, { lastScrapeMs: Date.now(), nextScrapeMs: Date.now() + 9000 })),
      });
    });
    await withTargets(page, targets);
    const startedMs = Date.now();
    await page.goto(`${url}/targets`);
    await page.getByText('All 3000').waitFor();
    await page.locator('tr.targets-row').nth(99).waitFor();
    t.diagnostic(`shown after ${Date.now() - startedMs} ms`);
    assert.ok((await page.locator('tr.targets-row').count()) <= 200);
    const drawn = await page.locator('tr.targets-row').count();
    await page.mouse.wheel(0, 100_000);
    await page.locator('tr.targets-row').nth(drawn).waitFor();
    const searchedMs = Date.now();
    await page.keyboard.press('/');
    await page.keyboard.type('0999-2999');
    await page.waitForFunction(() => document.querySelectorAll('tr.targets-row').length === 1);
    t.diagnostic(`9 letters searched in ${Date.now() - searchedMs} ms`);
  },
);

browserTest('where nothing is scraped, the page says how to begin', { story: 'empty' }, async ({ page, url }) => {
  await page.goto(`${url}/targets`);
  await page.getByRole('heading', { name: 'Nothing is scraped yet' }).waitFor();
  await page.getByText('flameherd.dev/scrape=true').waitFor();
  await expectAccessible(page);
});

browserTest(
  'on a phone a target reads as a card, without scrolling sideways',
  { ...shop, viewport: { width: 360, height: 740 } },
  async ({ page, url }) => {
    await page.goto(`${url}/targets?open=local/Static/legacy`);
    await row(page, 'legacy').waitFor();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.equal(overflow, 0);
    await expectAccessible(page);
  },
);
