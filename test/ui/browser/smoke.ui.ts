import assert from 'node:assert/strict';
import { expectAccessible } from './support/accessible.ts';
import { browserTest } from './support/browser-test.ts';

const paths = ['/', '/explore', '/diff', '/rollouts', '/growth', '/targets', '/status'];

for (const path of paths) {
  browserTest(`${path} has a heading and is accessible`, { story: 'shop' }, async ({ page, url, t }) => {
    const response = await page.goto(url + path);
    assert.equal(response?.status(), 200);
    await page.locator('main h1').first().waitFor();
    await page.waitForLoadState('networkidle');
    for (const lesser of await expectAccessible(page)) t.diagnostic(lesser);
  });
}
