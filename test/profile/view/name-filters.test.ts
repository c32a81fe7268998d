import { test } from 'node:test';
import { assertView, drawnProfile } from '../../support/view-drawing.ts';

const shop = `
  main;serve@shop/serve.go;query!libpq.so  4
  main;serve@shop/serve.go;write           3
  main;idle                                8
  -                                        1`;

test('focus keeps whole stacks that have a matching function, file or binary', () => {
  assertView(shop, { filters: { focus: '^query$' } }, 'main;serve;query 4');
  assertView(shop, { filters: { focus: 'shop/' } }, 'main;serve;query 4 \n main;serve;write 3');
  assertView(shop, { filters: { focus: 'libpq' } }, 'main;serve;query 4');
});

test('ignore leaves out the stacks that focus keeps; samples without frames match nothing', () => {
  assertView(shop, { filters: { ignore: 'serve' } }, 'main;idle 8 \n - 1');
  assertView(shop, { filters: { focus: 'main', ignore: 'query|idle' } }, 'main;serve;write 3');
});

test('what is hidden counts in what called it, and stacks that become equal are added up', () => {
  assertView(shop, { filters: { hide: 'query|write' } }, 'main;serve 7 \n main;idle 8 \n - 1');
  assertView(shop, { filters: { hide: 'serve' } }, 'main;query 4 \n main;write 3 \n main;idle 8 \n - 1');
});

test('samples that lose all frames to hide count in the root', () => {
  assertView(shop, { filters: { hide: '.' } }, '- 16');
});

test('show keeps matching frames only and leaves out samples without one', () => {
  assertView(shop, { filters: { show: 'main|write' } }, 'main 12 \n main;write 3');
  assertView(shop, { filters: { show: 'query', hide: 'query' } }, '', 'show: "query" matched no samples');
});

test('show_from begins stacks at the outermost match', () => {
  assertView(shop, { filters: { show_from: 'serve|idle' } }, 'serve;query 4 \n serve;write 3 \n idle 8');
  assertView('a;b;a;b;c 2 \n c;a 3', { filters: { show_from: 'b' } }, 'b;a;b;c 2');
});

test('focus and ignore look at frames that hide then takes away', () => {
  assertView(shop, { filters: { focus: 'serve', hide: 'serve' } }, 'main;query 4 \n main;write 3');
  assertView(shop, { filters: { hide: 'serve', show_from: 'serve' } }, '', 'show_from: "serve" matched no samples');
});

test('inlined functions are hidden and shown one by one, and the outermost that is left was not inlined', () => {
  const inlined = 'main@m.go;parse@p.go;^next@p.go;^peek@s.go 5';
  assertView(inlined, { filters: { hide: 'next' } }, 'main;parse;^peek 5');
  assertView(inlined, { filters: { hide: 'parse' } }, 'main;next;^peek 5');
  assertView(inlined, { filters: { hide: 'p\\.go' } }, 'main;peek 5');
  assertView(inlined, { filters: { show: 'next|peek' } }, 'next;^peek 5');
  assertView(inlined, { filters: { show_from: 'next' } }, 'next;^peek 5');
});

test('show_from cuts every location inside of which it matches, as pprof does', () => {
  assertView('b;a;^b;c 5', { filters: { show_from: 'b' } }, 'b;b;c 5');
  assertView('b!app;a!app;^b!app;c 5', { filters: { show_from: 'b|app' } }, 'b;a;^b;c 5');
});

test('frames without symbols are matched by their binary; show hides them always', () => {
  const mixed = 'main!app;0x1f!/lib/libc.so.6 5 \n main!app 2';
  assertView(mixed, { filters: { focus: 'libc' } }, 'main;0x1f (/lib/libc.so.6) 5');
  assertView(mixed, { filters: { focus: '0x1f' } }, '', 'focus: "0x1f" matched no samples');
  assertView(mixed, { filters: { hide: 'libc' } }, 'main 7');
  assertView(mixed, { filters: { show: 'libc|main' } }, 'main 7');
  assertView(mixed, { filters: { show_from: 'libc' } }, '0x1f (/lib/libc.so.6) 5');
});

test('a function without a name is matched by its system name', () => {
  const frame = { name: '', systemName: '_ZN4main', file: '', startLine: 0 };
  const profile = drawnProfile('x 1');
  Object.assign(profile.stacks.tree.frameAt(1), { function: frame });
  assertView(profile, { filters: { focus: 'main' } }, '_ZN4main 1');
});

test('each filter that matches nothing is told', () => {
  assertView(
    shop,
    { filters: { ignore: 'no "such"', hide: 'nor this', tagignore: 'nor that' } },
    'main;serve;query 4 \n main;serve;write 3 \n main;idle 8 \n - 1',
    ['ignore: "no \\"such\\"" matched no samples', 'hide: "nor this" matched no samples'].join('\n') +
      '\ntagignore: "nor that" matched no samples',
  );
});

test('values of any sign and size are added up exactly, in each type', () => {
  assertView(
    'main;a 9007199254740993 -5 \n main;b 1 5 \n main -3 7',
    { filters: { hide: '^[ab]$' } },
    'main 9007199254740991 7',
  );
});
