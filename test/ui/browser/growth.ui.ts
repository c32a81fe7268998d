import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { expectAccessible } from './support/accessible.ts';
import { browserTest } from './support/browser-test.ts';
import { leakingFunction } from './support/story.ts';

const shop = { story: 'shop' } as const;
/** As the rules of alerts write it. */
const alertPath = '/growth?namespace=shop&workload_kind=Deployment&workload=cart&container=app';
const heading = (page: Page, name: RegExp | string) => page.getByRole('heading', { name });
const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

browserTest(
  'the link of an alert opens on the leak: how fast, since when, against what, in which function and pods',
  { ...shop, alone: true },
  async ({ page, url }) => {
    const since = Math.floor(Date.now() / 1000) - 30 * 3600;
    await page.goto(`${url}${alertPath}&since=${since}`);
    await heading(page, 'shop/cart (app)').waitFor();
    const first = page.locator('.growth-signal').first();
    const text = (await first.innerText()).replace(/\s+/g, ' ');
    assert.match(text, /^Live heap ▲ likely Grows \+1\d\.\d MiB\/h \(\+.* to \+.*\) since .*, for 1 d/);
    assert.match(text, /It grows in 1 of 2 processes old enough to be judged: cart-5b8fd7c6d9-m4zkp/);
    await first.getByText(/slope .* with its 95 % interval/).waitFor();
    assert.equal(await first.getByRole('img', { name: 'Live heap of 2 pods' }).count(), 1);

    await first.getByText('Why, and why not more').click();
    await first.getByText('line-over-step').waitFor();
    await first.getByRole('button', { name: 'Copy go tool pprof' }).click();
    assert.match(await clipboard(page), /^go tool pprof -http=: 'http.*\/api\/v1\/diff\?query=heap.*format=pprof'$/);
    await expectAccessible(page);
  },
);

browserTest(
  'from the alert to the leaking function is one click, to the diff another one, and back',
  shop,
  async ({ page, url }) => {
    await page.goto(url + alertPath);
    await page.locator('.growth-signal').first().getByRole('link', { name: leakingFunction }).click();
    assert.match(
      decodeURIComponent(page.url()),
      /\/explore\?query=heap\{namespace="shop".*workload="cart".*&function=.*remember$/,
    );
    await page.goBack();
    await page.getByRole('link', { name: 'What changed' }).first().click();
    assert.match(decodeURIComponent(page.url()), /\/diff\?query=heap\{.*&base_from=.*&base_to=.*&normalize=process$/);
    await page.goBack();
    await heading(page, 'shop/cart (app)').waitFor();
  },
);

browserTest(
  'all workloads stand by what is found, with why nothing more is; filters stand in the address, and go back',
  shop,
  async ({ page, url }) => {
    await page.goto(`${url}/growth`);
    await page.getByText(/Judged at .*, every 10 min\. .* 1 likely, 1 suspected/).waitFor();
    const found = page.locator('.growth-table').first();
    assert.match(
      (await found.innerText()).replace(/\s+/g, ' '),
      /shop\/cart \(app\) Live heap ▲ likely .* shop\/mailer/,
    );
    await page
      .getByText(/^The process is .* old, and judged from 5\.5 h on\./)
      .first()
      .waitFor();
    assert.equal(await heading(page, 'Events').count(), 1);
    await expectAccessible(page);

    await page.getByLabel('Show').selectOption('likely');
    await page.waitForFunction(() => !document.body.innerText.includes('shop/mailer'));
    assert.match(page.url(), /\/growth\?tier=likely$/);
    await page.goBack();
    await page.getByRole('link', { name: 'shop/mailer (app)' }).first().click();
    await heading(page, 'shop/mailer (app)').waitFor();
    await page.getByLabel('Workload').fill('nailer');
    await page.getByLabel('Workload').press('Enter');
    await page.getByText('Did you mean shop/mailer?').waitFor();
    await page.goBack();
    await page.locator('.growth-signal').getByText('suspected').waitFor();
    assert.equal(await page.getByLabel('Workload').inputValue(), 'mailer');
  },
);

browserTest('it is asked what would have been said at an earlier time', shop, async ({ page, url }) => {
  await page.goto(`${url}${alertPath}`);
  await page.locator('.growth-signal').first().waitFor();
  const earlier = new Date(Date.now() - 26 * 3600_000).toISOString().slice(0, 16);
  await page.getByLabel('As of').fill(earlier);
  await page.getByLabel('As of').press('Enter');
  await page.getByText('As it would have been judged at').waitFor();
  assert.match(page.url(), /at=\d{4}-/);
  await page.locator('.growth-signal .tier-likely').waitFor({ state: 'detached' });
  await page.reload();
  assert.equal(await page.getByLabel('As of').inputValue(), earlier);
  await page.getByRole('button', { name: 'Now' }).click();
  await page.locator('.growth-signal .tier-likely').waitFor();
});

browserTest(
  'an event says what grew and keeps its profiles, to download and to compare',
  { ...shop, alone: true },
  async ({ page, url }) => {
    await page.goto(`${url}/growth`);
    await page.locator('.growth-table').first().getByRole('link', { name: 'Event' }).first().press('Enter');
    await heading(page, 'shop/cart (app): live heap grows').waitFor();
    const facts = (await page.locator('.growth-facts').innerText()).replace(/\s+/g, ' ');
    assert.match(facts, /Workload shop\/cart \(app\) What Live heap ▲ likely State open Found .* Revision 5b8fd7c6d9/);
    await page.getByRole('link', { name: leakingFunction }).waitFor();
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    const command = await clipboard(page);
    assert.match(command, /^go tool pprof -http=: -diff_base '(http[^']*side=base)' '(http[^']*side=compare)'$/);
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'While it grew' }).click();
    const bytes = await readFile(await (await download).path());
    assert.ok(gunzipSync(bytes).includes('remember'));
    await expectAccessible(page);
  },
);

browserTest('an event that is not known is told with what there is', shop, async ({ page, url, watch }) => {
  watch.expect(/404/);
  await page.goto(`${url}/a/00000000000000e9`);
  await page.getByRole('alert').getByText('no such event of growth').waitFor();
  await page.getByText(/the newest are/).waitFor();
  await expectAccessible(page);
});

browserTest('where nothing is judged yet, it says so and why', { story: 'empty' }, async ({ page, url }) => {
  await page.goto(`${url}/growth`);
  await page.getByText(/No workload is scraped|Nothing was judged yet/).waitFor();
  await page.getByText('None was open in').waitFor();
  await expectAccessible(page);
});
