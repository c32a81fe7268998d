import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainView } from '../../../src/model/view.ts';
import { callTreeOf } from '../../../src/profile/call-tree.ts';
import { topOf } from '../../../src/profile/top.ts';
import { applyView } from '../../../src/profile/view/apply-view.ts';
import { packageName } from '../../../src/profile/view/package-name.ts';
import { assertView, drawnFrame, drawnProfile } from '../../support/view-drawing.ts';

const shop = `
  main.main@shop/main.go:9;shop.serve@./shop//serve.go:42!shop;^shop.read@shop/serve.go:7!shop  4
  main.main@shop/main.go:9;shop.serve@shop/serve.go:42                                         1
  main.main@shop/main.go:9;shop.serve@shop/serve.go:43                                         2
  main.main@shop/main.go:9;0x1f!/lib/libc.so.6                                                 8`;

test('lines name the function, the file and the line', () => {
  assertView(
    shop,
    { granularity: 'lines' },
    `main.main shop/main.go:9;shop.serve shop/serve.go:42;shop.read shop/serve.go:7  4
     main.main shop/main.go:9;shop.serve shop/serve.go:42  1
     main.main shop/main.go:9;shop.serve shop/serve.go:43  2
     main.main shop/main.go:9;0x1f (/lib/libc.so.6)        8`,
  );
});

test('files and packages add up what they have in common', () => {
  assertView(
    shop,
    { granularity: 'files' },
    `shop/main.go;shop/serve.go;shop/serve.go  4
     shop/main.go;shop/serve.go                3
     shop/main.go;[libc.so.6]                  8`,
  );
  assertView(shop, { granularity: 'packages' }, 'main;shop;shop 4 \n main;shop 3 \n main;[libc.so.6] 8');
});

test('a file counts once for each stack in a top', () => {
  const files = applyView(drawnProfile(shop), { ...plainView, granularity: 'files' }, () => {});
  const rows = topOf(callTreeOf(files, 0)).rows.map((row) => `${row.function} ${row.self} ${row.total}`);
  assert.deepEqual(rows, ['[libc.so.6] 8 8', 'shop/serve.go 7 7', 'shop/main.go 0 15']);
});

test('what has neither file nor line is its name', () => {
  assertView('a;b@b.go;@c.go:3 1', { granularity: 'lines' }, 'a;b b.go;c.go:3 1');
  assertView('a;@c.go 1', { granularity: 'files' }, '?;c.go 1');
});

test('filters see functions, not what they are shown as', () => {
  assertView(shop, { filters: { focus: 'read' }, granularity: 'packages' }, 'main;shop;shop 4');
});

const packages: readonly (readonly [frame: string, name: string])[] = [
  ['main.main@/app/main.go', 'main'],
  ['net/http.(*conn).serve@net/http/server.go', 'net/http'],
  ['github.com/acme/shop/v2.(*Cart).Add.func1@/app/cart.go', 'github.com/acme/shop/v2'],
  ['gopkg.in/yaml%2ev3.Unmarshal@yaml.go', 'gopkg.in/yaml.v3'],
  ['main.Map[go.shape.string,github.com/acme/x.T]@main.go', 'main'],
  ['memeqbody@internal/bytealg/equal_amd64.s', 'internal/bytealg'],
  ['net/http.HandlerFunc.ServeHTTP', 'net/http'],
  ['com/acme/shop/Cart.add', 'com.acme.shop'],
  ['com.acme.shop.Cart$Line.add', 'com.acme.shop'],
  ['kafka/log/UnifiedLog.$anonfun$append$2', 'kafka.log'],
  ['com.acme.Cart.add@Cart.java', 'com.acme'],
  ['tokio::runtime::park@/root/tokio/src/park.rs', 'tokio'],
  ['<&dyn core::ops::Fn<()> as core::ops::FnOnce>::call@x.rs', 'core'],
  ['next@/app/node_modules/express/lib/router/index.js', 'express'],
  ['f@/app/node_modules/a/node_modules/@acme/cart/index.js', '@acme/cart'],
  ['handle@/app/src/shop/cart.js', '/app/src/shop'],
  ['parse@node:internal/url', 'node:internal/url'],
  ['get@/usr/lib/python3/site-packages/requests/api.py', 'requests'],
  ['six@/usr/lib/python3/site-packages/six.py', 'six'],
  ['_load@<frozen importlib._bootstrap>', '<frozen importlib._bootstrap>'],
  ['call@gems/puma-5.6.7/lib/puma/server.rb', 'puma'],
  ['call@gems/rack-session-2.0.0/lib/a.rb', 'rack-session'],
  ['nothing!/lib/libz.so.1', '[libz.so.1]'],
  ['nothing', '?'],
];

for (const [frame, name] of packages) {
  test(`the package of ${frame} is ${name}`, () => {
    assert.equal(packageName(drawnFrame(frame)), name);
  });
}
