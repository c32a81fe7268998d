import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { settled } from './settled.ts';
import { smallPng } from './small-png.ts';

const folder = resolve(import.meta.dirname, '../../../../docs/ui');
const sizes = { desktop: { width: 1500, height: 950 }, phone: { width: 360, height: 740 } };
/** How much of a page that is longer is in its picture. */
const longest: Readonly<Record<string, number>> = { desktop: 950, phone: 1480 };

/**
 * With SCREENSHOTS=1, pictures of the page as it is: light and dark, on a desktop and on a phone, as `docs/ui/NAME-….png`
 * (with a folder as its value, there). Before each, what the page asks for is waited for.
 */
export async function screenshots(page: Page, name: string): Promise<void> {
  const asked = process.env['SCREENSHOTS'];
  if (!asked) return;
  const into = asked === '1' ? folder : resolve(asked);
  mkdirSync(into, { recursive: true });
  const before = page.viewportSize();
  for (const [device, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await settled(page, 1000);
      await frames(page);
      const height = await page.evaluate(() => document.documentElement.scrollHeight);
      const clip = { x: 0, y: 0, width: viewport.width, height: Math.min(height, longest[device] ?? 0) };
      const picture = await page.screenshot({ fullPage: true, clip, animations: 'disabled' });
      writeFileSync(join(into, `${name}-${colorScheme}-${device}.png`), smallPng(picture));
    }
  }
  await page.emulateMedia({ colorScheme: null });
  if (before) await page.setViewportSize(before);
}

/** What reacts to a new size has drawn it. */
async function frames(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn, 50)))),
  );
}
