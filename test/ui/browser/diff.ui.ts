import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { expectAccessible } from './support/accessible.ts';
import { browserTest } from './support/browser-test.ts';
import { slowFunction } from './support/story.ts';

const shop = { story: 'shop' } as const;
const query = 'cpu{namespace="shop",workload="checkout"}';
const latest = `/diff?${new URLSearchParams({ query, rollout: 'latest' })}`;

const parameter = (page: Page, name: string) => new URL(page.url()).searchParams.get(name);
const rows = (page: Page) => page.locator('.diff-table tbody tr[aria-rowindex]');
const rowOf = (page: Page, name: string) => rows(page).filter({ has: page.locator(`[title^="${name}"]`) });
const graph = (page: Page) => page.getByRole('application', { name: /Both sides as a graph/ });
const headline = (page: Page) => page.locator('.diff-headline');

browserTest('from “checkout got slower after the release” to the function: two clicks', shop, async ({ page, url }) => {
  await page.goto(url);
  await page.getByRole('link', { name: 'What changed' }).first().click();
  await rowOf(page, slowFunction).click();
  assert.equal(parameter(page, 'function'), slowFunction);
  assert.match(await headline(page).innerText(), /checkout cpu 0\.\d+ cores → 0\.\d+ cores per process\s*\+\d+/);
  const said = await page.locator('.diff-function').innerText();
  assert.match(said.replaceAll('\n', ' '), /scanCampaigns 0\.0000 → 0\.\d{4} cores, \+0\.\d{4} cores ± 0\.\d{4}/);
  await page.locator('.timeline').getByText(slowFunction).first().waitFor();
  await graph(page).waitFor();
  await expectAccessible(page);
});

browserTest(
  'what may be chance is said to be unsure, and no row is a change of nothing',
  shop,
  async ({ page, url }) => {
    await page.goto(url + latest);
    const unsure = rows(page).filter({ hasText: 'unsure' });
    await unsure.first().waitFor();
    const changes = await page.locator('.diff-change').allInnerTexts();
    assert.ok(changes.length > 10);
    assert.deepEqual(
      changes.filter((change) => !/[1-9]/.test(change)),
      [],
    );
    assert.ok((await unsure.first().getAttribute('class'))?.includes('diff-unsure'));
    await unsure.first().click();
    await page.getByText(/unsure: scrapes differ by up to 0\.\d+ cores anyway/).waitFor();
    await page.getByText(/more moved by less than 0\.01 %/).waitFor();
  },
);

browserTest('each way to compare is an address, and back leads through them', shop, async ({ page, url }) => {
  await page.goto(url + latest);
  const way = (name: string) => page.getByRole('link', { name, exact: true });
  const current = async () => await page.locator('.diff-choice [aria-current]').innerText();
  await rows(page).first().waitFor();

  await way('Two revisions').click();
  await rows(page).first().waitFor();
  assert.match(parameter(page, 'query') ?? '', /revision="7c9b4d6f55"/);
  assert.match(parameter(page, 'base_query') ?? '', /revision="6d5f9c7b84"/);
  assert.equal(await page.locator('.diff-side-base select').inputValue(), '6d5f9c7b84');

  await page.getByRole('button', { name: 'As measured' }).click();
  await page.getByText(/As measured, not normalised: base .* of 3 processes/).waitFor();
  await page.getByRole('button', { name: 'Shares' }).click();
  await page.getByText(/Each side is 100 %: base .*, compare .*/).waitFor();
  await page.getByRole('button', { name: 'Total', exact: true }).click();
  await rowOf(page, slowFunction).waitFor();
  assert.equal(parameter(page, 'sort'), 'total');

  await way('Two times').click();
  assert.equal(parameter(page, 'base_query'), null);
  await way('Two selections').click();
  await page.getByText('Both sides are the same.').waitFor();

  for (const expected of ['Two times', 'Two revisions']) {
    await page.goBack();
    assert.equal(await current(), expected);
  }
  for (const [name, value] of [
    ['normalize', 'share'],
    ['normalize', 'none'],
    ['rollout', 'latest'],
  ] as const) {
    await page.goBack();
    if (name === 'normalize' && value === 'share') assert.equal(parameter(page, 'sort'), null);
    if (parameter(page, name) !== value) await page.goBack();
    assert.equal(parameter(page, name), value);
  }
  await rowOf(page, slowFunction).waitFor();
  await page.goForward();
  assert.equal(await current(), 'Two revisions');
});

browserTest('sides change places, and what was more is less', shop, async ({ page, url }) => {
  await page.goto(url + latest);
  const change = rowOf(page, slowFunction).locator('.diff-change');
  assert.match(await change.innerText(), /^\+/);
  await page.getByRole('button', { name: 'Swap' }).click();
  await rowOf(page, slowFunction).locator('.diff-change', { hasText: '−' }).waitFor();
  assert.equal(parameter(page, 'normalize'), 'process', 'compared as before');
});

browserTest('windows are drawn on the timeline, with Shift the base', shop, async ({ page, url }) => {
  await page.goto(`${url}/diff?${new URLSearchParams({ query })}`);
  const area = page.locator('.timeline-area');
  await rows(page).first().waitFor();
  const drag = async (from: number, to: number) => {
    const box = await area.boundingBox();
    assert.ok(box);
    const y = box.y + 0.85 * box.height;
    await page.mouse.move(box.x + from * box.width, y);
    await page.mouse.down();
    await page.mouse.move(box.x + to * box.width, y, { steps: 4 });
    await page.mouse.up();
  };
  assert.equal(parameter(page, 'base_from'), null, 'the hour before is the base until another is drawn');
  await page.keyboard.down('Shift');
  await drag(0.25, 0.45);
  await page.keyboard.up('Shift');
  await page.waitForFunction(() => new URL(location.href).searchParams.has('base_from'));
  const [from, to] = ['base_from', 'base_to'].map((name) => Date.parse(parameter(page, name) ?? ''));
  assert.ok(from !== undefined && to !== undefined && to - from > 5 * 60_000);
  await page.getByText('Comparing both sides').waitFor({ state: 'detached' });
  await headline(page).waitFor();
  await page.goBack();
  assert.equal(parameter(page, 'base_from'), null);
});

browserTest(
  'a verdict of five lines is copied, and both sides are profiles for pprof',
  { ...shop, alone: true },
  async ({ page, url }) => {
    await page.goto(url + latest);
    await page.getByRole('button', { name: 'Copy verdict' }).click();
    await page.getByText('copied').first().waitFor();
    const lines = (await page.evaluate(() => navigator.clipboard.readText())).trim().split('\n');
    assert.equal(lines.length, 5);
    assert.match(
      lines[0] ?? '',
      /^\*\*`checkout cpu`, `6d5f9c7b84` → `7c9b4d6f55`: 0\.\d+ cores → .* per process \(\+/,
    );
    assert.ok(lines.slice(1, 4).some((line) => line.includes(slowFunction)));
    const link = /\[Diff\]\((.*)\)$/.exec(lines[4] ?? '')?.[1] ?? '';

    await page.keyboard.press('v');
    await page.getByText('go tool pprof -http=: -diff_base').waitFor();
    await expectAccessible(page);
    for (const name of ['base.pb.gz', 'compare.pb.gz', 'diff.pb.gz']) {
      const href = (await page.getByRole('link', { name }).getAttribute('href')) ?? '';
      const answer = await fetch(url + href);
      assert.equal(answer.status, 200, name);
      assert.ok(gunzipSync(await answer.arrayBuffer()).length > 1000);
    }
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    const before = await headline(page).innerText();
    await page.goto(link);
    await rowOf(page, slowFunction).waitFor();
    assert.equal(await headline(page).innerText(), before, 'the link shows the same whenever it is followed');
  },
);

browserTest('by keyboard: search, walk the table, choose, change the view', shop, async ({ page, url }) => {
  await page.goto(url + latest);
  await rowOf(page, slowFunction).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('scanCamp');
  await page.waitForFunction(() => document.querySelectorAll('.diff-table tbody tr[aria-rowindex]').length === 1);
  assert.equal(parameter(page, 'search'), 'scanCamp');
  await page.keyboard.press('Escape');
  await page.getByRole('grid').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.equal(parameter(page, 'function'), slowFunction);
  await page.keyboard.press('3');
  await graph(page).waitFor({ state: 'detached' });
  await page.keyboard.press('2');
  await graph(page).waitFor();
  assert.equal(await rows(page).count(), 0);
  await page.keyboard.press('1');
  await rows(page).first().waitFor();
});

browserTest('a frame that is clicked is zoomed to and chosen; crumbs lead back', shop, async ({ page, url }) => {
  await page.goto(url + latest);
  await graph(page).waitFor();
  await page.waitForTimeout(300);
  await graph(page).click({ position: { x: 60, y: 50 } });
  await page.waitForFunction(() => new URL(location.href).searchParams.has('zoom'));
  assert.match(parameter(page, 'zoom') ?? '', /^net\/http\.\(\*conn\)\.serve/);
  await page.locator('.diff-crumbs').getByRole('button', { name: 'total' }).click();
  assert.equal(parameter(page, 'zoom'), null);
  await page.getByRole('button', { name: 'Red and green' }).click();
  await page.locator('.diff-red-green').waitFor();
  await page.getByRole('button', { name: 'Blue and orange' }).click();
  await page.locator('.diff-safe').waitFor();
});

browserTest('without a roll-out it says so, and what can be compared instead', shop, async ({ page, url, watch }) => {
  watch.expect(/404/);
  const cart = new URLSearchParams({ query: 'cpu{namespace="shop",workload="cart"}', rollout: 'latest' });
  await page.goto(`${url}/diff?${cart}`);
  await page.getByText(/has one revision only/).waitFor();
  await page.getByRole('link', { name: 'compare the last hour with the hour before' }).click();
  await headline(page).waitFor();
  assert.equal(parameter(page, 'rollout'), null);
});

browserTest('with nothing chosen it asks for a service', shop, async ({ page, url }) => {
  await page.goto(`${url}/diff`);
  await page.getByRole('button', { name: /Choose a service/ }).click();
  await page.getByRole('option', { name: /checkout/ }).click();
  await rowOf(page, slowFunction).waitFor();
  assert.equal(parameter(page, 'rollout'), 'latest');
});

browserTest('an empty store says that there is nothing to compare', { story: 'empty' }, async ({ page, url }) => {
  await page.goto(`${url}/diff?${new URLSearchParams({ query })}`);
  await page.locator('.diff-hint').first().waitFor();
  await expectAccessible(page);
});
