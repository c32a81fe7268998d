import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crumbsOf } from '../../../src/ui/explore/crumbs.ts';
import { choosePart, isPart, timelineWindow, viewOf } from '../../../src/ui/explore/parameters.ts';

const part = { from: '2026-01-01T00:10:00Z', to: '2026-01-01T00:20:00Z' };

test('a part of the time is merged while the whole of it is drawn, and all of it again', () => {
  const chosen = choosePart({ from: 'now-6h' }, part);
  assert.deepEqual(chosen, { ...part, timeline_from: 'now-6h', timeline_to: undefined });
  assert.ok(isPart(chosen));
  assert.deepEqual(timelineWindow(chosen), { from: 'now-6h', to: undefined });
  const another = choosePart(chosen, { ...part, to: '2026-01-01T00:30:00Z' });
  assert.equal(another['timeline_from'], 'now-6h', 'what is drawn stays');
  assert.deepEqual(choosePart(another, undefined), {
    from: 'now-6h',
    to: undefined,
    timeline_from: undefined,
    timeline_to: undefined,
  });
});

test('a view that is none is both', () => {
  assert.equal(viewOf({ view: 'table' }), 'table');
  assert.equal(viewOf({ view: 'nonsense' }), 'both');
});

test('crumbs lead to every caller, or to the nearest where there are many', () => {
  const names = (path: string[]) => crumbsOf(path, 4).map((crumb) => crumb && `${crumb.length} ${crumb.name}`);
  assert.deepEqual(names(['a', 'b']), ['0 total', '1 a', '2 b']);
  assert.deepEqual(names(['a', 'b', 'c', 'd', 'e', 'f']), ['0 total', '1 a', undefined, '5 e', '6 f']);
});
