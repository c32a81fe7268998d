import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * `node prune.ts node_modules --cpu=x64`: removes from installed packages what no program loads at run time: types, source maps, sources
 * of native parts and their builds for other machines, tests and pages. Licences and notices stay. Prints what is left.
 */

const { positionals, values } = parseArgs({ allowPositionals: true, options: { cpu: { type: 'string' } } });
const [root = 'node_modules'] = positionals;
const cpu = values.cpu ?? process.arch;

/** Only types, or parts of another run time (Bare), which Node's conditions of import never choose. */
const unusedPackages = /^(@types\/.*|bare-.*|node-addon-api|@napi-rs\/.*-musl)$/;
/** At the top of a package; further down such names are code too. */
const unusedFolders = new Set([
  'test',
  'tests',
  '__tests__',
  'bench',
  'benchmark',
  'benchmarks',
  'example',
  'examples',
  'docs',
]);
/** Sources of a native part. */
const nativeSources: Readonly<Record<string, readonly string[]>> = { 'better-sqlite3': ['deps', 'src'] };
const unusedFiles =
  /(\.d\.[cm]?ts|\.[cm]?ts|\.tsx|\.map|\.md|\.markdown|\.cc|\.cpp|\.c|\.h|\.hpp|\.gypi?|\.bare|\.flow|\.tsbuildinfo|\.ya?ml|\.jpg|\.png|\.svg)$/i;
const kept = /licen[cs]e|notice|copying|authors/i;

const before = sizeOf(root);
for (const folder of packagesIn(root)) {
  const name = nameOf(folder);
  if (unusedPackages.test(name)) rmSync(folder, { recursive: true });
  else prunePackage(folder, name);
}
for (const extra of ['.bin', '.package-lock.json']) rmSync(join(root, extra), { recursive: true, force: true });
process.stdout.write(`${root}: ${megabytes(before)} before, ${megabytes(sizeOf(root))} after\n`);

/** Folders that hold a package, those inside of others too. */
function packagesIn(modules: string): string[] {
  if (!existsSync(modules)) return [];
  return readdirSync(modules, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap(({ name }) => {
      const folder = join(modules, name);
      return name.startsWith('@') ? packagesIn(folder) : [folder, ...packagesIn(join(folder, 'node_modules'))];
    });
}

function nameOf(folder: string): string {
  const scope = basename(dirname(folder));
  return scope.startsWith('@') ? `${scope}/${basename(folder)}` : basename(folder);
}

function prunePackage(folder: string, name: string): void {
  const { main = '' } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { main?: unknown };
  const mainFolder = String(main).replace(/^\.\//, '').split('/')[0] ?? '';
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const unused = entry.isDirectory()
      ? entry.name.startsWith('.') ||
        (unusedFolders.has(entry.name) && entry.name !== mainFolder) ||
        nativeSources[name]?.includes(entry.name)
      : entry.name.startsWith('.') || isUnused(entry.name);
    if (unused) rmSync(path, { recursive: true });
    else if (entry.name === 'prebuilds') prunePrebuilds(path);
    else if (entry.isDirectory() && entry.name !== 'node_modules') pruneFiles(path);
  }
}

function pruneFiles(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && isUnused(entry.name)) rmSync(join(entry.parentPath, entry.name));
  }
}

function isUnused(file: string): boolean {
  return unusedFiles.test(file) && !kept.test(file);
}

/** Native parts by machine: `linux-x64.node`, or `linux-x64/NAME.node.abi137.node` by version of Node. */
function prunePrebuilds(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const abi = /\.abi(\d+)\./.exec(entry.name)?.[1];
    const fits =
      path.includes(`linux-${cpu}`) &&
      !path.includes('musl') &&
      (abi ?? process.versions.modules) === process.versions.modules;
    if (!fits) rmSync(path);
  }
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
