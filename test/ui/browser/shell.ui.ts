import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { StatusAnswer } from '../../../src/ui/api/answers.ts';
import { expectAccessible } from './support/accessible.ts';
import { browserTest } from './support/browser-test.ts';

const empty = { story: 'empty' } as const;
const statusUrl = '**/api/v1/status';

/** The pages are told this of the daemon, beside what is so. */
async function withStatus(page: Page, change: Partial<StatusAnswer>): Promise<void> {
  await page.route(statusUrl, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...((await response.json()) as StatusAnswer), ...change } });
  });
}

browserTest(
  'the keys are listed by a key and by a button, and closing gives the focus back',
  empty,
  async ({ page, url }) => {
    await page.goto(`${url}/targets`);
    const help = page.getByRole('dialog', { name: 'Keys' });
    await page.getByRole('heading', { name: 'Targets' }).waitFor();
    await page.keyboard.press('?');
    await help.getByText('show this list of keys').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    assert.equal(await help.count(), 0);

    const button = page.getByRole('button', { name: 'Keys and help' });
    await button.press('Enter');
    await help.waitFor();
    await help.getByRole('button', { name: 'Close' }).click();
    assert.equal(await help.count(), 0);
    assert.equal(await button.evaluate((each) => each === document.activeElement), true);
    await button.click();
    await page.mouse.click(5, 400);
    assert.equal(await help.count(), 0);
  },
);

browserTest('a key changes the theme, and the browser remembers it', empty, async ({ page, url }) => {
  const theme = () => page.evaluate(() => document.documentElement.dataset['theme']);
  await page.goto(`${url}/status`);
  await page.getByRole('heading', { name: 'Status' }).waitFor();
  assert.equal(await theme(), 'light');
  await page.keyboard.press('t');
  assert.equal(await theme(), 'dark');
  await expectAccessible(page);
  await page.reload();
  assert.equal(await theme(), 'dark');
});

browserTest('by keyboard alone the bar is passed over, and each page is reached', empty, async ({ page, url }) => {
  await page.goto(`${url}/status`);
  await page.getByRole('heading', { name: 'Status' }).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'main');
  await page.getByRole('link', { name: 'Targets', exact: true }).press('Enter');
  await page.getByRole('heading', { name: 'Targets' }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Targets', exact: true }).getAttribute('aria-current'), 'page');
  assert.match(await page.title(), /^Targets · /);
});

browserTest('a server that is gone is told on every page, until it is back', empty, async ({ page, url, watch }) => {
  watch.expect(/ERR_CONNECTION_REFUSED/);
  await page.route(statusUrl, (route) => route.abort('connectionrefused'));
  await page.goto(`${url}/growth`);
  await page.getByText('The server does not answer').waitFor();
  await expectAccessible(page);
  await page.unroute(statusUrl);
  await page.getByRole('button', { name: 'Ask now' }).click();
  await page.getByText('The server does not answer').waitFor({ state: 'detached' });
});

browserTest(
  'it is told what the server is not ready for, and who scrapes instead of it',
  empty,
  async ({ page, url }) => {
    const detail = 'flameherd-0 scrapes this cluster (it holds the Lease flameherd/flameherd)';
    const lease = { role: 'standby', lease: 'flameherd/flameherd', holder: 'flameherd-0_x', detail } as const;
    await withStatus(page, { ready: false, reasons: ['pods are still being listed'], lease });
    await page.goto(`${url}/targets`);
    await page.getByText('pods are still being listed').waitFor();
    await page.getByText(detail).waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Status' }).last().click();
    await page.getByText('another collector').waitFor();
  },
);
