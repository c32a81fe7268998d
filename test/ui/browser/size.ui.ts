import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildPages } from '../../../src/ui/build/build.ts';
import { browserTest } from './support/browser-test.ts';

const kib = 1024;
/** What may cross the wire before a page is of use: its scripts with all that they import at once. And all styles. */
const pageBudget = 60 * kib;
const styleBudget = 20 * kib;

const folder = mkdtempSync(join(tmpdir(), 'flameherd-built-'));
const assets = join(folder, 'assets');
before(() => buildPages(folder));
after(() => rmSync(folder, { recursive: true }));

test('the scripts of a page are at most 60 KiB over the wire, and each file lies there compressed', (t) => {
  const weight = (file: string): number => gzipSync(readFileSync(join(assets, file)), { level: 9 }).length;
  const weigh = (files: Iterable<string>): number => [...files].reduce((sum, file) => sum + weight(file), 0);
  const files = readdirSync(assets);
  const scripts = files.filter((file) => file.endsWith('.js'));
  const entry = /assets\/([\w-]+\.js)/.exec(readFileSync(join(folder, 'index.html'), 'utf8'))?.[1] ?? assert.fail();
  const pages = importsOf(entry, 'later');
  assert.ok(pages.length >= 7);
  const told = (bytes: number): string => (bytes / kib).toFixed(1);
  const styles = weigh(files.filter((file) => file.endsWith('.css')));
  const weights = pages.map((page) => ({ page, bytes: weigh(withImports([entry, page])) }));
  t.diagnostic(weights.map(({ page, bytes }) => `${page.replace(/-[\w-]{8}\.js$/, '')} ${told(bytes)}`).join(', '));
  t.diagnostic(`KiB gzip; all scripts ${told(weigh(scripts))}, all styles ${told(styles)}`);
  for (const { page, bytes } of weights) assert.ok(bytes <= pageBudget, `${page}: ${bytes} bytes of ${pageBudget}`);
  assert.ok(styles <= styleBudget, `${styles} bytes of ${styleBudget}`);
  for (const file of files.filter((name) => /\.(js|css|svg)$/.test(name))) {
    for (const packed of ['br', 'gz']) assert.ok(statSync(join(assets, `${file}.${packed}`)).size > 0, file);
  }
});

/** The scripts that a built one imports: at once, or `later`, when something of them is first shown. */
function importsOf(script: string, when: 'at once' | 'later'): string[] {
  const code = readFileSync(join(assets, script), 'utf8');
  const pattern = when === 'later' ? /import\(\s*[`'"]\.\/([\w-]+\.js)/g : /(?:from|import)\s*[`'"]\.\/([\w-]+\.js)/g;
  return [...new Set([...code.matchAll(pattern)].flatMap(([, file]) => file ?? []))];
}

function withImports(scripts: readonly string[]): ReadonlySet<string> {
  const found = new Set(scripts);
  for (const script of found) for (const imported of importsOf(script, 'at once')) found.add(imported);
  return found;
}

test('what is built names no other host', () => {
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
