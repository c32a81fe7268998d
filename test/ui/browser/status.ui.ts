import assert from 'node:assert/strict';
import type { StatusAnswer } from '../../../src/ui/api/answers.ts';
import { expectAccessible } from './support/accessible.ts';
import { browserTest } from './support/browser-test.ts';

const shop = { story: 'shop' } as const;

browserTest(
  'the store stands by kind of file, its sizes add up, and it is told how far back it reaches',
  shop,
  async ({ page, url, world }) => {
    await page.goto(`${url}/status`);
    await page.getByText('✓ ready').waitFor();
    const { version, store } = await world.daemon.getJson<StatusAnswer>('/api/v1/status');
    await page.getByText(`flameherd ${version}`).waitFor();
    const kinds = await page.locator('.status-parts tbody code').allTextContents();
    const held = Object.entries(store?.byKind ?? {}).filter(([, { files }]) => files > 0);
    assert.deepEqual(kinds.toSorted(), held.map(([kind]) => kind).toSorted());
    const shares = await page.locator('.status-parts tbody tr td:nth-child(3)').allTextContents();
    assert.ok(Math.abs(shares.reduce((sum, text) => sum + Number.parseFloat(text), 0) - 100) < 1, shares.join());
    await page.getByText(/^1 d 6 h/).waitFor();
    await expectAccessible(page);
  },
);

browserTest('counts of targets lead to those targets, and back', shop, async ({ page, url }) => {
  await page.goto(`${url}/status`);
  const down = page.locator('.status-facts div', { hasText: 'Down' }).getByRole('link');
  await down.click();
  await page.getByRole('heading', { name: 'Targets' }).waitFor();
  assert.match(page.url(), /\/targets\?health=down$/);
  await page.goBack();
  await page.getByText('profiles a minute').waitFor();
});

browserTest('what is lost, refused or not seen stands out, with what to do', shop, async ({ page, url }) => {
  await page.route('**/api/v1/status', async (route) => {
    const response = await route.fetch();
    const status = (await response.json()) as StatusAnswer;
    const json: StatusAnswer = {
      ...status,
      ready: false,
      reasons: ['the disk is full'],
      problems: [{ what: 'Pods cannot be listed', hint: 'rules:\n  - resources: ["pods"]' }],
      ingest: status.ingest && { ...status.ingest, dropped: 12, queuedJobs: 3, queuedBytes: 4096 },
      store: status.store && {
        ...status.store,
        fullBecause: '1 GiB is free',
        damagedHoursMs: [Date.now() - 7_200_000],
      },
    };
    await route.fulfill({ response, json });
  });
  await page.goto(`${url}/status`);
  await page.getByText('▲ not ready').waitFor();
  await page.getByText('refused: 1 GiB is free').waitFor();
  await page.getByText('Pods cannot be listed').waitFor();
  await page.getByText('resources: ["pods"]').waitFor();
  await page.getByText('3 profiles').waitFor();
  assert.ok((await page.locator('.status-bad').count()) >= 3);
  await expectAccessible(page);
});

browserTest('a store that is empty says so', { story: 'empty' }, async ({ page, url }) => {
  await page.goto(`${url}/status`);
  await page.getByText('nothing is stored yet').waitFor();
  await expectAccessible(page);
});

browserTest(
  'a phone shows the status without scrolling sideways',
  { ...shop, viewport: { width: 360, height: 740 } },
  async ({ page, url }) => {
    await page.goto(`${url}/status`);
    await page.getByText('✓ ready').waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
  },
);
