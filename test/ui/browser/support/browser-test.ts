import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { buildPagesWhenMissing } from '../../../../src/ui/build/when-missing.ts';
import { launchBrowser } from './browser.ts';
import { type PageWatch, watchPage } from './watch-page.ts';
import { startWorld, type World, type WorldOptions } from './world.ts';

export interface BrowserTestOptions extends Pick<WorldOptions, 'story'> {
  /** Default: 1500 × 950, light, motion reduced. */
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
}

export interface BrowserTest {
  readonly page: Page;
  /** Of the daemon, without a slash at its end. */
  readonly url: string;
  readonly world: World;
  readonly watch: PageWatch;
  readonly t: TestContext;
}

let browser: Promise<Browser> | undefined;
const worlds = new Map<string, Promise<World>>();

after(async () => {
  if (browser) await (await browser).close();
  for (const world of worlds.values()) await (await world)[Symbol.asyncDispose]();
});

/**
 * A test in a fresh page of a real browser, against a real daemon that knows the story; both are shared by all tests of a
 * process. It fails at its end on errors of the console and of scripts, on violations of the policy, on failed loads, and on
 * requests to other origins.
 */
export function browserTest(
  sentence: string,
  { story, viewport = { width: 1500, height: 950 }, colorScheme = 'light' }: BrowserTestOptions,
  run: (test: BrowserTest) => Promise<void>,
): void {
  void test(sentence, { timeout: 120_000 }, async (t) => {
    const world = await worldOf(story);
    browser ??= launchBrowser();
    const context = await (await browser).newContext({
      viewport,
      colorScheme,
      reducedMotion: 'reduce',
      timezoneId: 'UTC',
      locale: 'en-GB',
      acceptDownloads: true,
    });
    try {
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      const page = await context.newPage();
      page.setDefaultTimeout(30_000);
      const watch = await watchPage(page, world.url);
      await run({ page, url: world.url, world, watch, t });
      assert.deepEqual(watch.unexpected(), [], 'problems of the page');
    } finally {
      await context.close();
    }
  });
}

function worldOf(story: WorldOptions['story']): Promise<World> {
  const found = worlds.get(story);
  if (found) return found;
  const made = buildPagesWhenMissing().then(() => startWorld({ story }));
  worlds.set(story, made);
  return made;
}
