import type { Frame } from '../../model/frame.ts';
import { nameOf } from './frame-test.ts';

/**
 * The package a frame belongs to, by the first rule that knows it:
 *
 *     binary of a frame without symbols    [libssl.so.3]
 *     folder of installed packages         …/node_modules/@acme/cart/… is @acme/cart; site-packages/…, gems/… alike
 *     module of Node.js, of Python         node:fs, <frozen importlib._bootstrap>
 *     Go                                   the import path: gopkg.in/yaml.v3
 *     Rust                                 the crate: tokio
 *     Java, Kotlin, Scala                  the package: com.acme.cart
 *     anything else                        the folder of its file, else its binary, else ?
 */
export function packageName(frame: Frame): string {
  const { function: fn } = frame;
  if (!fn) return binaryName(frame);
  const { file } = fn;
  return (
    installedPackage(file) ??
    (/^(?:node:|<)/.test(file) ? file : undefined) ??
    ownPackage(nameOf(frame), file) ??
    (folderOf(file) || binaryName(frame))
  );
}

/** The binary of a frame, in brackets as pprof has it; `?` when unknown. */
export function binaryName({ mapping }: Frame): string {
  const name = mapping?.file.slice(mapping.file.lastIndexOf('/') + 1) ?? '';
  return name === '' ? '?' : `[${name}]`;
}

function installedPackage(file: string): string | undefined {
  const node = lastAfter(file, 'node_modules/');
  if (node !== undefined) return /^(?:@[^/]+\/)?[^/]+/.exec(node)?.[0];
  const python = lastAfter(file, 'site-packages/') ?? lastAfter(file, 'dist-packages/');
  if (python !== undefined) return /^[^/]+?(?=\.py$|\/|$)/.exec(python)?.[0];
  const ruby = file.endsWith('.rb') ? lastAfter(file, 'gems/') : undefined;
  return ruby?.split('/', 1)[0]?.replace(/-\d[^]*$/, '');
}

function lastAfter(text: string, mark: string): string | undefined {
  const at = text.lastIndexOf(mark);
  return at < 0 ? undefined : text.slice(at + mark.length);
}

function ownPackage(name: string, file: string): string | undefined {
  const extension = /\.([a-z]+)$/i.exec(file)?.[1] ?? '';
  if (extension === 'go' || extension === 's') return goPackage(name);
  if (extension === 'rs') return rustCrate(name);
  if (/^(?:java|kt|scala|groovy|clj)$/.test(extension)) return javaPackage(name);
  if (extension !== '') return undefined;
  // Without a file, only the name tells.
  if (name.includes('::')) return rustCrate(name);
  return isJavaName.test(name) ? javaPackage(name) : goPackage(name);
}

/** `com/acme/Cart.add`, `com.acme.Cart.add`; but not Go's `net/http.HandlerFunc.ServeHTTP` or `main.Cart.Add`. */
const isJavaName = /^(?:[\w$]+\/)+[A-Z][\w$]*\.[^/]*$|^(?:[a-z]\w*\.){2,}[A-Z]/;

/**
 * The import path of a Go symbol: up to the first dot after the last slash; type arguments, which have paths of their own, do
 * not count. The linker writes dots of the path's last part as %2e.
 */
function goPackage(name: string): string | undefined {
  const bracket = name.indexOf('[');
  const plain = bracket < 0 ? name : name.slice(0, bracket);
  const dot = plain.indexOf('.', plain.lastIndexOf('/') + 1);
  if (dot <= 0) return undefined;
  return plain
    .slice(0, dot)
    .replace(/%[0-9a-f]{2}/g, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
}

function rustCrate(name: string): string | undefined {
  return /^(?:<|&|\*|mut |const |dyn |impl |\[|\()*([A-Za-z_]\w*)::/.exec(name)?.[1];
}

/** All before the class: the part before the method, in names with dots or slashes. */
function javaPackage(name: string): string | undefined {
  const bracket = name.indexOf('(');
  const method = name.slice(0, bracket < 0 ? name.length : bracket).lastIndexOf('.');
  const type = name.slice(0, Math.max(0, method)).replaceAll('/', '.');
  const end = type.lastIndexOf('.');
  return end <= 0 ? undefined : type.slice(0, end);
}

function folderOf(file: string): string {
  const end = file.lastIndexOf('/');
  return end < 0 ? '' : end === 0 ? '/' : file.slice(0, end);
}
