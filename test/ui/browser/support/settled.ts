import type { Page } from 'playwright-core';

/** Waits until the page waits for nothing, and for `quietMs` nothing new has come to it. */
export async function settled(page: Page, quietMs = 500): Promise<void> {
  const arrived = (): Promise<number> =>
    page.evaluate(() =>
      document.querySelector('main[aria-busy="true"], main progress')
        ? -1
        : performance.getEntriesByType('resource').length,
    );
  for (let before = -1, now = await arrived(); now === -1 || now !== before; ) {
    await page.waitForTimeout(quietMs);
    [before, now] = [now, await arrived()];
  }
}
