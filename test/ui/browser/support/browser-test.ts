import assert from 'node:assert/strict';
import { after, describe, type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { buildPagesWhenMissing } from '../../../../src/ui/build/when-missing.ts';
import { withPage } from './shared-browser.ts';
import { type PageWatch, watchPage } from './watch-page.ts';
import { startWorld, type World, type WorldOptions } from './world.ts';

export interface BrowserTestOptions extends Pick<WorldOptions, 'story'> {
  /** Default: 1500 × 950, light, motion reduced. */
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  /** Runs while no other does: for tests that change what the daemon does, or read the clipboard, which all pages share. */
  readonly alone?: boolean;
}

export interface BrowserTest {
  readonly page: Page;
  /** Of the daemon, without a slash at its end. */
  readonly url: string;
  readonly world: World;
  readonly watch: PageWatch;
  readonly t: TestContext;
}

/** So many pages at once keep two cores busy. */
const besideEachOther = 3;

const worlds = new Map<string, Promise<World>>();

after(async () => {
  for (const world of worlds.values()) await (await world)[Symbol.asyncDispose]();
});

/**
 * A test in a fresh page of a real browser, against a real daemon that knows the story; both are shared by all tests of a
 * process. It fails at its end on errors of the console and of scripts, on violations of the policy, on failed loads, and on
 * requests to other origins.
 */
export function browserTest(
  sentence: string,
  { story, viewport = { width: 1500, height: 950 }, colorScheme = 'light', alone = false }: BrowserTestOptions,
  run: (test: BrowserTest) => Promise<void>,
): void {
  laterTest(alone, sentence, async (t) => {
    const world = await worldOf(story);
    await withPage({ viewport, colorScheme }, async (page) => {
      page.setDefaultTimeout(30_000);
      const watch = await watchPage(page, world.url);
      await run({ page, url: world.url, world, watch, t });
      assert.deepEqual(watch.unexpected(), [], 'problems of the page');
    });
  });
}

type Run = (t: TestContext) => Promise<void>;

/** Of the file that is being read, as it names them. */
let waiting: { readonly sentence: string; readonly alone: boolean; readonly run: Run }[] = [];

/** Pages mostly wait for the daemon: some tests of a file run beside each other, then those that must be alone. */
function laterTest(alone: boolean, sentence: string, run: Run): void {
  if (waiting.length === 0) queueMicrotask(startTests);
  waiting.push({ alone, sentence, run });
}

function startTests(): void {
  const tests = waiting;
  waiting = [];
  for (const isAlone of [false, true]) {
    const some = tests.filter(({ alone }) => alone === isAlone);
    if (some.length === 0) continue;
    void describe(isAlone ? 'pages, one at a time' : 'pages', { concurrency: isAlone ? 1 : besideEachOther }, () => {
      for (const { sentence, run } of some) void test(sentence, { timeout: 120_000 }, run);
    });
  }
}

function worldOf(story: WorldOptions['story']): Promise<World> {
  const found = worlds.get(story);
  if (found) return found;
  const made = buildPagesWhenMissing().then(() => startWorld({ story }));
  worlds.set(story, made);
  return made;
}
