import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { expectAccessible } from './support/accessible.ts';
import { browserTest } from './support/browser-test.ts';
import { slowFunction } from './support/story.ts';

const shop = { story: 'shop' } as const;
const exploreOf = (url: string, workload: string, more = ''): string =>
  `${url}/explore?query=${encodeURIComponent(`cpu{namespace="shop",workload="${workload}"}`)}&from=now-2h${more}`;

async function openTimeline(page: Page, href: string): Promise<void> {
  await page.goto(href);
  await page.locator('.timeline canvas').first().waitFor({ timeout: 30_000 });
  await page.locator('.provenance canvas').first().waitFor({ timeout: 30_000 });
}

/** Drags over the lines, from one share of their width to another. */
async function drag(page: Page, from: number, to: number): Promise<void> {
  const box = await page.locator('.timeline-area').boundingBox();
  assert.ok(box);
  const y = box.y + 0.6 * box.height;
  await page.mouse.move(box.x + from * box.width, y);
  await page.mouse.down();
  await page.mouse.move(box.x + ((from + to) / 2) * box.width, y, { steps: 3 });
  await page.mouse.move(box.x + to * box.width, y, { steps: 3 });
  await page.mouse.up();
}

const parameter = (page: Page, name: string): string | null => new URL(page.url()).searchParams.get(name);
const minutesBetween = (page: Page, from: string, to: string): number =>
  (Date.parse(parameter(page, to) ?? '') - Date.parse(parameter(page, from) ?? '')) / 60_000;

browserTest(
  'a drag chooses the range, with Shift the baseline, and going back takes them away',
  shop,
  async ({ page, url }) => {
    await openTimeline(page, exploreOf(url, 'checkout'));
    await drag(page, 0.75, 0.9);
    await page.getByText('(18 min)').waitFor();
    assert.ok(Math.abs(minutesBetween(page, 'from', 'to') - 18) < 0.3, page.url());
    await page.keyboard.down('Shift');
    await drag(page, 0.5, 0.25);
    await page.keyboard.up('Shift');
    await page.getByText('(30 min)').waitFor();
    assert.ok(Math.abs(minutesBetween(page, 'base_from', 'base_to') - 30) < 0.3, page.url());
    assert.equal(await page.locator('.timeline-band').count(), 2);
    await page.goBack();
    await page.locator('.timeline-band-base').waitFor({ state: 'detached' });
    await page.locator('.timeline-band-range').waitFor();
    await page.goBack();
    await page.locator('.timeline-band-range').waitFor({ state: 'detached' });
    assert.equal(parameter(page, 'from'), 'now-2h');
  },
);

browserTest(
  'edges of a window are pulled, its name moves it, a double click and Clear take it away',
  shop,
  async ({ page, url }) => {
    await openTimeline(page, exploreOf(url, 'checkout'));
    await drag(page, 0.4, 0.6);
    await page.getByText('(24 min)').waitFor();
    await drag(page, 0.6, 0.7);
    await page.getByText('(36 min)').waitFor();
    const before = parameter(page, 'from');
    const name = await page.locator('.timeline-band-range .timeline-band-name').boundingBox();
    assert.ok(name);
    await page.mouse.move(name.x + 20, name.y + 5);
    await page.mouse.down();
    await page.mouse.move(name.x - 40, name.y + 5, { steps: 3 });
    await page.mouse.up();
    await page.waitForFunction((from) => !location.search.includes(encodeURIComponent(from ?? '')), before);
    assert.ok(Math.abs(minutesBetween(page, 'from', 'to') - 36) < 0.1, page.url());
    await page.getByRole('button', { name: 'Clear the range' }).click();
    await page.locator('.timeline-band-range').waitFor({ state: 'detached' });
  },
);

browserTest('windows are drawn and changed by keyboard alone', shop, async ({ page, url }) => {
  await openTimeline(page, exploreOf(url, 'checkout'));
  const slider = page.getByRole('slider', { name: /CPU time/ });
  await slider.focus();
  await page.keyboard.press('End');
  for (const key of ['PageDown', 'Enter', 'PageDown', 'ArrowLeft', 'ArrowLeft', 'Enter'])
    await page.keyboard.press(key);
  await page.getByText('(12 min)').waitFor();
  for (const key of ['PageDown', 'Shift+Enter', 'PageDown', 'Shift+Enter']) await page.keyboard.press(key);
  await page.getByText('(10 min)').waitFor();
  const before = parameter(page, 'to');
  await page.getByRole('slider', { name: 'Range to' }).press('ArrowRight');
  await page.getByText('(12 min)').waitFor({ state: 'detached' });
  assert.ok((parameter(page, 'to') ?? '') > (before ?? ''), page.url());
  assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /total [\d.]+ cores/);
});

browserTest(
  'windows are set by date and time, and refused where they end before they begin',
  shop,
  async ({ page, url }) => {
    await openTimeline(page, exploreOf(url, 'checkout'));
    await page.getByRole('button', { name: 'Set the baseline' }).click();
    const [from, to] = [page.getByLabel('Baseline from, date and time'), page.getByLabel('Baseline to, date and time')];
    const atMs = Math.floor(Date.now() / 60_000) * 60_000;
    const text = (ms: number): string => new Date(ms).toISOString().slice(0, 19);
    await from.fill(text(atMs - 20 * 60_000));
    await to.fill(text(atMs - 30 * 60_000));
    await page.getByText('It must end after it begins.').waitFor();
    await from.fill(text(atMs - 60 * 60_000));
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('(30 min)').waitFor();
    assert.equal(minutesBetween(page, 'base_from', 'base_to'), 30);
  },
);

browserTest(
  'a function is drawn under the total, and where it started is a mark that leads to the change',
  shop,
  async ({ page, url }) => {
    await openTimeline(page, exploreOf(url, 'checkout', `&function=${encodeURIComponent(slowFunction)}`));
    const jump = page.getByRole('link', { name: /scanCampaigns started here/ });
    await jump.waitFor();
    await page
      .getByText(/% of the total/)
      .first()
      .waitFor();
    const rollout = page.getByRole('link', { name: /roll-out of 7c9b4d6f55/ });
    assert.match((await rollout.getAttribute('href')) ?? '', /^\/diff\?.*rollout=latest/);
    await expectAccessible(page);
    await jump.click();
    await page.waitForURL(/\/diff\?/);
    assert.equal(parameter(page, 'function'), slowFunction);
    assert.equal(parameter(page, 'base_to'), parameter(page, 'from'));
  },
);

browserTest(
  'the strip shows which scrapes are missing, and words say what a range was built from',
  shop,
  async ({ page, url }) => {
    await openTimeline(page, exploreOf(url, 'search'));
    await page.getByText(/Built from \d+ of \d+ scrapes: 6 missing/).waitFor();
    await page.getByRole('button', { name: 'Which?' }).click();
    await page.getByRole('cell', { name: '6 missing' }).waitFor();
    await page.getByRole('button', { name: /restart of search-/ }).waitFor();
    await expectAccessible(page);
    await drag(page, 0.05, 0.2);
    await page.getByText(/Built from all \d+ scrapes/).waitFor();
  },
);

browserTest('the pointer on a cell tells when it was scraped, on the lines the values', shop, async ({ page, url }) => {
  await openTimeline(page, exploreOf(url, 'search'));
  const strip = await page.locator('.provenance-strip').first().boundingBox();
  assert.ok(strip);
  await page.mouse.move(strip.x + 0.8 * strip.width, strip.y + 5);
  await page.getByText('covers 10.0 s').waitFor();
  await page.getByText('one every 1 min').waitFor();
  const lines = await page.locator('.timeline-area').boundingBox();
  assert.ok(lines);
  await page.mouse.move(lines.x + 0.3 * lines.width, lines.y + 40);
  await page.locator('.timeline-cursor', { hasText: 'cores' }).waitFor();
});

browserTest(
  'without Shift, as with a finger, a button says that a drag chooses the baseline',
  { ...shop, viewport: { width: 360, height: 740 } },
  async ({ page, url }) => {
    await openTimeline(page, exploreOf(url, 'checkout'));
    await page.getByRole('group', { name: 'What a drag chooses' }).getByRole('button', { name: 'Baseline' }).click();
    await page.locator('.timeline').scrollIntoViewIfNeeded();
    await drag(page, 0.25, 0.5);
    await page.locator('.timeline-band-base').waitFor();
    assert.ok(Math.abs(minutesBetween(page, 'base_from', 'base_to') - 30) < 1, page.url());
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 360, `the page is ${width} px wide`);
    await expectAccessible(page);
  },
);

browserTest(
  'handles of windows side by side do not lie on each other, however narrow the window',
  { ...shop, viewport: { width: 360, height: 740 } },
  async ({ page, url }) => {
    const moment = (minutesAgo: number) => new Date(Date.now() - minutesAgo * 60_000).toISOString();
    const windows = { from: moment(30), to: moment(28), base_from: moment(32), base_to: moment(30) };
    const more = new URLSearchParams({ ...windows, timeline_from: 'now-2h' }).toString();
    await openTimeline(page, `${exploreOf(url, 'checkout').replace('&from=now-2h', '')}&${more}`);
    assert.equal(await page.locator('.timeline-edge').count(), 4);
    await expectAccessible(page);
  },
);

browserTest('the time range is chosen from a list, or by two dates', shop, async ({ page, url }) => {
  await openTimeline(page, exploreOf(url, 'checkout'));
  const range = page.getByRole('combobox', { name: 'Time range' });
  await range.selectOption('Last 15 minutes');
  await page.waitForURL(/from=now-15m/);
  await range.selectOption('absolute');
  await page.getByLabel('from', { exact: true }).fill('2026-01-01T00:00:00');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForURL(/from=2026-01-01T00%3A00%3A00Z/);
  await page.goBack();
  await page.waitForURL(/from=now-15m/);
  assert.equal(await range.inputValue(), 'now-15m');
});

browserTest(
  'a selection is split by a label, and two of its groups lead to what differs between them',
  shop,
  async ({ page, url }) => {
    await openTimeline(page, exploreOf(url, 'checkout'));
    await page.getByRole('combobox', { name: 'Split by' }).selectOption('revision');
    await page.getByRole('checkbox', { name: 'Compare 6d5f9c7b84' }).check();
    await page.getByRole('checkbox', { name: 'Compare 7c9b4d6f55' }).check();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Compare these two' }).click();
    await page.waitForURL(/\/diff\?/);
    assert.match(parameter(page, 'query') ?? '', /revision="7c9b4d6f55"/);
    assert.match(parameter(page, 'base_query') ?? '', /revision="6d5f9c7b84"/);
    await page.goBack();
    await page.getByRole('checkbox', { name: 'Compare 6d5f9c7b84' }).waitFor();
    assert.equal(parameter(page, 'group_by'), 'revision');
  },
);
