import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** A package that package.json names. */
export interface Dependency {
  readonly name: string;
  readonly isForDevelopment: boolean;
  /** Why it is used, in the words of docs/decisions/0002-packages.md; undefined where it says nothing. */
  readonly reason: string | undefined;
  readonly version: string;
  readonly license: string;
  readonly bytes: number;
  /** What it brings along, all of it: other dependencies may bring the same. */
  readonly brings: readonly string[];
  readonly bringsBytes: number;
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
const decision = readFileSync(join(root, 'docs/decisions/0002-packages.md'), 'utf8');

/** By path: `node_modules/a`, `node_modules/a/node_modules/b`. Without the project itself. */
export const locked: ReadonlyMap<string, LockedPackage> = new Map(
  Object.entries(
    (
      JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
        packages: Readonly<Record<string, LockedPackage>>;
      }
    ).packages,
  ).filter(([path]) => path !== ''),
);

export function dependencies(): Dependency[] {
  const named = [
    ...Object.keys(manifest.dependencies).map((name) => ({ name, isForDevelopment: false })),
    ...Object.keys(manifest.devDependencies).map((name) => ({ name, isForDevelopment: true })),
  ];
  return named.map(({ name, isForDevelopment }) => {
    const path = `node_modules/${name}`;
    const { version = '?', license = '?' } = locked.get(path) ?? {};
    const brings = [...broughtBy(path)].filter((other) => other !== path && installedBytes(other) > 0);
    return {
      name,
      isForDevelopment,
      reason: reasonOf(name),
      version,
      license,
      bytes: installedBytes(path),
      brings,
      bringsBytes: sumOf(brings.map(installedBytes)),
    };
  });
}

/** Packages that are installed for those who run the program. */
export function shippedPaths(): string[] {
  return [...locked]
    .filter(([path, { dev, devOptional }]) => dev !== true && devOptional !== true && installedBytes(path) > 0)
    .map(([path]) => path);
}

/** The bytes of its files, without those of packages inside of it; 0 where it is not installed, as for another platform. */
export function installedBytes(path: string): number {
  return folderBytes(join(root, path));
}

/** The row of the table that names it, or the parentheses after its name among what is for development only. */
function reasonOf(name: string): string | undefined {
  const types = /^@types\/(.+)$/.exec(name);
  if (types) return `types of ${types[1]}`;
  for (const [, names = '', reason = ''] of decision.matchAll(/^\| (.+?) \| .+? \| (.+?) \|$/gm)) {
    if (names.split(', ').includes(name)) return reason;
  }
  const [, development = ''] = /^Development only: ([\s\S]+)$/m.exec(decision) ?? [];
  const plain = development.replaceAll('\n', ' ');
  const escaped = name.replaceAll(/[/.]/g, String.raw`\$&`);
  const [, reason] = new RegExp(`(?:^|[ ,])${escaped}(?: with \\S+)? \\(([^)]+)\\)`).exec(plain) ?? [];
  return reason;
}

function broughtBy(path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  const here = locked.get(path);
  if (!here) return found;
  found.add(path);
  for (const name of Object.keys({ ...here.dependencies, ...here.optionalDependencies })) {
    const resolved = resolve(path, name);
    if (resolved !== undefined) broughtBy(resolved, found);
  }
  return found;
}

/** As Node looks for it: inside the package, then in the folders above. */
function resolve(from: string, name: string): string | undefined {
  for (let folder = from; ; ) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (locked.has(path)) return path;
    if (folder === '') return undefined;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')));
  }
}

function folderBytes(folder: string): number {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return stats?.size ?? 0;
  return sumOf(
    readdirSync(folder)
      .filter((name) => name !== 'node_modules')
      .map((name) => folderBytes(join(folder, name))),
  );
}

function sumOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
