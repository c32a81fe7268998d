import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { diffOf, graphOf } from '../flame/answers.ts';
import { type Stand, serveStand } from '../flame/stand/serve.ts';
import { expectAccessible } from './support/accessible.ts';
import { type PageLook, withPage } from './support/shared-browser.ts';
import { watchPage } from './support/watch-page.ts';

const dust = Array.from({ length: 3000 }, (_, at) => `main;spin;dust${at} 1`).join('\n');
const deep = Array.from({ length: 80 }, (_, at) => `level${at}`).join(';');
const answers = {
  small: graphOf('main;serve;query 50\nmain;serve;write 10\nmain;idle 20\nmain;scan;query 20'),
  dust: graphOf(`main;wide 2000\n${dust}`),
  deep: graphOf(`main 1\n${deep} 9`),
  diff: diffOf('main;more 60 20\nmain;less 20 60\nmain;same 20 20'),
  empty: { ...graphOf('a 1'), names: [], name: [], parent: [], self: [], total: [] },
};

let stand: Stand;
before(async () => {
  stand = await serveStand(answers);
});
after(() => stand[Symbol.asyncDispose]());

/** A test on a fresh page with the graph alone, which fails on anything that the browser complains of. */
function graphTest(
  sentence: string,
  query: string,
  run: (page: Page) => Promise<void>,
  more: Partial<PageLook> = {},
): void {
  void test(sentence, { timeout: 60_000 }, () =>
    withPage({ viewport: { width: 1000, height: 700 }, colorScheme: 'light', ...more }, async (page) => {
      page.setDefaultTimeout(10_000);
      const watch = await watchPage(page, stand.url);
      await open(page, query);
      await run(page);
      assert.deepEqual(watch.unexpected(), []);
    }),
  );
}

async function open(page: Page, query: string): Promise<void> {
  await page.goto(`${stand.url}/?${query}`);
  await canvas(page).waitFor();
  await painted(page);
}

const canvas = (page: Page) => page.locator('.flame-marks');
const tip = (page: Page) => page.locator('.flame-tip');

/** Two frames and a task later. */
async function painted(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 30)))),
  );
}

/** The middle of a line; `x` from 0 to 1. */
function spot(x: number, line: number): { position: { x: number; y: number } } {
  return { position: { x: x * 1000, y: line * 20 + 10 } };
}

function zoomOf(page: Page): string | null {
  return new URL(page.url()).searchParams.get('zoom');
}

graphTest(
  'pointing at a frame says what it is, a click selects it and zooms, back goes back',
  'data=small',
  async (page) => {
    await canvas(page).hover(spot(0.3, 2));
    assert.match((await tip(page).textContent()) ?? '', /^serve.*total 60 \(60 %, 60 % of its caller\).*self 0/s);
    await canvas(page).click(spot(0.3, 2));
    await painted(page);
    assert.deepEqual([zoomOf(page), new URL(page.url()).searchParams.get('function')], ['main;serve', 'serve']);
    await canvas(page).hover({ position: { x: 900, y: page.viewportSize() ? 3 * 20 + 10 : 0 } });
    assert.match((await tip(page).textContent()) ?? '', /^write/);
    await page.goBack();
    await painted(page);
    assert.equal(zoomOf(page), null);
    await page.goForward();
    await painted(page);
    assert.equal(zoomOf(page), 'main;serve');
  },
);

graphTest('all of it works by keyboard, and what has the focus is said', 'data=small', async (page) => {
  await page.keyboard.press('Tab');
  const said = page.locator('.flame [role=status]');
  for (const [key, name] of [
    ['ArrowDown', 'main'],
    ['ArrowDown', 'serve'],
    ['ArrowRight', 'idle'],
    ['ArrowLeft', 'serve'],
    ['ArrowDown', 'query'],
    ['ArrowUp', 'serve'],
  ] as const) {
    await page.keyboard.press(key);
    await said.filter({ hasText: new RegExp(`^${name},`) }).waitFor({ state: 'attached' });
  }
  await page.keyboard.press('Enter');
  assert.equal(zoomOf(page), 'main;serve');
  await page.keyboard.press('Backspace');
  assert.equal(zoomOf(page), 'main');
  await page.keyboard.press('m');
  assert.match((await page.locator('#menu').textContent()) ?? '', /^serve at \d+, \d+$/);
  await page.keyboard.press('Escape');
  assert.equal(zoomOf(page), null);
});

graphTest('the menu of a frame opens where it is clicked', 'data=small', async (page) => {
  await canvas(page).click({ button: 'right', ...spot(0.7, 2) });
  assert.match((await page.locator('#menu').textContent()) ?? '', /^idle at 700, /);
});

graphTest('matches are counted, and n and N go from one to the next', 'data=small&search=query', async (page) => {
  assert.equal(await page.locator('#found').textContent(), '1 functions, 2 frames, 0.7000');
  const said = page.locator('.flame [role=status]');
  for (const [key, match] of [
    ['n', 'match 1 of 2'],
    ['n', 'match 2 of 2'],
    ['n', 'match 1 of 2'],
    ['N', 'match 2 of 2'],
  ] as const) {
    await page.keyboard.press(key);
    await said.filter({ hasText: `query, ${match}` }).waitFor({ state: 'attached' });
  }
});

graphTest(
  'what is too narrow to draw is a grey box with its count and share; clicks lead to its frames',
  'data=dust',
  async (page) => {
    assert.match((await page.locator('#folded').textContent()) ?? '', /^60 % is in frames below 1 px/);
    await canvas(page).hover(spot(0.7, 3));
    assert.match(
      (await tip(page).textContent()) ?? '',
      /^\d+ frames, [\d.]+ %each narrower than a pixellargest: dust\d+ \(0.02 %\)/,
    );
    // It stands above what it zooms to.
    await canvas(page).click(spot(0.7, 3));
    await painted(page);
    await page.locator('.flame-minimap').waitFor();
    await canvas(page).hover(spot(0.7, 3));
    assert.match((await tip(page).textContent()) ?? '', /^dust\d+/);
    assert.equal(await page.locator('#folded').textContent(), '');
    await canvas(page).focus();
    await page.keyboard.press('Escape');
    await painted(page);
    assert.match((await page.locator('#folded').textContent()) ?? '', /^60 %/);
  },
);

graphTest('a deep graph scrolls, and its minimap shows where and leads elsewhere', 'data=deep', async (page) => {
  const scroller = page.locator('.flame-scroller');
  const window = page.locator('.flame-window');
  assert.equal(await scroller.evaluate((host) => host.scrollTop), 0);
  const before = await window.boundingBox();
  const map = await page.locator('.flame-minimap').boundingBox();
  assert.ok(before && map);
  await page.mouse.click(map.x + 200, map.y + map.height - 3);
  await painted(page);
  assert.ok((await scroller.evaluate((host) => host.scrollTop)) > 500);
  assert.ok(((await window.boundingBox())?.y ?? 0) > before.y + 5);
});

graphTest(
  'inverted, the root stands at the bottom and arrows go the other way',
  'data=deep&inverted=true',
  async (page) => {
    const scrolled = await page
      .locator('.flame-scroller')
      .evaluate((host) => host.scrollHeight - host.clientHeight - host.scrollTop);
    assert.ok(Math.abs(scrolled) < 2, `${scrolled} px to the bottom`);
    await canvas(page).focus();
    await page.keyboard.press('ArrowUp');
    await page
      .locator('.flame [role=status]')
      .filter({ hasText: /^level0,/ })
      .waitFor({ state: 'attached' });
  },
);

graphTest(
  'a diff says how shares moved, and which moves are not sure',
  'data=diff&colours=diff&unsure=less',
  async (page) => {
    await canvas(page).hover(spot(0.2, 2));
    assert.match((await tip(page).textContent()) ?? '', /^moretotal 20 % → 60 % \(\+40 points\)/);
    await canvas(page).hover(spot(0.6, 2));
    assert.match((await tip(page).textContent()) ?? '', /^lesstotal 60 % → 20 % \(-40 points\).*Not sure/);
  },
);

graphTest('the picture follows the theme and the size of the window', 'data=small', async (page) => {
  const corner = () =>
    page
      .locator('.flame canvas')
      .first()
      .evaluate((drawn) => {
        const pen = new OffscreenCanvas(1, 1).getContext('2d');
        pen?.drawImage(drawn as HTMLCanvasElement, -900, -300);
        return [...(pen?.getImageData(0, 0, 1, 1).data ?? [])];
      });
  assert.deepEqual(await corner(), [255, 255, 255, 255]);
  await page.keyboard.press('t');
  await painted(page);
  assert.deepEqual(await corner(), [20, 23, 29, 255]);
  await page.setViewportSize({ width: 500, height: 700 });
  await painted(page);
  assert.equal(
    await page
      .locator('.flame canvas')
      .first()
      .evaluate((drawn) => (drawn as HTMLCanvasElement).width),
    500,
  );
});

graphTest('pixels of a dense screen are used', 'data=small', async (page) => {
  const session = await page.context().newCDPSession(page);
  const dense = { width: 1000, height: 700, deviceScaleFactor: 2, mobile: false };
  await session.send('Emulation.setDeviceMetricsOverride', dense);
  await open(page, 'data=small');
  const drawn = page.locator('.flame canvas').first();
  assert.equal(await drawn.evaluate((element) => (element as HTMLCanvasElement).width), 2000);
});

graphTest('it can be taken away as SVG and PNG', 'data=small&search=query', async (page) => {
  const [svg, png] = await page.evaluate(async () => {
    const { stand: shown } = globalThis as unknown as {
      stand: { handle: { current: { svg(): string; png(): Promise<Blob> } } };
    };
    const { current } = shown.handle;
    return [current.svg(), { type: (await current.png()).type, size: (await current.png()).size }] as const;
  });
  assert.equal(svg.match(/<title>/g)?.length, 8);
  assert.match(svg, /<title>serve\ntotal 60/);
  assert.equal(png.type, 'image/png');
  assert.ok(png.size > 1000);
});

graphTest('a graph that glides arrives', 'data=small', async (page) => {
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await canvas(page).click(spot(0.3, 2));
  await page.waitForTimeout(400);
  await canvas(page).hover(spot(0.9, 3));
  assert.match((await tip(page).textContent()) ?? '', /^write/);
});

for (const data of ['small', 'diff', 'empty']) {
  for (const colorScheme of ['light', 'dark'] as const) {
    graphTest(
      `${data} is accessible in the ${colorScheme} theme`,
      `data=${data}`,
      async (page) => {
        await canvas(page).hover(spot(0.3, 0));
        await expectAccessible(page);
      },
      { colorScheme },
    );
  }
}
