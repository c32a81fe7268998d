import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hook } from '../support/e2e-hooks.ts';

/**
 * Builds the images of the daemon and of the sidecar as they are shipped, two releases of a test program and one with a known heap, and
 * hands them to the hooks `import-image` and `image`.
 */

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'flameherd-images-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

execFileSync(join(root, 'deploy/image/build.sh'), [folder], { stdio: 'inherit' });
for (const name of ['flameherd', 'flameherd-sidecar']) await hook('import-image', join(folder, `${name}.tar`));

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
