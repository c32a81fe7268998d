import type { Frame } from '../../model/frame.ts';
import type { ViewPreset } from '../../model/view.ts';
import { nameOf } from './frame-test.ts';

/** Whether a frame is one that the presets hide; undefined without presets. */
export function presetTest(presets: readonly ViewPreset[]): ((frame: Frame) => boolean) | undefined {
  if (presets.length === 0) return undefined;
  const tests = [...new Set(presets)].map((preset) => testOf[preset]);
  return (frame) => tests.some((isHidden) => isHidden(frame));
}

const testOf: Readonly<Record<ViewPreset, (frame: Frame) => boolean>> = { runtime: isRuntime, libc: isLibc };

interface RuntimeRule {
  /** Matched against the function's name. */
  readonly name?: RegExp;
  /** Matched against the function's file, and against how it ends; all that a rule has must match. */
  readonly file?: RegExp;
  readonly fileEnd?: RegExp;
  /** Matched against the last part of the binary's path. */
  readonly binary?: RegExp;
}

/**
 * Frames of the runtimes themselves, not of the libraries that come with them: `runtime/pprof.Do`, `node:fs` and
 * `java.util` stay. The expressions are of this page, not of a user; none may take more than
 * linear time, for names and files are whatever a program wrote.
 */
const runtimeRules: readonly RuntimeRule[] = [
  // Go: its scheduler, allocator and collector. A file is asked for, since other languages have things called `runtime.` too.
  {
    name: /^(?:runtime|runtime\/internal\/[^.]*|internal\/runtime\/[^.]*|runtime\/cgo)\./,
    fileEnd: /^$|\.(?:go|s|c)$/,
  },
  // Go's assembly and C have no package in their names.
  { name: /^[^./]*(?:\.abi0)?$/, file: /(?:^|\/src\/)(?:internal\/)?runtime\//, fileEnd: /\.[sc]$/ },
  // Node.js: its internals, its binary, and what V8 does outside of JavaScript.
  { file: /^node:internal\// },
  { binary: /^node$/ },
  { name: /^(?:\((?:garbage collector|program|idle|external)\)|Garbage Collection|Node\.js)$/, file: /^$/ },
  // JVM: reflection, lambdas, threads; the virtual machine's own code.
  { name: /^(?:jdk[./]internal|sun|java[./]lang[./](?:invoke|reflect))[./]|^java[./]lang[./]Thread\.run(?:With|0|$)/ },
  { binary: /^libjvm\.(?:so|dylib)$/ },
  // Python: the import system and the interpreter.
  { file: /^<frozen / },
  { binary: /^(?:libpython\d[\w.]*\.(?:so|dylib)[\w.]*|python\d?(?:\.\d+)?)$/ },
  // Ruby.
  { file: /^<internal:/ },
  { binary: /^(?:libruby[\w.-]*\.(?:so|dylib)[\w.]*|ruby)$/ },
  // Rust: start, unwinding, and the shims that call closures.
  {
    name: /^(?:<|&|dyn )*(?:std::(?:rt|sys|sys_common|panic|panicking|thread)|core::(?:ops::function|panicking))::|^(?:_?_rust_|rust_begin_unwind)/,
  },
];

function isRuntime(frame: Frame): boolean {
  const name = nameOf(frame);
  const file = frame.function?.file ?? '';
  const binary = binaryOf(frame);
  return runtimeRules.some((rule) => {
    if (rule.binary) return rule.binary.test(binary);
    return (
      frame.function !== undefined &&
      (rule.name?.test(name) ?? true) &&
      (rule.file?.test(file) ?? true) &&
      (rule.fileEnd?.test(file.slice(-8)) ?? true)
    );
  });
}

/** glibc, musl and macOS: the C library, its threads, and the dynamic linker. */
const libcBinary =
  /^(?:libc|libpthread)(?:[.-][\w.-]*)?\.so[\d.]*$|^ld(?:-[\w.-]+)?\.so[\d.]*$|^libsystem_[a-z]+\.dylib$|^dyld$/;
/** What a C library puts below `main` and below a thread's function, also where it is linked in. */
const libcStart = /^(?:_start|start_thread|__?clone3?|clone3?|__libc_start_\w+|__libc_start_main@\w+)$/;

function isLibc(frame: Frame): boolean {
  return libcBinary.test(binaryOf(frame)) || libcStart.test(nameOf(frame));
}

/** File systems take names of 255 bytes, so what is longer is no file's name. */
function binaryOf({ mapping }: Frame): string {
  const name = mapping?.file.slice(mapping.file.lastIndexOf('/') + 1) ?? '';
  return name.length > 255 ? '' : name;
}
