import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname, '../..');
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
const stages = dockerfile.split(/^FROM /m);
const finalStage = stages.at(-1) ?? '';

/** What a stage takes of the project, as paths from its root. */
function copied(stage: string): string[] {
  return [...stage.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) => paths.split(' '));
}

/** Files and folders outside of src that the code reads from beside itself. */
function readBesideTheCode(): string[] {
  const source = join(root, 'src');
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('ui/'))
    .flatMap((file) => {
      const text = readFileSync(join(source, file), 'utf8');
      const paths = [...text.matchAll(/new URL\('(\.\.\/[^']+)', import\.meta\.url\)/g)].map(([, path = '']) => path);
      return paths.map((path) => relative(root, resolve(dirname(join(source, file)), path)));
    })
    .filter((path) => path !== '' && !path.startsWith('src'));
}

test('the image has all that the code reads from beside itself', () => {
  const built = ['dist', 'node_modules'];
  const there = [...copied(finalStage), ...built];
  const read = readBesideTheCode();
  assert.ok(read.includes('migrations') && read.includes('docs/runbooks'), read.join());
  const missing = read.filter((path) => !there.some((each) => path === each || path.startsWith(`${each}/`)));
  assert.deepEqual(missing, []);
});

test('what the Dockerfile copies is there, and .dockerignore lets it through', () => {
  const patterns = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
  const allowed = patterns.filter((line) => line.startsWith('!')).map((line) => line.slice(1).replace(/\/\*\.ts$/, ''));
  assert.ok(patterns.includes('*'), 'everything else stays out');
  const wanted = [...new Set(stages.flatMap(copied))];
  assert.ok(wanted.length > 5);
  assert.deepEqual(
    wanted.filter((path) => !existsSync(join(root, path))),
    [],
  );
  assert.deepEqual(
    wanted.filter((path) => !allowed.some((each) => path === each || path.startsWith(`${each}/`))),
    [],
  );
});

test('both images are labelled with the version of package.json, and run as a user of no name', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  for (const text of [dockerfile, readFileSync(join(root, 'deploy/sidecar/Dockerfile'), 'utf8')]) {
    assert.match(text, new RegExp(`^ARG VERSION=${version.replaceAll('.', '\\.')}$`, 'm'));
    assert.match(text, /^USER 65532:65532$/m);
    for (const name of ['version', 'revision', 'source', 'licenses'])
      assert.ok(text.includes(`org.opencontainers.image.${name}=`), name);
  }
});

test('no instruction of the final stages needs a shell', () => {
  assert.doesNotMatch(finalStage, /^RUN /m);
  for (const name of ['ENTRYPOINT', 'CMD', 'HEALTHCHECK'])
    assert.match(finalStage, new RegExp(`^${name} (?:.* CMD )?\\["`, 'm'), name);
});
