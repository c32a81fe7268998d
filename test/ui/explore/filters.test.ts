import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addFilter, alternativesOf, expressionOf, filterChips, togglePreset } from '../../../src/ui/explore/filters.ts';

const append = 'shop.(*Cart).Add[...]';

test('a frame is filtered by an expression that only it matches', () => {
  const expression = expressionOf(append, 'functions');
  assert.match(append, new RegExp(expression));
  assert.doesNotMatch('shop.(*Cart).Add[...].func1', new RegExp(expression));
  assert.equal(expressionOf('shop.serve shop/serve.go:42', 'lines'), '^shop\\.serve$');
  assert.match('net/http.(*conn).serve', new RegExp(expressionOf('net/http', 'packages')));
  assert.doesNotMatch('net/http/httputil.Dump', new RegExp(expressionOf('net/http', 'packages')));
});

test('each filter is a chip that says what it quotes, and takes only itself away', () => {
  const hide = `${expressionOf(append, 'functions')}|json`;
  const chips = filterChips({
    hide,
    focus: 'a|b',
    preset: 'runtime',
    granularity: 'files',
    collapse_recursion: 'true',
  });
  assert.deepEqual(
    chips.map(({ kind, text, without }) => [kind, text, without]),
    [
      ['focus', 'a', { focus: 'b' }],
      ['focus', 'b', { focus: 'a' }],
      ['hide', append, { hide: 'json' }],
      ['hide', 'json', { hide: expressionOf(append, 'functions') }],
      ['hide', 'runtime', { preset: undefined }],
      ['frames are', 'files', { granularity: undefined }],
      ['recursion', 'collapsed', { collapse_recursion: undefined }],
    ],
  );
  assert.deepEqual(filterChips({ granularity: 'nonsense' }), []);
});

test('what hides joins what is hidden, a new focus takes the place of the old', () => {
  assert.deepEqual(addFilter({ hide: 'a' }, 'hide', 'b'), { hide: 'a|b' });
  assert.deepEqual(addFilter({ hide: 'a|b' }, 'hide', 'b'), { hide: 'a|b' });
  assert.deepEqual(addFilter({ focus: 'a' }, 'focus', 'b'), { focus: 'b' });
});

test('alternatives are those outside of groups, classes and escapes', () => {
  assert.deepEqual(alternativesOf('a|(b|c)d|[|]|\\||e'), ['a', '(b|c)d', '[|]', '\\|', 'e']);
  assert.deepEqual(alternativesOf(''), []);
});

test('a preset is put on and off', () => {
  assert.deepEqual(togglePreset({}, 'runtime'), { preset: 'runtime' });
  assert.deepEqual(togglePreset({ preset: 'runtime' }, 'libc'), { preset: 'runtime,libc' });
  assert.deepEqual(togglePreset({ preset: 'runtime' }, 'runtime'), { preset: undefined });
});
