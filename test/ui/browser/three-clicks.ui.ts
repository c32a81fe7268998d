import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { hour } from '../../../src/model/units.ts';
import { browserTest } from './support/browser-test.ts';
import { leakingFunction, namespace, slowFunction } from './support/story.ts';

/** Counts what a person does. */
class Clicks {
  count = 0;
  async on(what: Locator): Promise<void> {
    this.count++;
    await what.click();
  }
}

/** The function is the one that is looked at: it is chosen, and over time, in the table and in the graph it is marked. */
async function expectChosen(page: Page, name: string): Promise<void> {
  await page.waitForURL((url) => url.searchParams.get('function') === name);
  const short = name.slice(name.lastIndexOf('/') + 1);
  await page.locator('main figure').getByText(short).first().waitFor();
  await page.locator('main [aria-selected="true"], main [aria-current="true"]').getByText(short).first().waitFor();
}

browserTest(
  'from the link of a firing alert to the function that leaks in one click',
  { story: 'shop' },
  async ({ page, url, world }) => {
    const clicks = new Clicks();
    // As the rules of `flameherd rules print` write it.
    const link = new URLSearchParams({
      namespace,
      workload_kind: 'Deployment',
      workload: 'cart',
      container: 'app',
      since: String(Math.floor((world.endMs - 30 * hour) / 1000)),
    });
    await page.goto(`${url}/growth?${link}`);
    await clicks.on(page.getByRole('link', { name: leakingFunction }).first());
    await expectChosen(page, leakingFunction);
    assert.ok(clicks.count <= 3);
  },
);

browserTest(
  'from the link of an event that somebody was told of to the function in one click',
  { story: 'shop' },
  async ({ page, url, world }) => {
    const clicks = new Clicks();
    const { events } = await world.daemon.getJson<{
      events: readonly { readonly workload: string; readonly links: { readonly page: string } }[];
    }>('/api/v1/growth?from=now-2d');
    const event = events.find(({ workload }) => workload === 'cart') ?? assert.fail();
    await page.goto(new URL(event.links.page, url).href);
    await clicks.on(page.getByRole('link', { name: leakingFunction }).first());
    await expectChosen(page, leakingFunction);
    assert.ok(clicks.count <= 3);
  },
);

browserTest(
  'from “checkout is slower since the release” to the function in two clicks',
  { story: 'shop' },
  async ({ page, url }) => {
    const clicks = new Clicks();
    await page.goto(url);
    const news = page.getByRole('listitem').filter({ hasText: `${namespace}/checkout` });
    await clicks.on(news.getByRole('link', { name: 'What changed' }));
    // What is surely slower is said first: the function, and what it calls.
    const moved = page.getByRole('button', { name: /scanCampaigns/ }).first();
    await moved.waitFor();
    assert.match((await moved.textContent()) ?? '', /\+/);
    await clicks.on(moved);
    await expectChosen(page, slowFunction);
    assert.ok(clicks.count <= 3);
  },
);

browserTest(
  'on a phone the way is the same',
  { story: 'shop', viewport: { width: 360, height: 740 } },
  async ({ page, url }) => {
    const clicks = new Clicks();
    await page.goto(url);
    const news = page.getByRole('listitem').filter({ hasText: `${namespace}/checkout` });
    await clicks.on(news.getByRole('link', { name: 'What changed' }));
    await clicks.on(page.getByRole('button', { name: /scanCampaigns/ }).first());
    await page.waitForURL((place) => place.searchParams.get('function') === slowFunction);
    assert.ok(clicks.count <= 3);
  },
);
