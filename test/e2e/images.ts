import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hook } from '../support/e2e-hooks.ts';

/**
 * Builds the sidecar and the program as they are shipped, two releases of a test program and one with a known heap, and hands them to the hooks
 * `image` and `node-image`.
 */

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'flameherd-images-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const sidecar = join(folder, 'flameherd-sidecar');
execFileSync('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', sidecar, '.'], {
  cwd: join(root, 'deploy/sidecar'),
  env: { ...process.env, CGO_ENABLED: '0' },
  stdio: 'inherit',
});
await hook('image', 'flameherd-sidecar', sidecar);

for (const release of ['before', 'after']) {
  const name = `flameherd-prices-${release}`;
  const sources = ['main.go', `discount_${release}.go`].map((file) =>
    join(root, 'test/fixtures/programs/prices', file),
  );
  execFileSync('go', ['build', '-trimpath', '-o', join(folder, name), ...sources], {
    env: { ...process.env, CGO_ENABLED: '0' },
    stdio: 'inherit',
  });
  await hook('image', name, join(folder, name));
}

execFileSync('go', ['build', '-trimpath', '-o', join(folder, 'heap'), 'main.go'], {
  cwd: join(root, 'test/fixtures/programs/heap'),
  env: { ...process.env, CGO_ENABLED: '0' },
  stdio: 'inherit',
});
await hook('image', 'flameherd-heap', join(folder, 'heap'));

const app = join(folder, 'app');
mkdirSync(app);
const compiler = join(root, 'node_modules/.bin/tsc');
execFileSync(compiler, ['-p', join(root, 'tsconfig.build.json'), '--outDir', join(app, 'dist')], { stdio: 'inherit' });
for (const name of ['migrations', 'package.json', 'LICENSE'])
  cpSync(join(root, name), join(app, name), { recursive: true });
for (const from of packages()) {
  const to = join(app, relative(root, from));
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, filter: (path) => !path.slice(from.length).startsWith('/node_modules') });
}
// As the ENTRYPOINT of the Dockerfile.
await hook('node-image', 'flameherd', app, 'node', '--max-semi-space-size=16', '/app/dist/main.js');

/** The folders of what `npm ci --omit=dev` would install. */
function packages(): string[] {
  const listed = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: root, encoding: 'utf8' });
  return listed
    .split('\n')
    .slice(1)
    .filter((path) => path.startsWith(root));
}
