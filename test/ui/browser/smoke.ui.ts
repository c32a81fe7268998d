import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { expectAccessible } from './support/accessible.ts';
import { browserTest } from './support/browser-test.ts';
import { settled } from './support/settled.ts';
import { namespace } from './support/story.ts';

const query = `cpu{namespace="${namespace}",workload="checkout"}`;
const pages: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/': {},
  '/explore': { query, from: 'now-2h' },
  '/diff': { query, rollout: 'latest' },
  '/rollouts': { namespace, workload: 'checkout' },
  '/growth': {},
  '/targets': {},
  '/status': {},
};
const screens = {
  'on a phone, dark': { viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
  'in 4K, light': { viewport: { width: 3840, height: 2160 }, colorScheme: 'light' },
} as const;

for (const [path, parameters] of Object.entries(pages)) {
  for (const [screen, options] of Object.entries(screens)) {
    browserTest(
      `${path} ${screen}, has all it shows in its width, and is accessible`,
      { story: 'shop', ...options },
      async ({ page, url, t }) => {
        const response = await page.goto(`${url}${path}?${new URLSearchParams(parameters).toString()}`);
        assert.equal(response?.status(), 200);
        await page.locator('main h1').first().waitFor({ state: 'attached' });
        await settled(page);
        assert.deepEqual(await widerThanPage(page), []);
        for (const lesser of await expectAccessible(page)) t.diagnostic(lesser);
      },
    );
  }
}

browserTest('with nothing stored each page says what to do', { story: 'empty' }, async ({ page, url }) => {
  for (const path of Object.keys(pages)) {
    await page.goto(url + path);
    await page.locator('main h1').first().waitFor({ state: 'attached' });
    await settled(page);
    assert.ok(((await page.locator('main').textContent()) ?? '').length > 60, path);
    await expectAccessible(page);
  }
});

/** What makes the page itself scroll to the side; tables and graphs may, in frames of their own. */
async function widerThanPage(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
      .slice(-3)
      .map(
        (element) =>
          `${element.tagName}.${element.className}: ${element.getBoundingClientRect().right} of ${clientWidth}`,
      );
  });
}
