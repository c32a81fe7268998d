import type { Frame } from '../../model/frame.ts';
import { packageName } from '../../profile/view/package-name.ts';

/**
 * Which frames a sample is not attributed to: those of runtimes and standard libraries, which work for whoever called them.
 *
 *     main.main ; shop.(*Cart).Add ; strings.Repeat ; runtime.mallocgc        belongs to shop.(*Cart).Add
 */

/** The first parts of import paths that Go keeps for itself (`go list std`). `main` is a program's own. */
const goRoots = new Set(
  (
    'archive arena bufio builtin bytes cmp compress container context crypto database debug embed encoding errors expvar flag ' +
    'fmt go hash html image index internal io iter log maps math mime net os path plugin reflect regexp runtime simd slices ' +
    'sort strconv strings structs sync syscall testing text time unicode unique unsafe vendor weak'
  ).split(' '),
);
const rustCrates = new Set(['std', 'core', 'alloc', 'compiler_builtins']);
const javaPackages = /^(?:javax?|jdk|sun|com\.sun|kotlinx?|scala)(?:\.|$)/;
/** The C library, its loader, and what the kernel maps. */
const systemBinaries =
  /^\[(?:(?:lib(?:c|m|dl|rt|pthread|gcc_s|stdc\+\+)|ld(?:-linux[\w-]*|-musl-\w+)?)(?:-[\d.]+)?\.so[\w.]*|\[(?:vdso|vsyscall|vvar|kernel\.kallsyms[^\]]*)\][\w.]*)\]$/;
const pythonLibrary = /\/lib(?:64)?\/python\d[\w.]*\/(?!site-packages\/|dist-packages\/)/;

/** Whether a frame is of a runtime or of its language's standard library, and what module it is of. */
export class OwnerRules {
  readonly #skipped: readonly string[];

  /** `skipped`: further modules that own nothing, by the beginning of their names. */
  constructor(skipped: readonly string[]) {
    this.#skipped = skipped.filter((prefix) => prefix !== '');
  }

  /** Whether a frame may own samples. `module` is its `packageName`. */
  mayOwn(frame: Frame, module: string): boolean {
    return !isStandard(frame, module) && !this.#skipped.some((prefix) => module.startsWith(prefix));
  }
}

/** The module of a frame, as functions are told apart by. */
export function moduleOf(frame: Frame): string {
  return packageName(frame);
}

function isStandard({ function: fn, mapping }: Frame, module: string): boolean {
  // Nothing tells where it comes from: what a runtime has built in, such as `(garbage collector)`.
  if (module === '?') return true;
  if (!fn) return systemBinaries.test(module);
  const name = fn.name || fn.systemName;
  switch (languageOf(name, fn.file)) {
    case 'go':
      // `type:.eq.…` and `go:…` are made by the compiler; assembly of the runtime has no package in its name.
      return goRoots.has(firstPart(module)) || /^(?:type|go):/.test(name) || isGoAssembly(name, fn.file);
    case 'rust':
      return rustCrates.has(module) || fn.file.startsWith('/rustc/');
    case 'java':
      return javaPackages.test(module);
    case 'node':
      return /^(?:node:|internal\/)/.test(fn.file);
    case 'python':
      return fn.file.startsWith('<frozen ') || pythonLibrary.test(fn.file);
    case 'c++':
      return /^(?:std|__gnu_cxx|__cxxabiv1)::/.test(name) || systemBinaries.test(module);
    default:
      return systemBinaries.test(module) || (fn.file === '' && mapping?.file.endsWith('/node') === true);
  }
}

type Language = 'go' | 'rust' | 'java' | 'node' | 'python' | 'c++';

const extensions: Readonly<Record<Language, string>> = {
  go: 'go s',
  rust: 'rs',
  java: 'java kt scala groovy clj',
  node: 'js mjs cjs jsx ts mts cts tsx',
  python: 'py pyx',
  'c++': 'c cc cpp cxx h hh hpp tcc',
};
const languageOfExtension = new Map(
  Object.entries(extensions).flatMap(([language, endings]) =>
    endings.split(' ').map((ending) => [ending, language as Language] as const),
  ),
);
/** `com/acme/Cart.add`, `com.acme.Cart.add`; see `packageName`. */
const javaName = /^(?:[\w$]+\/)+[A-Z][\w$]*\.[^/]*$|^(?:[a-z]\w*\.){2,}[A-Z]/;

/** By the file, else by how the name is written. */
function languageOf(name: string, file: string): Language | undefined {
  if (file.startsWith('node:')) return 'node';
  if (file.startsWith('<frozen ')) return 'python';
  const extension = /\.([a-z]+)$/i.exec(file)?.[1]?.toLowerCase();
  if (extension !== undefined) return languageOfExtension.get(extension);
  if (name.includes('::')) return rustCrates.has(/^\W*(\w+)::/.exec(name)?.[1] ?? '') ? 'rust' : 'c++';
  if (javaName.test(name)) return 'java';
  return name.includes('.') ? 'go' : undefined;
}

function firstPart(path: string): string {
  const end = path.indexOf('/');
  return end < 0 ? path : path.slice(0, end);
}

/** `memeqbody` of `internal/bytealg`, `aeshashbody` of `runtime`: names without a package, in files of Go's own. */
function isGoAssembly(name: string, file: string): boolean {
  return (
    file.endsWith('.s') &&
    !name.includes('.') &&
    /(?:^|\/src\/)(?:internal\/)?(?:runtime|bytealg|crypto|math)\//.test(file)
  );
}
