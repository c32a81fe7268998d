import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';

const folder = resolve(import.meta.dirname, '../../../../docs/ui');
const sizes = { desktop: { width: 1500, height: 950 }, phone: { width: 360, height: 740 } };

/**
 * With SCREENSHOTS=1, pictures of the page as it is: light and dark, on a desktop and on a phone, as `docs/ui/NAME-….png`
 * (with a folder as its value, there). `ready` is waited for before each.
 */
export async function screenshots(page: Page, name: string, ready: () => Promise<unknown> = settled): Promise<void> {
  const asked = process.env['SCREENSHOTS'];
  if (!asked) return;
  const into = asked === '1' ? folder : resolve(asked);
  mkdirSync(into, { recursive: true });
  const before = page.viewportSize();
  for (const [device, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await ready();
      await frames(page);
      await page.screenshot({ path: join(into, `${name}-${colorScheme}-${device}.png`), animations: 'disabled' });
    }
  }
  await page.emulateMedia({ colorScheme: null });
  if (before) await page.setViewportSize(before);
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 150));
}

/** What reacts to a new size has drawn it. */
async function frames(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn, 50)))),
  );
}
