/** What a name of a function says of where it comes from, in the languages that name functions with their package. */
export interface NameParts {
  /** `github.com/acme/shop`: hosts with two names after them, else the first name. */
  readonly module: string;
  /** `github.com/acme/shop/cart`. */
  readonly package: string;
  /** `cart.(*Basket).Add`: what is written into a box. */
  readonly short: string;
  /** Of the language's runtime or the system, not of a program. */
  readonly isRuntime: boolean;
}

const runtimes =
  /^(runtime|syscall|internal\/runtime|internal\/abi|internal\/poll|libc|libpthread|ld-linux|node:internal)\b|^\[|^\((?!anonymous)/;

export function partsOf(name: string): NameParts {
  // Type parameters and receivers may hold paths of their own.
  const head = /^.[^[(<{ ]*/s.exec(name)?.[0] ?? '';
  const slash = head.lastIndexOf('/');
  const own = packageOf(name, head, slash);
  return {
    module: moduleOf(own),
    package: own,
    short: slash < 0 ? name : name.slice(slash + 1),
    isRuntime: runtimes.test(name),
  };
}

function packageOf(name: string, head: string, slash: number): string {
  const file = /\b(?:file:\/\/)?([\w@./:-]+\.(?:[cm]?[jt]sx?|py|rb)\b)/.exec(name)?.[1];
  if (slash < 0 && file !== undefined) return file;
  const colons = head.lastIndexOf('::');
  if (colons > 0) return head.slice(0, colons);
  const classes = /^((?:[a-z_]\w*\.)+)[A-Z]\w*\./.exec(head)?.[1];
  if (classes !== undefined) return classes.slice(0, -1);
  const dot = head.indexOf('.', slash + 1);
  return dot < 0 ? head : head.slice(0, dot);
}

function moduleOf(path: string): string {
  const parts = path.split(/\/|::/);
  return parts.slice(0, parts[0]?.includes('.') ? 3 : 1).join('/');
}
