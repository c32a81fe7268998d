import { after } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';

export interface PageLook {
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme: 'light' | 'dark';
}

let browser: Promise<Browser> | undefined;
const free: BrowserContext[] = [];

after(async () => {
  if (browser) await (await browser).close();
});

/** The one of this process; closed after its tests. */
export function sharedBrowser(): Promise<Browser> {
  browser ??= launchBrowser();
  return browser;
}

/**
 * Runs with a fresh page whose browser remembers nothing. Contexts are cleaned and used again: a new one costs half a second
 * of CPU. That of a run that fails, or that cannot be cleaned, is thrown away.
 */
export async function withPage({ viewport, colorScheme }: PageLook, run: (page: Page) => Promise<void>): Promise<void> {
  const context = free.pop() ?? (await newContext());
  let isClean = false;
  try {
    const page = await context.newPage();
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await run(page);
    isClean = await clean(context, page);
  } finally {
    if (isClean) free.push(context);
    else await context.close();
  }
}

/** Whether the context can be used again: not where the page was just on its way to another. */
async function clean(context: BrowserContext, page: Page): Promise<boolean> {
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  const isEmpty = await page
    .evaluate(() => localStorage.clear())
    .then(
      () => true,
      () => false,
    );
  await Promise.all(context.pages().map((open) => open.close()));
  return isEmpty;
}

async function newContext(): Promise<BrowserContext> {
  const context = await (await sharedBrowser()).newContext({
    colorScheme: 'light',
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
    locale: 'en-GB',
    acceptDownloads: true,
  });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  return context;
}
