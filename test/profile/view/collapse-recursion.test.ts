import { test } from 'node:test';
import { assertView } from '../../support/view-drawing.ts';

const collapsed = { collapseRecursion: true };

test('a function that calls itself stands once', () => {
  assertView('main;fib;fib;fib 3 \n main;fib 1 \n main 2', collapsed, 'main;fib 4 \n main 2');
});

test('functions that call each other stand once each', () => {
  assertView('main;even;odd;even;odd;leaf 3', collapsed, 'main;even;odd;leaf 3');
  assertView('walk;visit;walk;visit;read 2 \n walk;visit;read 1', collapsed, 'walk;visit;read 3');
});

test('a stack that ends in a later call ends at the first', () => {
  assertView('main;even;odd;even 3', collapsed, 'main;even 3');
  assertView('a;b;c;b;d 1 \n a;b;c;b 2 \n a;b;c 4', collapsed, 'a;b;c;d 1 \n a;b 2 \n a;b;c 4');
});

test('stacks beside each other do not know of each other', () => {
  assertView('main;a;b 1 \n main;b;a 2 \n a 4', collapsed, 'main;a;b 1 \n main;b;a 2 \n a 4');
});

test('what was inlined into a call that is left out stands for itself', () => {
  assertView('a;b;a;^c;^d 1', collapsed, 'a;b;c;^d 1');
});

test('functions are told apart as they are shown', () => {
  const lines = 'main@m.go:1;main@m.go:2;main@m.go:1 1';
  assertView(lines, { ...collapsed, granularity: 'lines' }, 'main m.go:1 1');
  assertView(lines, collapsed, 'main 1');
  assertView('a@x.go;b@y.go;c@x.go;d@z.go 1', { ...collapsed, granularity: 'files' }, 'x.go;y.go;z.go 1');
});
