/**
 * The name by which two builds of a program are compared. Go numbers closures and wrappers as they stand in their function,
 * so another one before them renames them all, and Go 1.27 names nested ones differently: `shop.serve.func1.2` and
 * `shop.serve.func3` are both `shop.serve.func`. Closures of package variables are `glob..func1` up to Go 1.20 and
 * `init.func1` since.
 */
export function comparedName(name: string): string {
  if (!mayBeGenerated.test(name)) return name;
  return name
    .replace('.glob..func', '.init.func')
    .replace(closures, '.func')
    .replace(wrappers, '.$1')
    .replace(rangeBodies, '');
}

const mayBeGenerated = /\.(?:func|gowrap|deferwrap)\d|-range\d/;
/** One closure in another is one as well: `.func1.2`, `.func1.func2`. */
const closures = /(?:\.func\d+(?:-range\d+)?(?:\.\d+)*)+(?!\w)/g;
const wrappers = /\.(gowrap|deferwrap)\d+(?:\.\d+)*(?!\w)/g;
/** The body of a `for … range` over a function is a function of its own. */
const rangeBodies = /-range\d+/g;
