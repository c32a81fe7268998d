import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeProfile } from '../../src/pprof/encode.ts';
import { upload } from '../support/app-uploads.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { profileFromText } from '../support/profile-from-text.ts';
import type { RangeAnswer } from '../support/query-range.ts';

const types = [{ type: 'goroutine', unit: 'count' }];

/** What two pods of one workload do, each in one snapshot that stands for ten minutes. */
const pods = {
  'cart-1': 'main;serve {endpoint=/cart} 60\nmain;serve;shop.price.func1 {endpoint=/pay} 30\nmain 10',
  'cart-2': 'main;serve;shop.price.func3 {endpoint=/pay} 5\nmain;idle 5',
};

/** The value of each line in the last step, by its labels. */
function lastValues({ series }: RangeAnswer): Record<string, readonly (number | undefined)[]> {
  return Object.fromEntries(
    series.map(({ labels, points, selfPoints }) => [
      Object.values(labels).join(),
      [points.at(-1)?.[1], ...(selfPoints ? [selfPoints.at(-1)?.[1]] : [])],
    ]),
  );
}

test('one function, and each pprof label, over time and over HTTP', async (t) => {
  const daemon = await startDaemon(await temporaryFolder(t), ['--no-self', '--no-kubernetes']);
  t.after(() => daemon.kill());
  const time = String(Date.now() - 5 * 60_000);
  for (const [pod, text] of Object.entries(pods)) {
    const labels = { namespace: 'shop', workload: 'cart', pod, process: pod, interval: '10m', kind: 'goroutine', time };
    await upload(daemon.url, new URLSearchParams(labels), encodeProfile(profileFromText(text, { types })));
  }
  const ask = (parameters: Record<string, string>) =>
    daemon.getJson<RangeAnswer>(
      `/api/v1/query_range?${new URLSearchParams({ from: 'now-4m', step: '10', ...parameters }).toString()}`,
    );

  const price = await ask({ query: 'goroutine', function: 'shop.price.func', group_by: 'pod' });
  assert.equal(price.function, 'shop.price.func');
  assert.deepEqual(lastValues(price), { 'cart-1': [30, 30], 'cart-2': [5, 5] });
  assert.deepEqual(lastValues(await ask({ query: 'goroutine', function: 'shop.price.func3' })), { '': [5, 5] });
  assert.deepEqual(lastValues(await ask({ query: 'goroutine', function: 'serve' })), { '': [95, 60] });
  const absent = await ask({ query: 'goroutine', function: 'shop.prise' });
  assert.deepEqual(absent.series, []);
  assert.match(absent.meta.hint ?? '', /^no stack in this window has a function shop\.prise;/);

  assert.deepEqual(lastValues(await ask({ query: 'goroutine{endpoint=~"/.*",pod="cart-1"}' })), { '': [90] });
  assert.deepEqual(lastValues(await ask({ query: 'goroutine', group_by: 'endpoint' })), {
    '/cart': [60],
    '/pay': [35],
    '': [15],
  });
  const { labels, sampleLabels } = await daemon.getJson<Record<string, unknown>>('/api/v1/labels');
  assert.deepEqual(
    [labels, sampleLabels],
    [['endpoint', 'namespace', 'pod', 'service_name', 'workload'], ['endpoint']],
  );
  const { values } = await daemon.getJson<Record<string, unknown>>('/api/v1/label/endpoint/values');
  assert.deepEqual(values, ['/cart', '/pay']);
});
