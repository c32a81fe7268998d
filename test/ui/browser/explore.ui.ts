import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { readProfile } from '../../support/pprof-decode.ts';
import { expectAccessible } from './support/accessible.ts';
import { browserTest } from './support/browser-test.ts';
import { slowFunction } from './support/story.ts';

const shop = { story: 'shop' } as const;
const explore = (parameters: Record<string, string>) =>
  `/explore?${new URLSearchParams({ query: 'cpu{namespace="shop",workload="checkout"}', ...parameters }).toString()}`;
const given = (page: Page, name: string) => new URL(page.url()).searchParams.get(name);
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const functions = (page: Page) => page.getByRole('grid', { name: 'Functions' });
const row = (page: Page, name: string) =>
  functions(page)
    .getByRole('row', { name: new RegExp(name) })
    .first();
const facts = (page: Page) => page.locator('.explore-facts');

browserTest('from nothing to a graph: a service, another type, a label', shop, async ({ page, url }) => {
  await page.goto(`${url}/explore`);
  const checkout = page.getByRole('row', { name: /shop\/checkout/ });
  await expectAccessible(page);
  await checkout.getByRole('link', { name: 'CPU time' }).click();
  await row(page, 'scanCampaigns').waitFor();
  await facts(page).getByText('of the time profiled').waitFor();
  await expectAccessible(page);

  await button(page, /Profile type/).click();
  await page.getByRole('option', { name: /Heap in use/ }).click();
  await facts(page).getByText('Heap in use').waitFor();
  assert.equal(given(page, 'query'), 'heap{namespace="shop",workload="checkout"}');
  await button(page, 'peak').click();
  await button(page, 'peak').and(page.locator('[aria-pressed=true]')).waitFor();
  assert.equal(given(page, 'aggregate'), 'peak');

  await button(page, /Label/).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('revis');
  await page.getByRole('option', { name: 'revision 2 values' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('option', { name: /7c9b4d6f55/ }).waitFor();
  await expectAccessible(page);
  await page.keyboard.type('7c9b');
  await page.keyboard.press('Enter');
  await button(page, /^Remove revision/).waitFor();
  await page.goBack();
  await page.goBack();
  await page.goBack();
  await facts(page).getByText('CPU time').waitFor();
  assert.equal(given(page, 'query'), 'cpu{namespace="shop",workload="checkout"}');
});

browserTest('a search says what it found, also of what is no expression', shop, async ({ page, url }) => {
  await page.goto(url + explore({}));
  await row(page, 'scanCampaigns').waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('scancamp');
  const found = page.locator('.explore-found');
  await found.getByText(/^[\d.]+ % in \d+ functions?, \d+ frames?$/).waitFor();
  await page.waitForURL(/search=scancamp/);
  assert.equal(await functions(page).getByRole('row').count(), 2, 'the heading and the function');
  await page.keyboard.press('Enter');
  await found.getByText(/frame \d+ of \d+$/).waitFor();
  await page.getByRole('searchbox').fill('(*Engine');
  await found.getByText('not an expression, taken literally').waitFor();
  await page.getByRole('searchbox').fill('nothing-is-called-so');
  await page.getByText('No function matches the search.').waitFor();
});

browserTest('zooming leads in, crumbs and the way back lead out', shop, async ({ page, url }) => {
  await page.goto(url + explore({ view: 'flame' }));
  const graph = page.getByLabel(/^Flame graph/);
  await graph.waitFor();
  await page.keyboard.press('g');
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
  const crumbs = page.getByRole('navigation', { name: 'Zoomed to' });
  await crumbs.waitFor();
  const inside = given(page, 'zoom');
  assert.ok(inside);
  assert.ok(inside.includes(';'), `zoom=${inside}`);
  await expectAccessible(page);
  await crumbs.getByRole('link').nth(1).click();
  assert.equal(given(page, 'zoom'), inside.split(';')[0]);
  await page.goBack();
  assert.equal(given(page, 'zoom'), inside);
  await page.reload();
  await crumbs.getByText('Reset zoom').click();
  await crumbs.waitFor({ state: 'detached' });
});

browserTest('what the minimap leads to is in the URL, and Escape leads back', shop, async ({ page, url }) => {
  await page.goto(url + explore({ view: 'flame', span: '0~0.25' }));
  const map = page.locator('.flame-minimap');
  await map.waitFor();
  const width = () => page.locator('.flame-window').evaluate((window) => (window as HTMLElement).style.width);
  await page.waitForFunction(() => document.querySelector<HTMLElement>('.flame-window')?.style.width === '25%');
  await map.click({ position: { x: 700, y: 10 } });
  await page.waitForURL((place) => place.searchParams.get('span') !== '0~0.25');
  assert.equal(await width(), '25%');
  await page.keyboard.press('g');
  await page.keyboard.press('Escape');
  await page.waitForURL((place) => !place.searchParams.has('span'));
  await page.goBack();
  await page.waitForFunction(() => document.querySelector<HTMLElement>('.flame-window')?.style.width === '25%');
});

browserTest('what was folded is asked for where it is zoomed to', shop, async ({ page, url }) => {
  await page.goto(url + explore({ max_nodes: '30', view: 'flame' }));
  await facts(page)
    .getByText(/^[\d.]+ % folded$/)
    .waitFor();
  const [asked] = await Promise.all([
    page.waitForResponse((response) => response.url().includes('root=')),
    (async () => {
      await page.keyboard.press('g');
      for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
    })(),
  ]);
  const { names } = (await asked.json()) as { names: string[] };
  const zoom = given(page, 'zoom') ?? '';
  assert.ok(zoom.endsWith(names[0] ?? '?'), `${names[0]} is the end of ${zoom}`);
  await page.keyboard.press('Backspace');
  await page.waitForFunction((before) => new URL(location.href).searchParams.get('zoom') !== before, zoom);
  assert.equal(given(page, 'zoom'), zoom.slice(0, zoom.lastIndexOf(';')), 'one caller up');
  await page.keyboard.press('Escape');
  await page.getByRole('navigation', { name: 'Zoomed to' }).waitFor({ state: 'detached' });
});

browserTest('a frame is filtered from its menu, and the chip takes it back', shop, async ({ page, url }) => {
  await page.goto(url + explore({}));
  await row(page, 'scanCampaigns').click({ button: 'right' });
  const menu = page.getByRole('menu');
  await menu.waitFor();
  await expectAccessible(page);
  await page.keyboard.press('h');
  await page.keyboard.press('Enter');
  await button(page, `Remove hide ${slowFunction}`).waitFor();
  await row(page, 'scanCampaigns').waitFor({ state: 'detached' });
  await button(page, `Remove hide ${slowFunction}`).click();
  await row(page, 'scanCampaigns').waitFor();

  await button(page, /^Filter/).click();
  await page.getByRole('textbox', { name: 'Expression' }).fill('scanCampaigns');
  await expectAccessible(page);
  await page.keyboard.press('Enter');
  await button(page, 'Remove focus scanCampaigns').waitFor();
  await row(page, 'signPayment').waitFor({ state: 'detached' });
  await button(page, /^Filter/).click();
  await page.getByLabel('One frame is one of the').selectOption('packages');
  await page.keyboard.press('Escape');
  await row(page, 'pricing').waitFor();
  await page.goBack();
  await row(page, 'scanCampaigns').waitFor();
});

browserTest('views change by keys; the sandwich walks from function to function', shop, async ({ page, url }) => {
  await page.goto(url + explore({}));
  await row(page, 'scanCampaigns').waitFor();
  await functions(page).focus();
  for (const key of ['Home', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
  const second = given(page, 'function');
  assert.ok(second);
  await page.keyboard.press('4');
  await page.getByLabel(`Callers of ${second}`).waitFor();
  await page.getByLabel(`Callees of ${second}`).waitFor();
  await expectAccessible(page);
  await page.keyboard.press('3');
  await page.locator('.explore-sandwich').waitFor({ state: 'detached' });
  await button(page, 'Total').click();
  assert.equal(given(page, 'sort'), 'total');
  await functions(page).locator('[aria-sort=descending]').getByText('Total').waitFor();
  await page.keyboard.press('2');
  await functions(page).waitFor({ state: 'detached' });
});

browserTest('a query that is wrong is refused where it is written', shop, async ({ page, url, watch }) => {
  watch.expect(/status of 400/);
  await page.goto(url + explore({}));
  await button(page, 'Write the query').click();
  const field = page.getByRole('textbox', { name: 'Query' });
  await field.fill('cpu{workload=~"("}');
  await field.press('Enter');
  const problem = page.getByRole('alert');
  await problem.getByText(/is no RE2 expression/).waitFor();
  await problem.getByText(/Hint/).waitFor();
  await field.fill('cpus{}');
  await field.press('Enter');
  await problem.getByText(/is no profile type/).waitFor();
  await expectAccessible(page);
  await field.fill('cpu{workload=~"check.*"}');
  await field.press('Enter');
  await row(page, 'scanCampaigns').waitFor();
  await page.goto(`${url}/explore?query=cpu%7B`);
  await problem.getByText(/query:/).waitFor();
});

browserTest('where nothing is found the page says what there is', shop, async ({ page, url }) => {
  await page.goto(url + explore({ from: 'now-30d', to: 'now-20d' }));
  await page.getByText('No profiles were found').waitFor();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Last 7 days' }).click();
  await row(page, 'scanCampaigns').waitFor();
});

browserTest('a profile is taken away', { ...shop, alone: true }, async ({ page, url }) => {
  await page.goto(url + explore({ from: 'now-15m' }));
  await row(page, 'scanCampaigns').waitFor();
  const take = async (name: RegExp) => {
    await button(page, /^Download/).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name }).click()]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  };
  const pprof = await take(/^pprof/);
  assert.match(pprof.name, /^checkout-cpu-.*\.pb\.gz$/);
  assert.ok(readProfile(pprof.bytes).stacks.size > 0);
  assert.match((await take(/^Collapsed/)).bytes.toString(), /scanCampaigns.* \d+$/m);
  assert.match((await take(/\.svg/)).bytes.toString(), /<svg[^]*scanCampaigns/);
  assert.equal((await take(/\.png/)).bytes.subarray(1, 4).toString(), 'PNG');

  await button(page, /^Download/).click();
  await page.getByRole('menuitem', { name: /go tool pprof/ }).click();
  await page.getByText('copied').waitFor();
  assert.equal(
    await page.evaluate(() => navigator.clipboard.readText()),
    `go tool pprof '${url}/pprof/shop/checkout/cpu?from=now-15m'`,
  );
});

browserTest(
  'on a phone nothing is wider than the window',
  { ...shop, viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
  async ({ page, url }) => {
    await page.goto(url + explore({ search: 'json', focus: 'ServeHTTP', function: slowFunction }));
    await facts(page).waitFor();
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(await width(), 360);
    await expectAccessible(page);
    await page.goto(`${url}/explore`);
    await page.getByRole('link', { name: 'CPU time' }).first().waitFor();
    assert.equal(await width(), 360);
  },
);
