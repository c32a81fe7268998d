import assert from 'node:assert/strict';
import type { RolloutsAnswer } from '../../../src/ui/api/answers.ts';
import { expectAccessible } from './support/accessible.ts';
import { browserTest } from './support/browser-test.ts';

const shop = { story: 'shop' } as const;
const checkout = '/rollouts?namespace=shop&workload=checkout';

browserTest('from all workloads to the roll-out of one, to what it changed, and back', shop, async ({ page, url }) => {
  await page.goto(`${url}/rollouts`);
  const first = page.locator('tbody tr').first();
  assert.match((await first.innerText()).replaceAll('\n', ' '), /shop\/checkout\s+2\s+1\.9\.0 7c9b4d6f55\s+.* ago/);
  await expectAccessible(page);
  await page.getByRole('searchbox').fill('no such');
  await page.getByText('No workload is called no such.').waitFor();
  await page.getByRole('searchbox').fill('check');
  await page.getByRole('link', { name: 'shop/checkout' }).click();

  const rollout = page.getByRole('article');
  assert.match(
    (await rollout.innerText()).replaceAll('\n', ' '),
    /1\.8\.2 6d5f9c7b84 → 1\.9\.0 7c9b4d6f55 .*both ran for \d min/,
  );
  assert.equal(await rollout.getByText('undo').count(), 0);
  await expectAccessible(page);

  await rollout.getByRole('link', { name: 'Heap in use' }).click();
  await page.locator('.diff-headline', { hasText: 'checkout heap' }).waitFor();
  await page.goBack();
  await rollout.waitFor();
  await page.goBack();
  await page.getByRole('searchbox').waitFor();
  assert.equal(await page.getByRole('searchbox').inputValue(), 'check');
});

browserTest('each revision has its bar, with the same in words beside it', shop, async ({ page, url }) => {
  await page.goto(url + checkout);
  const rows = page.locator('.rollouts-table tbody tr');
  await rows.first().waitFor();
  const names = await rows.locator('th').allInnerTexts();
  assert.deepEqual(
    names.map((name) => name.split(/\s/)[0]),
    ['7c9b4d6f55', '6d5f9c7b84'],
  );
  assert.match(names[0] ?? '', /current/);
  const [young, old] = await rows.locator('.rollouts-bar').evaluateAll((bars) =>
    bars.map((bar) => {
      const { left, right } = bar.getBoundingClientRect();
      return { left, right };
    }),
  );
  assert.ok(young && old && old.left < young.left && old.right > young.left, 'the two bars overlap');
  await rows.first().getByRole('img', { name: /^Ran / }).waitFor();
});

browserTest('an undo is marked as one, and each roll-out is compared in its own time', shop, async ({ page, url }) => {
  await page.route('**/api/v1/rollouts?*', async (route) => {
    const answer = (await (await route.fetch()).json()) as RolloutsAnswer;
    const [newest] = answer.rollouts;
    if (!newest) throw new Error('the story has a roll-out');
    const back = {
      ...newest,
      compare: newest.base,
      base: newest.compare,
      compareFirstSeenMs: newest.compareFirstSeenMs + 600_000,
      overlaps: [],
    };
    await route.fulfill({ json: { ...answer, rollouts: [back, newest] } });
  });
  await page.goto(url + checkout);
  const [undo, before] = [page.getByRole('article').first(), page.getByRole('article').last()];
  await undo.getByText('undo').waitFor();
  await undo.getByText('the two never ran side by side').waitFor();
  assert.equal(await before.getByText('undo').count(), 0);
  const [ofUndo, ofBefore] = await Promise.all(
    [undo, before].map((one) => one.getByRole('link', { name: 'CPU time' }).getAttribute('href')),
  );
  assert.doesNotMatch(ofUndo ?? '', /&to=/);
  assert.match(ofBefore ?? '', /&to=20/, 'as of the next one, it is the latest');
  await expectAccessible(page);
});

browserTest('one revision is no roll-out, and an unknown workload is said to be none', shop, async ({ page, url }) => {
  await page.goto(`${url}/rollouts?namespace=shop&workload=cart`);
  await page.getByText(/One revision is known, 5b8fd7c6d9/).waitFor();
  await page.goto(`${url}/rollouts?namespace=shop&workload=nobody`);
  await page.getByText('No profile of this workload is stored.').waitFor();
  await page.getByRole('link', { name: 'See the workloads that there are' }).click();
  await page.getByRole('link', { name: 'shop/checkout' }).waitFor();
});

browserTest('an empty store leads to the targets', { story: 'empty' }, async ({ page, url }) => {
  await page.goto(`${url}/rollouts`);
  await page.getByText(/No profile of a workload is stored/).waitFor();
  await page.getByRole('main').getByRole('link', { name: 'the targets page' }).click();
  await page.waitForURL(`${url}/targets`);
  await page.goBack();
  await page.getByText(/No profile of a workload is stored/).waitFor();
  await expectAccessible(page);
});
