import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { buildPagesWhenMissing } from '../../../src/ui/build/when-missing.ts';
import { startDaemon, temporaryFolder } from '../../support/daemon.ts';
import { expectAccessible } from './support/accessible.ts';
import { screenshots } from './support/screenshots.ts';
import { withPage } from './support/shared-browser.ts';
import { watchPage } from './support/watch-page.ts';

const admin = 'admin-0123456789abcdef';
const reader = 'reader-0123456789abcdef';
const desktop = { viewport: { width: 1500, height: 950 }, colorScheme: 'light' } as const;

/** A page of a browser before a daemon that asks for tokens. */
async function guarded(
  t: TestContext,
  run: (test: { page: Page; url: string; tokenFile: string; expect: (problem: RegExp) => void }) => Promise<void>,
): Promise<void> {
  await buildPagesWhenMissing();
  const folder = await temporaryFolder(t);
  const tokenFile = `${folder}/tokens`;
  await writeFile(tokenFile, `admin:${admin} alice\nread:${reader} bob\n`);
  const env = { FLAMEHERD_AUTH_MODE: 'token', FLAMEHERD_AUTH_TOKEN_FILE: tokenFile };
  const daemon = await startDaemon(`${folder}/data`, ['--no-self'], env);
  t.after(() => daemon.kill());
  await withPage(desktop, async (page) => {
    page.setDefaultTimeout(20_000);
    const watch = await watchPage(page, daemon.url);
    await run({ page, url: daemon.url, tokenFile, expect: (problem) => watch.expect(problem) });
    assert.deepEqual(watch.unexpected(), [], 'problems of the page');
    await page.context().clearCookies();
  });
}

async function logIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Log in' }).click();
}

const timeout = 120_000;

test('a link leads to the login, and the login back to it; a wrong token is told', { timeout }, async (t) => {
  await guarded(t, async ({ page, url, expect }) => {
    expect(/401/);
    await page.goto(`${url}/targets?namespace=shop`);
    assert.equal(new URL(page.url()).pathname, '/login');
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await expectAccessible(page);
    await screenshots(page, 'login');
    await logIn(page, 'wrong-0123456789abcdef');
    await page.getByRole('alert').getByText('the token is not known').waitFor();
    await expectAccessible(page);
    await logIn(page, reader);
    await page.getByRole('heading', { name: 'Targets' }).waitFor();
    assert.equal(page.url(), `${url}/targets?namespace=shop`);
    const [cookie] = await page.context().cookies();
    assert.deepEqual([cookie?.httpOnly, cookie?.sameSite, cookie?.path], [true, 'Lax', '/']);
    assert.equal(await page.evaluate(() => document.cookie), '');
    assert.equal(await page.evaluate(() => JSON.stringify(localStorage)), '{}');
    await page.getByText('bob', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.waitForURL(`${url}/login`);
    await page.goto(`${url}/status`);
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
  });
});

test('it is dark where the system is, and fits a phone', { timeout }, async (t) => {
  await guarded(t, async ({ page, url }) => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.goto(`${url}/`);
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.dataset['theme']), 'dark');
    await expectAccessible(page);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out');
  });
});

test('orders of pages work by the cookie, as far as its token reaches', { timeout }, async (t) => {
  await guarded(t, async ({ page, url, expect }) => {
    const pause = async (): Promise<number> =>
      await page.evaluate(async () => (await fetch('/api/v1/pause?namespace=shop', { method: 'POST' })).status);
    await page.goto(`${url}/login`);
    await logIn(page, admin);
    await page.locator('main h1').waitFor();
    assert.equal(await pause(), 200);
    await page.context().clearCookies();
    await page.goto(`${url}/login`);
    await logIn(page, reader);
    await page.locator('main h1').waitFor();
    expect(/403/);
    assert.equal(await pause(), 403);
  });
});

test('when the session ends while a page is open, it leads to the login and back to its place', {
  timeout,
}, async (t) => {
  await guarded(t, async ({ page, url, tokenFile, expect }) => {
    await page.goto(`${url}/status`);
    await logIn(page, reader);
    await page.getByRole('heading', { name: 'Status' }).waitFor();
    expect(/401/);
    await writeFile(tokenFile, `admin:${admin} alice\n`);
    // The page asks now and then by itself; a click is sooner. The file counts after a second.
    await page.waitForTimeout(1100);
    const left = page.waitForURL(/\/login\?next=/);
    await page.getByRole('link', { name: 'Targets', exact: true }).click();
    await left;
    await logIn(page, admin);
    await page.getByRole('heading', { name: 'Targets' }).waitFor();
  });
});

test('a page of another site cannot change anything with the cookie of its reader', { timeout }, async (t) => {
  await guarded(t, async ({ page, url, expect }) => {
    expect(/./);
    const { createServer } = await import('node:http');
    const form = `<form method="post" action="${url}/api/v1/pause?namespace=shop"><button>go</button></form>`;
    const evil = createServer((_, reply) => reply.setHeader('content-type', 'text/html').end(form));
    t.after(() => evil.close());
    evil.listen(0, '127.0.0.1');
    await once(evil, 'listening');
    const address = evil.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await page.goto(`${url}/login`);
    await logIn(page, admin);
    await page.locator('main h1').waitFor();
    await page.goto(`http://localhost:${port}/`);
    const answered = page.waitForResponse((response) => response.url().includes('/api/v1/pause'));
    await page.getByRole('button', { name: 'go' }).click();
    assert.equal((await answered).status(), 403);
  });
});
