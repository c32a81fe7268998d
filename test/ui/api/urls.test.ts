import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffUrl, labelValuesUrl, listUrl, mergeUrl, rangeUrl } from '../../../src/ui/api/urls.ts';

const page = {
  query: 'cpu{namespace="shop"}',
  from: 'now-1h',
  view: 'both',
  search: 'json',
  focus: 'serve',
  preset: 'runtime',
  base_from: 'now-2h',
};
const parts = (url: string) => {
  const { pathname, searchParams } = new URL(url, 'http://host');
  return [pathname, Object.fromEntries(searchParams)];
};

test('the API gets those parameters of a page that it knows', () => {
  assert.deepEqual(parts(mergeUrl(page, { format: 'flamegraph', root: undefined })), [
    '/api/v1/merge',
    { query: page.query, from: 'now-1h', focus: 'serve', preset: 'runtime', format: 'flamegraph' },
  ]);
  assert.deepEqual(parts(diffUrl(page, { format: 'top' })), [
    '/api/v1/diff',
    {
      query: page.query,
      from: 'now-1h',
      focus: 'serve',
      preset: 'runtime',
      base_from: 'now-2h',
      format: 'top',
    },
  ]);
  assert.deepEqual(parts(rangeUrl(page, { function: 'main.main' })), [
    '/api/v1/query_range',
    { query: page.query, from: 'now-1h', function: 'main.main' },
  ]);
});

test('lists are of a window, and of matchers where there are some', () => {
  assert.deepEqual(parts(listUrl('series', page, '{}')), ['/api/v1/series', { from: 'now-1h' }]);
  assert.deepEqual(parts(listUrl('labels', {}, '{a="b"}', { limit: '1' })), [
    '/api/v1/labels',
    { match: '{a="b"}', limit: '1' },
  ]);
  assert.deepEqual(parts(labelValuesUrl('a/b', {})), ['/api/v1/label/a%2Fb/values', {}]);
});
