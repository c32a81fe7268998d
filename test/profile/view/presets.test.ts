import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ViewPreset } from '../../../src/model/view.ts';
import { presetTest } from '../../../src/profile/view/presets.ts';
import { assertView, drawnFrame } from '../../support/view-drawing.ts';

const hiddenBy: Readonly<Record<ViewPreset, readonly string[]>> = {
  runtime: [
    'runtime.goexit@runtime/asm_amd64.s',
    'runtime.(*mcache).refill@/usr/local/go/src/runtime/mcache.go',
    'runtime.mallocgc',
    'internal/runtime/maps.(*Map).Get@internal/runtime/maps/map.go',
    'runtime/internal/atomic.Cas@x.go',
    'gosave_systemstack_switch@/usr/local/go/src/runtime/asm_amd64.s',
    'run@node:internal/modules/esm/module_job',
    '(garbage collector)',
    '0x12!/usr/local/bin/node',
    'jdk/internal/reflect/DirectMethodHandleAccessor.invoke',
    'java.lang.reflect.Method.invoke@Method.java',
    'java/lang/Thread.run',
    '0x12!/usr/lib/jvm/lib/server/libjvm.so',
    '_load@<frozen importlib._bootstrap>',
    '_PyEval_EvalFrameDefault!/usr/lib/libpython3.12.so.1.0',
    'tap@<internal:kernel>',
    'rb_vm_exec!/usr/lib/libruby-3.1.so.3.1',
    'std::rt::lang_start::{{closure}}@rt.rs',
    'core::ops::function::FnOnce::call_once@function.rs',
  ],
  libc: [
    '0x12!/lib/x86_64-linux-gnu/libc-2.31.so',
    'read!/lib/x86_64-linux-gnu/libc.so.6',
    '0x12!/lib/libpthread-2.15.so',
    '0x12!/lib64/ld-linux-x86-64.so.2',
    '0x12!/lib/ld-musl-x86_64.so.1',
    '__libc_start_main!/app/shop',
    'start_thread',
    '_start!/app/shop',
  ],
};

const shown = [
  'main.main@main.go',
  'runtime/pprof.Do@runtime/pprof/runtime.go',
  'runtimex.f@x.go',
  'runtime.run@runtime.py',
  'github.com/acme/runtime.Start@/app/runtime/start.go',
  'readFile@node:fs',
  'java/util/HashMap.get',
  'com.acme.sun.Ray.cast',
  'std::collections::HashMap::get@map.rs',
  '0x12!/usr/lib/libcurl.so.4',
  '0x12!/usr/lib/libcrypto.so.3',
  'clone_cart!/app/shop',
  'start',
];

for (const preset of ['runtime', 'libc'] as const) {
  test(`the preset ${preset} hides its own frames and no others`, () => {
    const isHidden = presetTest([preset]);
    const others = [...shown, ...hiddenBy[preset === 'libc' ? 'runtime' : 'libc']];
    assert.deepEqual(
      hiddenBy[preset].filter((frame) => !isHidden?.(drawnFrame(frame))),
      [],
    );
    assert.deepEqual(
      others.filter((frame) => isHidden?.(drawnFrame(frame))),
      [],
    );
  });
}

test('presets hide together with hide, and their samples count in what called them', () => {
  assertView(
    'runtime.main@runtime/proc.go;main.main;net.read;runtime.futex@runtime/sys.s;0x1!/lib/libc.so.6 3 \n runtime.gc@x.go 1',
    { presets: ['runtime', 'libc'], filters: { hide: '^net' } },
    'main.main 3 \n - 1',
  );
});
