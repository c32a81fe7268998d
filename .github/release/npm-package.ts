import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Makes the folder that is published to npm of what `npm run build` has made:
 *
 *     node .github/release/npm-package.ts FOLDER [BUILT, default dist]
 *
 * The repository's own package.json is private and its command runs the source, which Node does not do below node_modules.
 * Here the command is the built one, what only development needs is gone, and npm-shrinkwrap.json holds every package to the
 * version and the checksum that were tested.
 */
interface Manifest {
  readonly [key: string]: unknown;
  readonly dependencies: Readonly<Record<string, string>>;
}

interface Lock {
  readonly [key: string]: unknown;
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const [folder = '', built = join(root, 'dist')] = process.argv.slice(2);
if (folder === '') throw new Error('say the folder to make: node .github/release/npm-package.ts FOLDER');
if (!existsSync(join(built, 'main.js')) || !existsSync(join(built, 'ui'))) {
  throw new Error(`${built} has not both main.js and ui: run npm run build first`);
}
const besides = ['migrations', 'docs/runbooks', 'README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE'];
mkdirSync(folder, { recursive: true });
cpSync(built, join(folder, 'dist'), { recursive: true });
for (const name of besides) cpSync(join(root, name), join(folder, name), { recursive: true });
const manifest = published(read('package.json') as Manifest);
write('package.json', manifest);
write('npm-shrinkwrap.json', shrinkwrap(read('package-lock.json') as Lock, manifest));

/** npm takes a provenance only where `repository` is the one that the workflow runs in. */
function published(manifest: Manifest): Manifest {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = process.env;
  return {
    ...manifest,
    // JSON leaves out what is undefined.
    private: undefined,
    scripts: undefined,
    devDependencies: undefined,
    engines: { node: '>=24' },
    bin: { flameherd: 'dist/main.js' },
    files: ['dist', ...besides, 'npm-shrinkwrap.json'],
    publishConfig: { access: 'public', provenance: true },
    ...(server && repository ? { repository: { type: 'git', url: `git+${server}/${repository}.git` } } : {}),
  };
}

/** The lock file without what only development needs. */
function shrinkwrap(lock: Lock, { name, version, license, dependencies, engines, bin }: Manifest): Lock {
  const kept = Object.entries(lock.packages).filter(
    ([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional,
  );
  const itself = { name, version, license, dependencies, engines, bin };
  return { ...lock, packages: Object.fromEntries([['', itself], ...kept]) };
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(join(root, name), 'utf8'));
}

function write(name: string, content: unknown): void {
  writeFileSync(join(folder, name), `${JSON.stringify(content, null, 2)}\n`);
}
