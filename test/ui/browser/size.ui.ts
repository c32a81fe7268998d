import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildPages } from '../../../src/ui/build/build.ts';
import { browserTest } from './support/browser-test.ts';

const kib = 1024;
/** What a page may cost over the wire: all scripts together, and all styles. */
const scriptBudget = 60 * kib;
const styleBudget = 14 * kib;

const folder = mkdtempSync(join(tmpdir(), 'flameherd-built-'));
after(() => rmSync(folder, { recursive: true }));

test('all scripts of the pages are at most 60 KiB over the wire, and each file lies there compressed', async (t) => {
  await buildPages(folder);
  const assets = join(folder, 'assets');
  const weigh = (kind: RegExp): number =>
    readdirSync(assets)
      .filter((file) => kind.test(file))
      .reduce((sum, file) => sum + gzipSync(readFileSync(join(assets, file)), { level: 9 }).length, 0);
  const [scripts, styles] = [weigh(/\.js$/), weigh(/\.css$/)];
  t.diagnostic(`scripts ${(scripts / kib).toFixed(1)} KiB, styles ${(styles / kib).toFixed(1)} KiB, gzip`);
  assert.ok(scripts <= scriptBudget, `${scripts} bytes of ${scriptBudget}`);
  assert.ok(styles <= styleBudget, `${styles} bytes of ${styleBudget}`);
  for (const file of readdirSync(assets).filter((name) => /\.(js|css|svg)$/.test(name))) {
    for (const packed of ['br', 'gz']) {
      assert.ok(statSync(join(assets, `${file}.${packed}`)).size < statSync(join(assets, file)).size, file);
    }
  }
});

test('what is built names no other host', async () => {
  await buildPages(folder);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => /\.(html|js|css|svg)$/.test(name) && !name.startsWith('speedscope'))) {
    const hosts = readFileSync(join(folder, file), 'utf8').match(/https?:\/\/[\w.-]+/g) ?? [];
    // Names of XML, and examples in words: nothing that is fetched.
    const known = /^https?:\/\/(www\.w3\.org|flameherd|localhost|127\.0\.0\.1|HOST)/;
    assert.deepEqual(
      hosts.filter((host) => !known.test(host)),
      [],
      file,
    );
  }
});

browserTest(
  'a page comes compressed, under the strict policy, and is kept by the browser',
  { story: 'shop' },
  async ({ page, url, t }) => {
    const answers: { readonly path: string; readonly headers: Readonly<Record<string, string>> }[] = [];
    page.on('response', (response) => {
      answers.push({ path: new URL(response.url()).pathname, headers: response.headers() });
    });
    await page.goto(url);
    await page.locator('main h1').first().waitFor();
    await page.waitForLoadState('networkidle');
    const document = answers.find(({ path }) => path === '/') ?? assert.fail();
    const policy = document.headers['content-security-policy'] ?? '';
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(document.headers['cache-control'], 'no-store');
    const assets = answers.filter(({ path }) => path.startsWith('/assets/') && /\.(js|css)$/.test(path));
    assert.ok(assets.length >= 2);
    for (const { path, headers } of assets) {
      assert.match(headers['content-encoding'] ?? '', /^(br|gzip)$/, path);
      assert.match(headers['cache-control'] ?? '', /immutable/, path);
    }
    t.diagnostic(`${answers.length} answers: ${answers.map(({ path }) => path).join(' ')}`);
  },
);

browserTest('speedscope opens what is asked for in its address', { story: 'shop' }, async ({ page, url, watch }) => {
  // It writes of what the graphics of a headless browser cannot do; a library of its asks for `require` by eval, in vain.
  watch.expect(/GL Driver Message|WebGL|policy: script-src eval .*speedscope-/);
  const question = new URLSearchParams({
    query: 'cpu{namespace="shop",workload="checkout"}',
    from: 'now-30m',
    format: 'speedscope',
  });
  const asked = page.waitForResponse((response) => response.url().includes('format=speedscope'));
  await page.goto(
    `${url}/speedscope/#profileURL=${encodeURIComponent(`/api/v1/merge?${question}`)}&title=checkout&view=sandwich`,
  );
  assert.equal((await asked).status(), 200);
  await page.getByText('example.com/shop/pricing.(*Engine).scanCampaigns').first().waitFor();
});
